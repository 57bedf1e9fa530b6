"""Whether the app on Slack is ours, may do what the desk needs, and can be handed what people say."""

from aiohttp import ClientSession

from chatops.adapters.slack.manifest import APP_SCOPE, SCOPES
from chatops.checkup.bot_api import Silence
from chatops.checkup.findings import Finding, Level
from chatops.checkup.slack_api import Said, SlackApi
from chatops.settings import RoomSettings, Settings, SlackSettings

AREA = "slack"
ROOMS = "rooms"
#: Where a person clicks.
_APP = "api.slack.com/apps, your app"


async def check_slack(settings: Settings) -> list[Finding]:
    """Ask who the bot token is, what it may do, whether the way in is open, and then for every room."""
    slack = settings.slack
    if slack is None:
        return []
    async with ClientSession() as session:
        api = SlackApi(session, slack.base_url, slack.bot_token.get_secret_value())
        found: list[Finding] = []
        try:
            answer = await api.ask("auth.test")
            if not answer.ok:
                return [_refused(answer, "bot_token", f"{_APP}, OAuth & Permissions, Bot User OAuth Token")]
            found += _judge_bot(answer)
            found += await _judge_way(session, slack)
            for room in settings.rooms:
                if room.platform == AREA:
                    found += _judge_room(room, await _look(api, room))
        except Silence as error:
            todo = "See that this machine reaches it, and that slack.base_url is right."
            found.append(Finding(AREA, Level.ERROR, f"Slack cannot be reached: {error}", todo))
    return found


def _refused(answer: Said, token: str, where: str) -> Finding:
    return Finding(
        AREA,
        Level.ERROR,
        f"{token} is not accepted ({answer.error})",
        f"{where}: put it in slack.{token}_file; a revoked one is void.",
    )


def _judge_bot(answer: Said) -> list[Finding]:
    name, team = answer.told.get("user", "?"), answer.told.get("team", "?")
    found = [Finding(AREA, Level.OK, f"bot_token is that of {name} in {team}")]
    missing = [scope for scope in SCOPES if scope not in answer.scopes] if answer.scopes else []
    found += [
        Finding(
            AREA,
            Level.ERROR,
            f"the scope {scope} is missing: it is for {SCOPES[scope]}",
            f"{_APP}, OAuth & Permissions, Bot Token Scopes, Add; then Reinstall to Workspace.",
        )
        for scope in missing
    ]
    return found


async def _judge_way(session: ClientSession, slack: SlackSettings) -> list[Finding]:
    if slack.listen is not None:
        what = f"Slack calls, and that has to come to {slack.listen}: nobody can tell from here whether it does"
        todo = f"{_APP}, Event Subscriptions: the Request URL says Verified while the desk runs."
        return [Finding(AREA, Level.OK, what, todo)]
    assert slack.app_token is not None
    app = SlackApi(session, slack.base_url, slack.app_token.get_secret_value())
    # It makes an address that is good once, and that nobody uses.
    answer = await app.ask("apps.connections.open")
    if answer.ok:
        return [Finding(AREA, Level.OK, "app_token opens sockets")]
    if answer.error == "ratelimited":
        return [Finding(AREA, Level.WARNING, "whether app_token opens sockets is not known: asked too often", "Later.")]
    if answer.error == "missing_scope":
        what = f"app_token lacks the scope {APP_SCOPE}: without it nobody is heard"
        todo = f"{_APP}, Basic Information, App-Level Tokens: generate one with {APP_SCOPE}."
        return [Finding(AREA, Level.ERROR, what, todo)]
    return [_refused(answer, "app_token", f"{_APP}, Basic Information, App-Level Tokens; Socket Mode has to be on")]


async def _look(api: SlackApi, room: RoomSettings) -> Said:
    if room.id.startswith(("U", "W")):
        return await api.ask("users.info", user=room.id)
    return await api.ask("conversations.info", channel=room.id)


def _judge_room(room: RoomSettings, answer: Said) -> list[Finding]:
    if answer.error == "missing_scope":
        # Said above, for all rooms.
        return []
    if not answer.ok:
        what = f"{room.name} ({room.id}) is not there, or the app is not in it ({answer.error})"
        return [
            Finding(ROOMS, Level.ERROR, what, "In that channel: /invite @quarterdeck, or see that its id is right.")
        ]
    if "user" in answer.told:
        return [Finding(ROOMS, Level.OK, f"{room.name} is {answer.told['user'].get('name', '?')} by themselves")]
    channel = answer.told.get("channel") or {}
    name = channel.get("name", "?")
    if channel.get("is_archived"):
        return [Finding(ROOMS, Level.ERROR, f"{room.name} (#{name}) is archived", "Unarchive it, or name another one.")]
    if not channel.get("is_member"):
        what = f"the app is not in {room.name} (#{name}): it can say nothing there"
        return [Finding(ROOMS, Level.ERROR, what, "In that channel: /invite @quarterdeck.")]
    return [Finding(ROOMS, Level.OK, f"{room.name} is the channel #{name}")]
