"""The token in use, which is read anew when Telegram does not take it any more."""

import asyncio
import logging
from collections.abc import Callable

from chatops.adapters.telegram.api import BotApi

log = logging.getLogger(__name__)

#: Reads the token where the settings say that it stands. Raises `ValueError` with what is wrong there.
Reread = Callable[[], str]


class Credential:
    """The token of one bot. Without `reread` it stays as it is."""

    def __init__(self, api: BotApi, token: str, reread: Reread | None) -> None:
        self._api = api
        self._token = token
        self._reread = reread
        self._said = ""

    @property
    def bot_id(self) -> int:
        """The account that the token is for. A new token of the same bot keeps it."""
        return _bot_id(self._token)

    async def renew(self) -> bool:
        """Read the token anew, and use it from now on; whether it is another one."""
        if self._reread is None:
            return False
        try:
            token = await asyncio.to_thread(self._reread)
            found = _bot_id(token)
        except (OSError, ValueError) as error:
            self._say(f"the token cannot be read anew: {error}")
            return False
        if token == self._token:
            return False
        if found != self.bot_id:
            # Rooms, buttons and menus belong to the bot that made them.
            self._say(f"the new token is that of another bot ({found}, not {self.bot_id}): restart the desk to use it")
            return False
        self._token, self._said = token, ""
        self._api.use_token(token)
        log.info("telegram: the token was read anew")
        return True

    def _say(self, what: str) -> None:
        if what != self._said:
            self._said = what
            log.warning("telegram: %s", what)


def _bot_id(token: str) -> int:
    bot_id, _, _ = token.partition(":")
    if not (bot_id.isascii() and bot_id.isdecimal()):
        # The text is not repeated: it may be a secret in the wrong form.
        raise ValueError("that is no token of Telegram")
    return int(bot_id)
