"""Tells rooms what happens in the bots, without anybody having asked."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol
from uuid import UUID

from alerts.severity import Severity
from bot_integration import Bot, Event, EventsMissed, Position, Snapshot, SnapshotTaken
from chatops.fleet import Fleet
from chatops.keeping import Keeping
from chatops.messages import Message
from chatops.notices.bursts import Bursts
from chatops.notices.happenings import (
    CameBack,
    Closed,
    Filled,
    Funded,
    Happening,
    Opened,
    PartClosed,
    Rebalanced,
    Restarted,
    Used,
    WentAway,
)
from chatops.notices.kinds import KINDS, Loudness
from chatops.notices.memory import Memory
from chatops.notices.story import Story
from chatops.owed import Kind
from chatops.preferences import Preferences
from chatops.readers import EVERYBODY, Reads
from chatops.room import Room
from chatops.tasks import running
from chatops.views.notices import notice

log = logging.getLogger(__name__)

#: Between two looks at what time alone has changed, and before a bot that could not be followed is tried again.
LOOK_EVERY_S = 5.0


#: Whether somebody else tells of this restart of a bot, into this run of it: together with what they do about it.
HandOver = Callable[[Restarted, UUID], bool]


class Owes(Protocol):
    """The door out, for what nobody asked for."""

    async def owe(
        self,
        message: Message,
        room: Room,
        *,
        kind: Kind,
        severity: Severity = Severity.INFO,
        card: str | None = None,
        in_place: bool = False,
        hangs_on: str | None = None,
    ) -> UUID:
        """Have it sent when limits allow. It is stored when this returns."""
        ...


class Herald:
    """Follows every bot, and owes what happens there to each room that wants to hear of it."""

    def __init__(
        self,
        fleet: Fleet,
        outbox: Owes,
        preferences: Preferences,
        *,
        now: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        memory: Memory | None = None,
        readers: Reads = EVERYBODY,
    ) -> None:
        """Without a `memory` every start is quiet, whatever happened before it. `readers` is who reads where."""
        self._fleet = fleet
        self._outbox = outbox
        self._preferences = preferences
        self._now = now
        self._sleep = sleep
        self._several = len(fleet.names) > 1
        self._memory = memory
        self._readers = readers
        self._bursts = Bursts()
        self._hand_over: HandOver = lambda restarted, session: False

    def hand_over(self, takes: HandOver) -> None:
        """From now on a restart is told by somebody else, where that is so of it."""
        self._hand_over = takes

    async def run(self) -> None:
        """Follow them all until cancelled. What breaks with one is logged, and does not reach the others."""
        async with AsyncExitStack() as stack:
            for bot in self._fleet.bots():
                await stack.enter_async_context(running(self._follow(bot), f"notices of {bot.name}"))
            await asyncio.Event().wait()

    async def used(self, word: str, person: str, room: Room, bot: str, outcome: str) -> None:
        """Tell every other room that somebody used a word that acts. Never raises but for cancellation."""
        await self._tell(Used(bot, person, word, outcome), but=room)

    async def tell(self, happening: Happening) -> None:
        """Tell every room that hears of such. Never raises but for cancellation."""
        await self._tell(happening)

    # ------------------------------------------------------------------------ inside

    async def _follow(self, bot: Bot) -> None:
        async with AsyncExitStack() as stack:
            keeping = None
            began = self._now()
            if self._memory is not None:
                keeping = Keeping(bot.name, self._memory, now=self._now, sleep=self._sleep)
            remembered = await keeping.recall() if keeping is not None else None
            told = _Told(Story(bot.name, began, remembered), asyncio.Lock(), keeping)
            if keeping is not None:
                await stack.enter_async_context(running(keeping.run(), f"what was told of {bot.name}"))
            await stack.enter_async_context(running(self._watch_time(told, bot), f"silence of {bot.name}"))
            while True:
                try:
                    async with bot.follow() as events:
                        # What is published from here on is an event; what was before is where the story begins.
                        await self._hear(told, bot.snapshot())
                        await self._follow_events(told, bot, events)
                except Exception:
                    log.exception("following %s for notices broke", bot.name)
                await self._sleep(LOOK_EVERY_S)

    async def _follow_events(self, told: "_Told", bot: Bot, events: AsyncIterator[Event]) -> None:
        async for event in events:
            if isinstance(event, SnapshotTaken):
                await self._hear(told, event.snapshot)
            elif isinstance(event, EventsMissed):
                log.warning("%d events of %s went by before notices were told", event.count, bot.name)
                await self._hear(told, bot.snapshot())

    async def _hear(self, told: "_Told", snapshot: Snapshot | None) -> None:
        if snapshot is None:
            return
        async with told.turn:
            happened = told.story.hear(snapshot, self._now())
            for happening in happened:
                if isinstance(happening, Restarted) and self._hand_over(happening, snapshot.session_id):
                    continue
                await self._tell(happening)
            if happened:
                # Not before it is told: what is told twice is better than what never is.
                told.keep()

    async def _watch_time(self, told: "_Told", bot: Bot) -> None:
        while True:
            await self._sleep(LOOK_EVERY_S)
            try:
                # Where nothing comes by events it is seen here, and nobody is called away who is not.
                await self._hear(told, bot.snapshot())
                async with told.turn:
                    for happening in told.story.pass_time(self._now()):
                        await self._tell(happening)
                    told.keep()
            except Exception:
                log.exception("looking whether %s is away broke", bot.name)

    async def _tell(self, happening: Happening, but: Room | None = None) -> None:
        rooms = [
            one
            for one in self._preferences.told_of(happening.kind)
            if one[0] != but and self._readers.may_be_told(one[0])
        ]
        # A message that is changed makes no sound anyway.
        is_loud = _is_edit(happening) or self._bursts.is_loud(happening.kind, self._now())
        for room, loudness in rooms:
            try:
                await self._owe(happening, room, loudness if is_loud else Loudness.SILENT)
            except Exception:
                # The next one may be the one that matters.
                log.exception("%s not told the notice %s", room, happening.kind)

    async def _owe(self, happening: Happening, room: Room, loudness: Loudness) -> None:
        message = notice(happening, self._several, self._readers.zone(room))
        await self._outbox.owe(
            replace(message, silent=True) if loudness is Loudness.SILENT else message,
            room,
            kind=Kind.NOTICE,
            severity=KINDS[happening.kind].severity,
            card=_card(happening),
            in_place=_is_edit(happening),
            hangs_on=_hangs_on(happening),
        )


@dataclass(frozen=True, slots=True)
class _Told:
    """The story of a bot, and whose turn it is to tell of it: what happened first is told first."""

    story: Story
    turn: asyncio.Lock
    keeping: Keeping | None

    def keep(self) -> None:
        """Have it kept for the next start."""
        if self.keeping is not None and (seen := self.story.seen) is not None:
            self.keeping.note(seen)


def position_card(bot: str, position: Position) -> str:
    """The card of a position's opening message. Of one that is opened anew under an old name it is another."""
    return f"position:{bot}:{position.id}:{position.opened_at:%Y%m%dT%H%M%S}"


def _away_card(told: WentAway | CameBack) -> str:
    return f"away:{told.bot}:{told.since:%Y%m%dT%H%M%S}"


def _is_edit(happening: Happening) -> bool:
    return isinstance(happening, Opened) and happening.again


def _card(happening: Happening) -> str | None:
    match happening:
        case Opened():
            return position_card(happening.bot, happening.position)
        case WentAway():
            return _away_card(happening)
        case _:
            return None


def _hangs_on(happening: Happening) -> str | None:
    match happening:
        case Filled() | Rebalanced() | Closed() | PartClosed():
            return position_card(happening.bot, happening.position)
        case Funded(paid=((position, _),)):
            return position_card(happening.bot, position)
        case CameBack():
            return _away_card(happening)
        case _:
            return None
