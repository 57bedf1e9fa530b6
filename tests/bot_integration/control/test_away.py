"""A far bot that goes away and comes back: the last facts stay, and people are told once."""

from contextlib import AsyncExitStack
from itertools import pairwise

from bot_integration.commands import Outcome
from bot_integration.control import ControlServer, RemoteBot
from bot_integration.control.following import LONGEST_RETRY_S
from bot_integration.events import Noted, PositionChanged, SnapshotTaken
from bot_integration.state import EventCategory
from tests.bot_integration.control.alpha import NOW, Alpha, close, facts, heard, line, position, shows
from tests.bot_integration.control.clock import Clock, hurry
from tests.bot_integration.control.faulty_line import FaultyLine
from tests.bot_integration.control.remote import by_clock, the_next, warning


async def test_the_last_facts_stay_while_the_bot_is_away(alpha: Alpha, faulty: FaultyLine) -> None:
    async with (
        RemoteBot("alpha", faulty.url, now=lambda: NOW, monotonic=lambda: 0.0, sleep=hurry) as far,
        far.follow() as events,
    ):
        await heard(events, 1)
        await faulty.go_down()
        gone = await the_next(events, Noted)
        before = alpha.newest()
        assert far.snapshot() == before
        alpha.publish(facts(position("sol")))
        await faulty.come_up()
        told = await heard(events, 3)
    assert gone == warning("alpha does not answer. What is shown is the last that it said.")
    assert told == [
        warning("alpha is back after 0 s."),
        SnapshotTaken(alpha.newest()),
        PositionChanged("alpha", before.position("eth"), None),
    ]


async def test_a_bot_that_is_away_is_tried_for_ever_ever_more_seldom(faulty: FaultyLine) -> None:
    await faulty.go_down()
    clock = Clock()
    async with (
        by_clock(faulty.url, clock) as far,
        far.follow() as events,
    ):
        told = [await the_next(events, Noted)]
        await clock.has_slept(20)
        await faulty.come_up()
        told.append(await the_next(events, Noted))
    assert [note.message.split(" after")[0] for note in told] == [
        "alpha does not answer. What is shown is the last that it said.",
        "alpha is back",
    ]
    waited = clock.slept[:20]
    assert all(later > earlier / 2 for earlier, later in pairwise(waited))
    assert 0.05 <= waited[0] <= 0.1
    assert LONGEST_RETRY_S / 2 <= waited[19] <= LONGEST_RETRY_S


async def test_a_bot_that_goes_again_is_tried_at_once_again(faulty: FaultyLine) -> None:
    await faulty.go_down()
    clock = Clock()
    async with (
        by_clock(faulty.url, clock) as far,
        far.follow() as events,
    ):
        await the_next(events, Noted)
        await clock.has_slept(20)
        await faulty.come_up()
        await the_next(events, Noted)
        before = len(clock.slept)
        await faulty.go_down()
        await the_next(events, Noted)
        await clock.has_slept(before + 2)
        await faulty.come_up()
    assert max(clock.slept[before : before + 2]) <= 0.2


async def test_a_restarted_bot_is_told_with_what_changed_meanwhile(alpha: Alpha, faulty: FaultyLine) -> None:
    async with (
        RemoteBot("alpha", faulty.url, now=lambda: NOW, monotonic=lambda: 0.0, sleep=hurry) as far,
        far.follow() as events,
        AsyncExitStack() as later,
    ):
        await shows(far, alpha.newest())
        await heard(events, 1)
        await faulty.go_down()
        await the_next(events, Noted)
        again = Alpha()
        again.publish(facts(position("sol")))
        server = await later.enter_async_context(ControlServer(again, listen="127.0.0.1:0"))
        faulty.upstream = server.url
        await faulty.come_up()
        told = await heard(events, 4)
    assert told == [
        warning("alpha is back after 0 s."),
        SnapshotTaken(again.newest()),
        warning("alpha was restarted."),
        PositionChanged("alpha", alpha.newest().position("eth"), None),
    ]


async def test_what_the_bot_notes_is_told_once_and_its_timeline_not_besides(alpha: Alpha, faulty: FaultyLine) -> None:
    async with by_clock(faulty.url, Clock()) as far, far.follow() as events:
        await shows(far, alpha.newest())
        alpha.publish(facts(timeline=[line("one"), line("two")]))
        alpha.note("Rebalanced late.")
        await shows(far, alpha.newest())
        await faulty.cut()
        alpha.publish(facts(timeline=[line("two"), line("three")]))
        alpha.note("Back to normal.", EventCategory.WARNING)
        told = [(await the_next(events, Noted)).message for _ in range(2)]
        await shows(far, alpha.newest())
    assert told == ["Rebalanced late.", "Back to normal."]


async def test_a_bot_without_facts_is_there_all_the_same() -> None:
    alpha = Alpha()
    async with ControlServer(alpha, listen="127.0.0.1:0") as server, RemoteBot("alpha", server.url) as far:
        assert (await far.execute(close().model_copy(update={"not_after": NOW}))).outcome is Outcome.PARTIAL
        assert far.snapshot() is None
        alpha.publish(facts())
        await shows(far, alpha.newest())
