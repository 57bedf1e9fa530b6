"""Has a bot do again what people asked, on record, and says what came of it."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from bot_integration import Bot, CommandResult, Outcome, Unreachable
from chatops.desired.recording import Recording, command_id
from chatops.desired.watched import Watched, is_over
from chatops.restraints import Wish


@dataclass(frozen=True, slots=True)
class Ends:
    """What came of it."""

    #: It is so again.
    again: tuple[Wish, ...] = ()
    #: The same, though it was taken back meanwhile.
    unwanted: tuple[Wish, ...] = ()
    #: The bot will not, with the reason of each.
    refused: tuple[tuple[Wish, str], ...] = ()
    #: Nobody knows, or nothing reached it.
    failed: tuple[tuple[Wish, str], ...] = ()


class Asserting:
    """Does it for one bot at a time. `wants` says whether a wish still is one."""

    def __init__(self, recording: Recording, wants: Callable[[Wish], bool]) -> None:
        self._recording = recording
        self._wants = wants

    async def run(self, bot: Bot, watched: Watched, session: UUID, wishes: Sequence[Wish]) -> Ends:
        """All of these at once. What is cut off stays in `watched.begun`."""
        ones = (self._one(bot, watched, session, wish) for wish in wishes)
        # One that breaks on our side ends none of the others, and is raised when all have ended.
        results = await asyncio.gather(*ones, return_exceptions=True)
        ended: list[tuple[Wish, CommandResult]] = []
        for wish, result in zip(wishes, results, strict=True):
            if isinstance(result, BaseException):
                raise result
            if result is not None:
                ended.append((wish, result))
        did = [wish for wish, result in ended if is_over(result) and _did(result)]
        return Ends(
            again=tuple(wish for wish in did if self._wants(wish)),
            unwanted=tuple(wish for wish in did if not self._wants(wish)),
            refused=tuple((wish, result.message) for wish, result in ended if is_over(result) and not _did(result)),
            failed=tuple((wish, result.message) for wish, result in ended if not is_over(result)),
        )

    async def finish(self, bot: Bot, watched: Watched, wishes: Sequence[Wish]) -> tuple[Wish, ...]:
        """Bring to its end what a stop of the program cut off; gives what was done by then, in the run of now.

        What goes on by itself, since it is the same command, stays open.
        """
        done = []
        while watched.cut_off:
            one = watched.cut_off[0]
            wish = next((wish for wish in wishes if one.session and command_id(wish, one.session) == one.id), None)
            result = await _recalled(bot, one.id)
            is_now = one.session == watched.session
            if result is not None and is_over(result):
                await self._recording.end(one.id, result.outcome, result.message)
                if wish is not None and is_now and _did(result):
                    done.append(wish)
            elif wish is None or not is_now:
                await self._recording.end(one.id, Outcome.UNKNOWN, "I was restarted while this ran.")
            else:
                watched.begun[one.id] = wish
            watched.cut_off.pop(0)
        return tuple(done)

    async def let_go(self, watched: Watched, why: str, but: Sequence[Wish] = ()) -> None:
        """End what was begun and will not be asked again: all `but` these."""
        for id_, wish in list(watched.begun.items()):
            if wish not in but:
                await self._recording.end(id_, Outcome.UNKNOWN, why)
                watched.begun.pop(id_, None)

    async def _one(self, bot: Bot, watched: Watched, session: UUID, wish: Wish) -> CommandResult | None:
        """What came of it; None where it is wanted no more, and was not sent."""
        command = await self._recording.begin(wish, session)
        watched.begun[command.id] = wish
        if not self._wants(wish):
            await self._end(watched, command.id, Outcome.REFUSED, "It was taken back meanwhile. Nothing was done.")
            return None
        result = await bot.execute(command)
        if is_over(result):
            await self._end(watched, command.id, result.outcome, result.message)
        return result

    async def _end(self, watched: Watched, id_: UUID, outcome: Outcome, said: str) -> None:
        await self._recording.end(id_, outcome, said)
        watched.begun.pop(id_, None)


def _did(result: CommandResult) -> bool:
    return result.outcome in (Outcome.DONE, Outcome.PARTIAL)


async def _recalled(bot: Bot, id_: UUID) -> CommandResult | None:
    try:
        return await bot.recall(id_)
    except Unreachable:
        return None
