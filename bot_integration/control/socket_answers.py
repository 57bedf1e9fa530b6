"""What a bot answers to what is asked on its control socket."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

from bot_integration.bot import Bot
from bot_integration.commands import CommandResult, KillSwitch, Outcome, SetParameter
from bot_integration.control.socket_board import Board
from bot_integration.control.socket_wire import (
    Asked,
    Execute,
    Foretell,
    Recall,
    SetKillSwitch,
    UpdateConfig,
    error_line,
    line,
)
from bot_integration.control.wire import ErrorCode
from bot_integration.errors import Refused, Unreachable
from bot_integration.state import Parameter
from bot_integration.unsaid import HIDDEN, without

log = logging.getLogger(__name__)

#: Who asked, where he does not say.
NOBODY = "control socket"
#: How long a change may wait to be started, where its asker gives no moment of his own.
MAY_WAIT = timedelta(seconds=30)

_TYPES: dict[str, tuple[type, ...]] = {
    "bool": (bool,),
    "boolean": (bool,),
    "int": (int,),
    "integer": (int,),
    "float": (int, float),
    "number": (int, float),
    "decimal": (int, float),
    "str": (str,),
    "string": (str,),
    "text": (str,),
}


class Answers:
    """Answers for one bot, on the loop of its socket. The state that shows what was done is told before the answer."""

    def __init__(self, bot: Bot, board: Board, now: Callable[[], datetime]) -> None:
        self._bot = bot
        self._board = board
        self._now = now

    async def to(self, asked: Asked) -> bytes:
        """The line that answers it. Nothing is raised."""
        said = asked.model_dump(mode="json", by_alias=True, fallback=str)
        try:
            return await self._answer(asked)
        except Refused as refusal:
            return error_line(ErrorCode.REFUSED, str(refusal), said)
        except Unreachable as error:
            return error_line(ErrorCode.UNREACHABLE, str(error), said)
        except Exception:
            log.exception("the control socket of %s broke on %s", self._bot.name, asked.type)
            return error_line(ErrorCode.BROKEN, "The bot broke on this. Its log has the whole story.", said)

    async def _answer(self, asked: Asked) -> bytes:
        match asked:
            case UpdateConfig():
                return await self._update(asked)
            case SetKillSwitch():
                return await self._set_kill_switch(asked)
            case Execute():
                command = asked.command
                result = await self._bot.execute(command)
                await self._board.look()
                return line(type="command_result", id=command.id, result=result)
            case Recall():
                recalled = await self._bot.recall(asked.id)
                await self._board.look()
                return line(type="recall_result", id=asked.id, result=recalled)
            case Foretell():
                command = asked.command
                return line(type="preview_result", id=command.id, preview=await self._bot.preview(command))
            case _:
                return error_line(ErrorCode.MALFORMED, "The token is asked for once, as the first line.")

    async def _update(self, asked: UpdateConfig) -> bytes:
        known = self._parameter(asked.key)
        secret = known is not None and known.secret
        old = None if known is None or secret else known.value
        error = _objection(asked, known)
        if error is None:
            result = await self._bot.execute(
                SetParameter(
                    id=asked.id or uuid4(),
                    by=asked.by or NOBODY,
                    not_after=asked.not_after or self._now() + MAY_WAIT,
                    key=asked.key,
                    value=asked.value,
                )
            )
            await self._board.look()
            error = _error_in(result)
        if error is not None and secret:
            error = without(error, str(asked.value))
        after = self._parameter(asked.key)
        # What it is by the bot's own words: it may have rounded, or been asked by somebody else since.
        new = None if after is None or secret else after.value
        about = {} if asked.id is None else {"id": asked.id}
        return line(type="update_config_ack", key=asked.key, old=old, new=new, ok=error is None, error=error, **about)

    async def _set_kill_switch(self, asked: SetKillSwitch) -> bytes:
        result = await self._bot.execute(
            KillSwitch(
                id=asked.id or uuid4(),
                by=asked.by or NOBODY,
                not_after=asked.not_after or self._now() + MAY_WAIT,
                active=asked.activate,
            )
        )
        await self._board.look()
        snapshot, error = self._bot.snapshot(), _error_in(result)
        about = {} if asked.id is None else {"id": asked.id}
        active = None if snapshot is None else snapshot.session.pause.kill_switch
        return line(type="kill_switch_ack", active=active, ok=error is None, error=error, **about)

    def _parameter(self, key: str) -> Parameter | None:
        snapshot = self._bot.snapshot()
        return None if snapshot is None else next((one for one in snapshot.parameters if one.key == key), None)


def _objection(asked: UpdateConfig, known: Parameter | None) -> str | None:
    """Why the bot need not even be asked."""
    if known is None:
        return f"No parameter is called {asked.key}."
    if not known.hot:
        stays = HIDDEN if known.secret else known.value
        return f"{asked.key} cannot change while the bot runs. It is {stays}."
    types = _TYPES.get(known.type.strip().casefold())
    # A bool is an int in Python, and nowhere else.
    if types is not None and (
        not isinstance(asked.value, types) or (isinstance(asked.value, bool) and bool not in types)
    ):
        return f"{asked.key} takes a value of the type {known.type}."
    return None


def _error_in(result: CommandResult) -> str | None:
    if result.outcome is Outcome.DONE:
        return None
    return result.message or f"The bot says no more than: {result.outcome}."
