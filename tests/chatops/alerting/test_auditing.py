"""The watch is watched: what it does not do in time is an alert, or is cried out where it takes in none."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

import pytest

from alerts.heartbeat import why_silent
from alerts.model import Advance, Alert, Reading
from alerts.rulebook import Facts, Rule
from alerts.severity import Severity
from alerts.terms import DEFAULTS
from bot_integration import BotController
from chatops.alerting.auditing import Auditing
from chatops.fleet import Fleet
from chatops.messages import Message
from chatops.owed import Lane, State
from chatops.storage.delivery_facts import Waiting
from chatops.storage.errors import DatabaseAway
from tests.alerts.desk import BOT, UNTHROTTLED, Desk, terms_of
from tests.bot_integration.facts import facts

#: So long a machine may be held up, by the wall clock, before anybody says that the engine hangs.
HELD_UP_S = 30.0


class Night:
    """A desk at night, and whoever looks after its watch."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        desk.terms |= {rule: DEFAULTS[rule] for rule in ("watch_late", "delivery_old")}
        # The bot says little tonight.
        desk.terms["stale_data"] = replace(DEFAULTS["stale_data"], on=False)
        self.bot = BotController(BOT)
        self.waiting: Sequence[Waiting] = ()
        self.is_away = False
        self.cried: list[Message] = []
        self.auditing = self.watched(asyncio.sleep)

    def watched(self, sleep: Callable[[float], Awaitable[None]]) -> Auditing:
        return Auditing(
            self.desk.watch,
            Fleet([self.bot]),
            self._ask,
            self._cry,
            platforms=lambda: ["telegram"],
            terms=lambda: self.desk.terms,
            sleep=sleep,
            taken_within_s=HELD_UP_S,
        )

    async def _ask(self) -> Sequence[Waiting]:
        if self.is_away:
            raise DatabaseAway("PostgreSQL does not answer")
        return self.waiting

    async def _cry(self, message: Message) -> None:
        self.cried.append(message)

    async def looks(self, times: int = 1) -> None:
        """So many looks, 5 s apart, while the watch ticks."""
        for _ in range(times):
            self.desk.elapsed_s += 5
            await self.desk.tick()
            await self.auditing.look()

    async def looks_at_a_still_watch(self, times: int = 1) -> None:
        """So many looks, 5 s apart, while nothing ticks."""
        for _ in range(times):
            self.desk.elapsed_s += 5
            await self.auditing.look()

    @property
    def open(self) -> list[tuple[str, str, Severity]]:
        return [(one.key.rule, one.key.subject, one.severity) for one in self.desk.open]

    @property
    def troubles(self) -> tuple[str, ...]:
        assert self.auditing.audited is not None
        return self.auditing.audited.troubles


@pytest.fixture
async def night() -> AsyncIterator[Night]:
    async with Desk(throttles=UNTHROTTLED) as desk:
        yield Night(desk)


async def test_while_all_is_in_time_nobody_hears_of_it(night: Night) -> None:
    await night.desk.read(value=2.5)
    await night.looks(200)
    assert night.troubles == ()
    assert night.open == [("heat", "SOL-1", Severity.CRITICAL)]
    assert night.cried == []


async def test_a_watch_that_stands_still_is_an_alert_and_is_cried_out(night: Night) -> None:
    await night.looks()
    await night.looks_at_a_still_watch(2)
    assert (night.open, night.cried) == ([], [])
    await night.looks_at_a_still_watch()
    assert night.troubles == ("nothing that is due has been looked at for 15 s",)
    assert night.open == [("watch_late", "", Severity.CRITICAL)]
    assert "ALERTS STAND STILL" in night.cried[0].title
    assert "Nothing that is due has been looked at for 15 s." in night.cried[0].text
    await night.looks_at_a_still_watch(59)
    assert len(night.cried) == 1
    await night.looks_at_a_still_watch(2)
    assert len(night.cried) == 2


async def test_once_it_goes_on_that_is_said_and_the_alert_ends(night: Night) -> None:
    await night.looks()
    await night.looks_at_a_still_watch(4)
    await night.looks()
    assert night.cried[-1].title == "Alerts go on: they stood still for 10 s. What went wrong meanwhile is told now."
    await night.looks(10)
    assert night.open == []
    assert len(night.cried) == 2


async def test_a_program_that_was_stopped_as_a_whole_accuses_nobody(night: Night) -> None:
    looked_after: list[float] = []

    async def is_stopped() -> None:
        night.desk.elapsed_s += 60

    async def passes() -> None:
        night.desk.elapsed_s += 5
        await night.desk.tick()

    async def ends() -> None:
        raise asyncio.CancelledError

    pauses = iter([is_stopped, passes, passes, ends])

    async def sleep(seconds: float) -> None:
        looked_after.append(night.desk.elapsed_s)
        await next(pauses)()

    await night.desk.tick()
    with pytest.raises(asyncio.CancelledError):
        await night.watched(sleep).run()
    assert looked_after == [0, 60, 65, 70]
    assert (night.open, night.cried) == ([], [])


