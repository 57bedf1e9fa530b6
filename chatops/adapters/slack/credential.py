"""The tokens in use, which are read anew when Slack does not take them any more."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from chatops.adapters.slack.api import SlackApi

log = logging.getLogger(__name__)

#: Reads the bot token and, where there is one, the app token, where the settings say that they stand. Raises
#: `ValueError` with what is wrong there.
Reread = Callable[[], tuple[str, str | None]]


class Credential:
    """The tokens of one app. Without `reread` they stay as they are; `is_ours` says whose those in use are."""

    def __init__(
        self,
        bot: tuple[SlackApi, str],
        app: tuple[SlackApi, str] | None,
        reread: Reread | None,
        is_ours: Callable[[], Awaitable[bool]],
    ) -> None:
        self._bot, bot_token = bot
        self._app = None if app is None else app[0]
        #: What was read last.
        self._read = self._used = (bot_token, None if app is None else app[1])
        self._reread = reread
        self._is_ours = is_ours
        self._said = ""

    async def renew(self) -> bool:
        """Read them anew, and use them from now on; whether one is another one."""
        if self._reread is None:
            return False
        try:
            found = await asyncio.to_thread(self._reread)
        except (OSError, ValueError) as error:
            self._say(f"the tokens cannot be read anew: {error}")
            return False
        if found == self._read:
            return False
        before, self._read = self._used, found
        self._use(found)
        if not await self._is_ours():
            # Messages, buttons and rooms belong to the app that made them.
            self._use(before)
            self._say("the new token is that of another app: restart the desk to use it")
            return False
        self._said = ""
        log.info("slack: the tokens were read anew")
        return True

    def _use(self, tokens: tuple[str, str | None]) -> None:
        self._used = bot_token, app_token = tokens
        self._bot.use_token(bot_token)
        if self._app is not None and app_token is not None:
            self._app.use_token(app_token)

    def _say(self, what: str) -> None:
        if what != self._said:
            self._said = what
            log.warning("slack: %s", what)
