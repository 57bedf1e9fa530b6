"""What the way in asks of Slack: who we are, who somebody is, and where to listen."""

from collections.abc import Mapping
from typing import Any

from chatops.adapters.base import Fault
from chatops.adapters.slack.api import SlackApi
from chatops.adapters.slack.errors import Refused, SlackError, send_error
from chatops.adapters.slack.inbound import Me
from chatops.adapters.slack.line import Lost

_ON_ALL = (
    "the app was installed on a whole organization, and a desk is on one workspace: install it there, at "
    "api.slack.com/apps, your app, Install App"
)
_NO_SOCKET = (
    "slack.app_token opens no socket: it begins with xapp- and has the scope connections:write, see "
    "api.slack.com/apps, your app, Basic Information, App-Level Tokens"
)


class Inquiry:
    """Questions of the bot's account, and with `app` those of the app's. All raise `Lost`."""

    def __init__(self, bot: SlackApi, app: SlackApi | None) -> None:
        self._bot = bot
        self._app = app

    async def me(self) -> Me:
        """Our own account."""
        told = await _asked(self._bot, "auth.test", {})
        if told.get("is_enterprise_install") is True:
            # Who is meant by a member id would be for each workspace to say, and who may see the app too.
            raise Lost(_ON_ALL, to_mend=True)
        user, team, enterprise = told.get("user_id"), told.get("team_id"), told.get("enterprise_id")
        if not isinstance(user, str) or not isinstance(team, str):
            raise Lost("auth.test did not say who we are")
        return Me(user, team, enterprise if isinstance(enterprise, str) else "")

    async def member(self, member: str) -> Mapping[str, Any]:
        """What Slack tells of somebody."""
        user = (await _asked(self._bot, "users.info", {"user": member})).get("user")
        if not isinstance(user, dict):
            raise Lost("users.info told nothing of them")
        return user

    async def is_in(self, channel: str) -> bool:
        """Whether we are a member there, and may speak. A private channel that we are not in does not exist for us."""
        try:
            answer = await self._bot.call("conversations.info", {"channel": channel})
        except Refused as error:
            if error.code == "channel_not_found":
                return False
            raise _lost(error) from error
        except SlackError as error:
            raise _lost(error) from error
        told = answer.get("channel")
        return not isinstance(told, dict) or (
            told.get("is_member") is not False and told.get("is_archived") is not True
        )

    async def ticket(self) -> str:
        """The address of a socket, good once."""
        assert self._app is not None
        try:
            url = (await self._app.call("apps.connections.open", {})).get("url")
        except SlackError as error:
            lost = _lost(error)
            if isinstance(error, Refused) and lost.to_mend:
                raise Lost(f"{_NO_SOCKET} ({error.code})", to_mend=True) from error
            raise lost from error
        if not isinstance(url, str):
            raise Lost("apps.connections.open gave no address")
        return url


async def _asked(api: SlackApi, method: str, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        return await api.call(method, parameters)
    except SlackError as error:
        raise _lost(error) from error


def _lost(error: SlackError) -> Lost:
    meant = send_error(error)
    to_mend = meant.fault in (Fault.DEAD_CREDENTIAL, Fault.REFUSED)
    return Lost(str(meant), to_mend=to_mend, wait_s=meant.wait_s)