async def test_an_engine_that_takes_nothing_in_is_cried_out(night: Night) -> None:
    await night.looks()
    hold, entered = asyncio.Event(), asyncio.Event()
    store, advance = night.desk.store, night.desk.store.advance

    async def hangs(fence: int, advances: Sequence[Advance]) -> Mapping[UUID, Alert]:
        entered.set()
        await hold.wait()
        return await advance(fence, advances)

    store.advance = hangs  # type: ignore[method-assign]
    stuck = asyncio.create_task(night.desk.read(value=2.5))
    await entered.wait()
    night.auditing._taken_within_s = 0.05
    await night.looks_at_a_still_watch()
    assert "The alerts do not take in what is found." in night.cried[0].text
    hold.set()
    await stuck
    night.auditing._taken_within_s = HELD_UP_S
    await night.looks()
    assert "Alerts go on" in night.cried[-1].title


async def test_an_urgent_message_that_nobody_gets_is_an_alert_and_a_worse_one(night: Night) -> None:
    night.waiting = [
        Waiting("telegram", Lane.INFO, State.PENDING, 3, 901),
        Waiting("apprise", Lane.INFO, State.PENDING, 1, 5),
    ]
    await night.looks()
    assert night.open == [("delivery_old", "telegram", Severity.WARNING)]
    assert night.troubles == ("a message has been owed for 15 min 1 s",)
    night.waiting = [Waiting("telegram", Lane.EMERGENCY, State.PENDING, 1, 61)]
    await night.looks()
    assert night.open == [("delivery_old", "telegram", Severity.CRITICAL)]
    night.waiting = []
    await night.looks(10)
    assert night.open == []


async def test_while_the_database_does_not_say_nothing_is_better_or_worse(night: Night) -> None:
    night.waiting = [Waiting("telegram", Lane.EMERGENCY, State.PENDING, 1, 61)]
    await night.looks()
    night.is_away = True
    await night.looks(20)
    assert night.open == [("delivery_old", "telegram", Severity.CRITICAL)]
    assert night.troubles == ("it is not known what is owed: the database does not say",)


async def test_facts_that_no_rule_reads_are_noticed(night: Night) -> None:
    await night.desk.hear()
    await night.looks()
    for _ in range(4):
        night.bot.publish(facts(bot=BOT))
        await night.looks()
    assert night.troubles == ("no facts have been read for 20 s, and there are new ones",)
    await night.desk.hear()
    await night.looks()
    assert not night.troubles


async def test_while_rules_hang_no_heart_beats() -> None:
    end = threading.Event()

    def hangs(given: Facts) -> Iterable[Reading]:
        end.wait()
        return ()

    async with Desk(throttles=UNTHROTTLED, within_s=0.05, more=[Rule(terms_of("slow"), hangs)]) as desk:
        night = Night(desk)
        await night.looks()
        assert why_silent(night.auditing.audited, desk.now) == ""
        await desk.hear()
        await night.looks()
        assert why_silent(night.auditing.audited, desk.now) == "the rules over a bot took too long"
        end.set()


async def test_a_bot_that_says_something_now_and_then_is_no_trouble(night: Night) -> None:
    for _ in range(3):
        night.bot.publish(facts(bot=BOT))
        await night.desk.hear()
        await night.looks(12)
        assert night.troubles == ()


async def test_a_watch_that_another_worker_has_overtaken_is_left_alone(night: Night) -> None:
    await night.looks()
    await night.desk.store.take_over()
    await night.desk.read(value=2.5)
    await night.looks(20)
    assert night.auditing.audited is not None
    assert night.auditing.audited.is_over
    assert night.troubles == ("another worker has taken over",)
    assert night.cried == []


async def test_a_watch_that_has_not_begun_takes_nothing_in_and_is_cried_out_in_time() -> None:
    """Its store may be away at the start: it does not know yet what stands there."""
    desk = Desk(throttles=UNTHROTTLED)
    night = Night(desk)
    night.waiting = [Waiting("telegram", Lane.EMERGENCY, State.PENDING, 1, 61)]
    await night.looks_at_a_still_watch(2)
    assert (night.open, night.cried) == ([], [])
    await night.looks_at_a_still_watch()
    assert (night.open, len(night.cried)) == ([], 1)
    async with desk:
        await night.looks(2)
        assert night.open == [("delivery_old", "telegram", Severity.CRITICAL)]
        assert "Alerts go on" in night.cried[-1].title


async def test_the_figures_are_those_of_now(night: Night) -> None:
    await night.desk.read(value=2.5)
    await night.looks()
    figures = night.auditing.figures()
    assert figures.open == {**dict.fromkeys(Severity, 0), Severity.CRITICAL: 1}
    assert (figures.ticked_s, figures.audited_s, figures.late_steps) == (0, 0, 0)
    night.desk.elapsed_s += 7
    assert night.auditing.figures().audited_s == pytest.approx(7)
