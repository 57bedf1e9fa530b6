"""Watches bots: reads them, decides what to tell, has it stored, and answers who acknowledges."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from uuid import UUID

from alerts.answer import Answer, Taken
from alerts.engine import Engine
from alerts.following import following
from alerts.model import Alert, Key, Reading, Target
from alerts.onward import Onward
from alerts.policy import Policy, usual
from alerts.pulse import Pulse
from alerts.reader import Reader
from alerts.roster import Roster
from alerts.rulebook import Rulebook
from alerts.severity import Severity
from alerts.silence import Silence
from alerts.store import AlertStore, Open, StoreAway
from alerts.terms import Terms
from alerts.worker import Worker
from bot_integration import Bot, Snapshot

log = logging.getLogger(__name__)

#: Between two looks at what time alone has changed; what is due before is looked at when it is.
TICK_S = 1.0
#: As short as it gets.
SHORTEST_S = 0.02
#: All rules together take no longer for one snapshot, in seconds.
EVALUATE_WITHIN_S = 2.0
#: Before a bot that could not be followed is followed again, in seconds.
FOLLOW_AGAIN_S = 5.0


class Watch:
    """One worker: the only one that decides, as long as nobody else takes over."""

    def __init__(
        self,
        bots: Sequence[Bot],
        rulebook: Rulebook,
        store: AlertStore,
        roster: Roster,
        *,
        terms: Callable[[], Mapping[str, Terms]],
        ids: Callable[[], UUID],
        wall: Callable[[], datetime],
        elapsed: Callable[[], float],
        policies: Callable[[Key, Severity], Policy] = lambda key, severity: usual(severity),
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        within_s: float = EVALUATE_WITHIN_S,
    ) -> None:
        """`wall` is a clock that may be set; `elapsed` seconds that never go back (see `Onward`)."""
        self._bots = tuple(bots)
        self._sleep = sleep
        self._now = Onward(wall, elapsed)
        self._engine = Engine(terms, ids=ids, policies=policies)
        self._worker = Worker(
            self._engine, store, roster, terms=terms, now=self._now, bots=[bot.name for bot in self._bots]
        )
        self._readers = {
            bot.name: Reader(
                bot.name,
                rulebook,
                terms,
                watched=partial(self._engine.watched, bot.name),
                now=self._now,
                within_s=within_s,
            )
            for bot in self._bots
        }
        #: One step at a time: what is decided goes by what was decided before.
        self._turn = asyncio.Lock()
        self._pulse = Pulse()

    @property
    def pulse(self) -> Pulse:
        """When it last did what."""
        readers, worker = self._readers.values(), self._worker
        return replace(
            self._pulse,
            evaluations=sum(one.evaluations for one in readers),
            overran=sum(one.overran for one in readers),
            broke=sum(one.broke for one in readers),
            untold=worker.untold,
            escalated_at=worker.escalated_at,
            waiting=worker.waiting,
            away_since=worker.away_since,
            is_over=worker.is_over,
        )

    def now(self) -> datetime:
        """By the clock that all alerts go by."""
        return self._now()

    def alerts(self) -> list[Open]:
        """Those that stand, and those resolved that are not told so everywhere, with what was told, by number."""
        return self._engine.all()

    def silence_of(self, alert: Alert) -> Silence | None:
        """What holds back this alert now; None where nobody silenced it."""
        return self._worker.silence_of(alert)

    def next_at(self) -> datetime | None:
        """When the next telling is due by time alone; one that lies behind is late."""
        return self._worker.next_at()

    async def run(self) -> None:
        """Watch until cancelled, or until another worker takes over."""
        await self.begin()
        tasks = [asyncio.create_task(self._follow(bot), name=f"alerts of {bot.name}") for bot in self._bots]
        tasks.append(asyncio.create_task(self._ticking(), name="time of alerts"))
        try:
            # Following never ends by itself, so the first to end is the ticking, once all is over.
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self.close()

    async def begin(self) -> None:
        """Take over, and go on from what is stored. Waits until the store answers."""
        while True:
            try:
                await self._worker.begin()
            except StoreAway as error:
                log.warning("alerts are not watched yet, their store is away: %s", error)
                await self._sleep(TICK_S)
            else:
                return

    def close(self) -> None:
        """Let go of the threads on which rules are read."""
        for reader in self._readers.values():
            reader.close()

    # ------------------------------------------------------------------------ what happens

    async def hear(self, bot: str, snapshot: Snapshot) -> None:
        """Read a snapshot, and tell what is to be told of it. What it tells is stored when this returns."""
        if snapshot.bot != bot:
            # An alert goes by the name that people know the bot by.
            snapshot = snapshot.model_copy(update={"bot": bot})
        reader = self._readers[bot]
        readings = await reader.read(snapshot)
        whole = snapshot if reader.is_well else None
        if whole is not None:
            self._pulse = replace(self._pulse, evaluated_at=self._now())
        async with self._turn:
            now = self._now()
            await self._worker.step(self._engine.take(readings, now, whole), now)

    async def tick(self) -> None:
        """What time alone has changed: the same path as a snapshot takes."""
        # Beside each other: rules that take long over one bot hold up the steps of no other's alerts.
        await asyncio.gather(*(self._look(name, reader) for name, reader in self._readers.items()))
        async with self._turn:
            await self._worker.catch_up()
            now = self._now()
            await self._worker.step(self._engine.tick(now), now)
            self._pulse = replace(self._pulse, ticked_at=now)

    async def acknowledge(self, alert: UUID, epoch: int, by: str) -> Answer:
        """Somebody has it in hand; stored, or set aside while the store is away, when this returns."""
        async with self._turn:
            answer = Answer(Taken.UNKNOWN)
            for _ in range(2):
                if self._is_over():
                    return Answer(Taken.OVERTAKEN)
                now = self._now()
                answer, change = self._engine.acknowledge(alert, epoch, by, now)
                if change is None:
                    return answer
                await self._worker.step([change], now)
                # Where alerts had to be loaded again it is not among them, and is said again to what there is.
                if not self._is_over() and self._has_in_hand(alert, answer):
                    return answer
            return Answer(Taken.OVERTAKEN if self._is_over() else Taken.FAILED, answer.alert)

    async def silences_changed(self) -> None:
        """Look at the silences again: one was made, or taken back."""
        async with self._turn:
            await self._worker.learn_silences()
            await self._worker.step([], self._now())

    async def unreached(self, lost: Collection[Target]) -> None:
        """These turn out not to be reached: others are told in their place, now."""
        async with self._turn:
            await self._worker.stand_in(lost, self._now())

    async def observe(self, readings: Iterable[Reading]) -> None:
        """Take in what was read beside snapshots, of the desk itself too. What it tells is stored when this returns."""
        async with self._turn:
            now = self._now()
            await self._worker.step(self._engine.take(readings, now), now)

    async def rehearse(self, reading: Reading, severity: Severity) -> Alert:
        """Begin a drill, marked as one everywhere; it goes the whole way.

        Raises `ValueError` where one of its subject is under way.
        """
        async with self._turn:
            now = self._now()
            change = self._engine.rehearse(reading, severity, now)
            await self._worker.step([change], now)
            return change.after

    async def finish(self, drill: UUID) -> Alert | None:
        """End a drill; None where there is none of this id."""
        async with self._turn:
            now = self._now()
            change = self._engine.finish(drill, now)
            if change is None:
                return None
            await self._worker.step([change], now)
            return change.after

    # ------------------------------------------------------------------------ inside

    def _is_over(self) -> bool:
        return self._worker.is_over

    def _has_in_hand(self, alert: UUID, answer: Answer) -> bool:
        found = self._engine.find(alert)
        return found is not None and found.alert.in_hand == answer.who

    async def _look(self, name: str, reader: Reader) -> None:
        """How old the facts of a bot are that says nothing new."""
        try:
            if (readings := await reader.look()) is not None:
                await self.observe(readings)
        except Exception:
            log.exception("looking at how old the facts of %s are broke", name)

    async def _ticking(self) -> None:
        while not self._is_over():
            try:
                await self.tick()
            except Exception:
                log.exception("what time has changed of the alerts could not be told")
            next_at = self.next_at()
            left = TICK_S if next_at is None else (next_at - self._now()).total_seconds()
            await self._sleep(max(SHORTEST_S, min(TICK_S, left)))

    async def _follow(self, bot: Bot) -> None:
        while True:
            try:
                async with following(bot) as snapshots:
                    async for snapshot in snapshots:
                        await self.hear(bot.name, snapshot)
            except Exception:
                log.exception("following %s for alerts broke", bot.name)
            await self._sleep(FOLLOW_AGAIN_S)
