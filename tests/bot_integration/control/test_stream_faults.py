"""Streams that break, lie, fall silent or leave out: the far bot's facts are those of the bot all the same."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from uuid import uuid4

import pytest
from aiohttp import web

from bot_integration.control import ControlServer, RemoteBot, wire
from bot_integration.control.codec import Encoding
from bot_integration.control.following import FIRST_RETRY_S, LONGEST_RETRY_S
from bot_integration.control.http_line import HttpLine
from bot_integration.control.stream_limits import StreamLimits
from bot_integration.events import Noted, SnapshotTaken
from bot_integration.frames import Beat, Changed, Delta, DeltaKind, Frame, Stamp
from bot_integration.state import Snapshot
from tests.bot_integration.control.alpha import NOW, Alpha, close, facts, heard, pause, position, shows
from tests.bot_integration.control.clock import Clock, hurry
from tests.bot_integration.control.faulty_line import FaultyLine
from tests.bot_integration.control.listening import listening
from tests.bot_integration.control.remote import by_clock, the_next
from tests.bot_integration.control.scripted import Scripted, said, served, whole
from tests.own_time import own_time

#: What may be held for silence, for those that have no time.
SILENCE_S = 0.05


def stamp(snapshot: Snapshot, seq: int) -> Stamp:
    return Stamp(snapshot.session_id, seq, snapshot.seq, snapshot.at)


def gone(snapshot: Snapshot, position_id: str, seq: int = 1) -> Frame:
    """A position is held no more; the numbers of the bot go on."""
    after = replace(stamp(snapshot, seq), bot_seq=snapshot.seq + seq)
    return Changed(after, (Delta(DeltaKind.POSITION_CLOSED, {"id": position_id}),))


# ------------------------------------------------------------------------ cut


async def test_a_stream_that_is_cut_every_second_for_a_minute_loses_nothing_and_tells_nobody(
    alpha: Alpha, faulty: FaultyLine
) -> None:
    async with by_clock(faulty.url, Clock()) as far, far.follow() as events:
        await shows(far, alpha.newest())
        for second in range(60):
            await faulty.cut()
            alpha.note(f"Second {second}.")
            alpha.publish(facts(position("sol", stage=("open", "closing")[second % 2])))
            await shows(far, alpha.newest())
        told = [(await the_next(events, Noted)).message for _ in range(60)]
    assert told == [f"Second {second}." for second in range(60)]
    assert faulty.streams == 61


async def test_who_missed_more_than_is_kept_is_given_the_whole(alpha: Alpha, faulty: FaultyLine) -> None:
    many = [position(f"p{number}", legs=[]) for number in range(5_001)]
    async with (
        by_clock(faulty.url, Clock()) as far,
        far.follow() as events,
        RemoteBot("alpha", faulty.upstream) as other,
    ):
        await shows(far, alpha.newest())
        await faulty.go_down()
        await the_next(events, Noted)
        alpha.note("Nobody will hear this.")
        alpha.publish(facts(*many))
        await shows(other, alpha.newest())
        alpha.publish(facts(position("sol", stage="closing")))
        await shows(other, alpha.newest())
        await faulty.come_up()
        await shows(far, alpha.newest())
        alpha.note("From here on all is told.")
        told = [(await the_next(events, Noted)).message for _ in range(2)]
    assert told[0].startswith("alpha is back after")
    assert told[1] == "From here on all is told."


async def test_a_control_api_that_is_opened_anew_is_no_restart_of_the_bot(alpha: Alpha, faulty: FaultyLine) -> None:
    async with (
        RemoteBot("alpha", faulty.url, now=lambda: NOW, sleep=hurry) as far,
        far.follow() as events,
        ControlServer(alpha, listen="127.0.0.1:0") as again,
    ):
        await shows(far, alpha.newest())
        faulty.upstream = again.url
        await faulty.cut()
        alpha.publish(facts(position("sol")))
        await shows(far, alpha.newest())
        alpha.note("On it goes.")
        told = await the_next(events, Noted)
    assert told.message == "On it goes."


# ------------------------------------------------------------------------ what does not fit


@pytest.mark.parametrize("encoding", Encoding)
async def test_what_cannot_be_read_is_asked_for_anew_and_not_in_a_tight_loop(alpha: Alpha, encoding: Encoding) -> None:
    facts_of_now = whole(alpha.newest(), encoding)
    cut_off = facts_of_now[: len(facts_of_now) // 2]
    script = Scripted([[facts_of_now, cut_off]])
    clock = Clock()
    async with served(script), by_clock(script.url, clock, line=HttpLine("alpha", script.url, None)) as far:
        await clock.has_slept(12)
        assert far.snapshot() == alpha.newest()
    assert all("last_seq" not in asked for asked in script.asked)
    assert clock.slept[0] <= FIRST_RETRY_S
    assert clock.slept[11] >= LONGEST_RETRY_S / 2


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(lambda snapshot: gone(snapshot, "never held"), id="of what is not held"),
        pytest.param(lambda snapshot: Beat(stamp(snapshot, 7)), id="a heartbeat that is ahead"),
        pytest.param(
            lambda snapshot: Beat(replace(stamp(snapshot, 0), session_id=uuid4())), id="of another run of the bot"
        ),
    ],
)
async def test_what_does_not_fit_changes_nothing_and_the_whole_is_asked_for(alpha: Alpha, wrong: object) -> None:
    assert callable(wrong)
    before = alpha.newest()
    alpha.publish(facts(position("sol")))
    script = Scripted([[whole(before), said(wrong(before))], [whole(alpha.newest(), seq=8)]], ends=False)
    async with served(script), by_clock(script.url, Clock()) as far, far.follow() as events:
        told = await heard(events, 2)
    assert told[:2] == [SnapshotTaken(before), SnapshotTaken(alpha.newest())]
    assert script.asked == [{"action": "subscribe"}, {"action": "subscribe"}]


async def test_what_fits_is_gone_on_from(alpha: Alpha) -> None:
    before = alpha.newest()
    script = Scripted([[whole(before), said(gone(before, "eth"))], []], session_id=str(before.session_id))
    clock = Clock()
    async with served(script), by_clock(script.url, clock) as far:
        await clock.has_slept(3)
        snapshot = far.snapshot()
    assert snapshot is not None
    assert [one.id for one in snapshot.positions] == ["sol"]
    assert script.asked[1] == {"action": "subscribe", "session_id": str(before.session_id), "last_seq": 1}


async def test_a_bot_whose_facts_are_none_that_we_know_is_told_once_with_what_is_wrong(alpha: Alpha) -> None:
    old = whole(alpha.newest())
    assert isinstance(old, str)
    script = Scripted([[old.replace('"stage":"open"', '"stage":"ajar"')]])
    clock = Clock()
    async with served(script), by_clock(script.url, clock) as far, far.follow() as events:
        told = await the_next(events, Noted)
        await clock.has_slept(12)
        assert far.snapshot() is None
        async with asyncio.timeout(30):
            script.scripts = [[whole(alpha.newest())]]
            back = await the_next(events, Noted)
    assert told.message.startswith(
        "What answers for alpha is no control API that we understand, or of another version: positions.0.stage: "
    )
    assert told.message.endswith("What is shown is the last that it said.")
    assert back.message.startswith("alpha is back after")
    assert clock.slept[11] >= LONGEST_RETRY_S / 2


@asynccontextmanager
async def without_a_stream() -> AsyncIterator[str]:
    """The URL of a control API as it was before there were streams."""

    async def health(request: web.Request) -> web.Response:
        return web.json_response({"bot": "alpha"})

    application = web.Application()
    application.router.add_get(wire.HEALTH, health)
    async with listening(application) as url:
        yield url


async def test_an_older_bot_that_has_no_stream_is_told_to_have_none() -> None:
    async with without_a_stream() as url, by_clock(url, Clock()) as far, far.follow() as events:
        told = await the_next(events, Noted)
    assert "or of another version: it has no stream (HTTP status 404)." in told.message


# ------------------------------------------------------------------------ silence


async def test_a_stream_without_a_heartbeat_is_dead(alpha: Alpha, faulty: FaultyLine) -> None:
    line = HttpLine("alpha", faulty.url, None, silence_s=SILENCE_S)
    async with by_clock(faulty.url, Clock(), line=line) as far:
        await shows(far, alpha.newest())
        faulty.mute_streams = True
        alpha.publish(facts(position("sol")))
        async with asyncio.timeout(30), far.follow() as events:
            await the_next(events, Noted)
            faulty.mute_streams = False
        await shows(far, alpha.newest())
    assert faulty.streams > 2


async def test_heartbeats_keep_a_stream_alive_and_the_facts_as_young_as_the_bots(alpha: Alpha) -> None:
    # Far apart, and by our own time: a busy machine may be late with a heartbeat.
    silence_s = 1.0
    limits = StreamLimits(heartbeat_s=silence_s / 9)
    async with ControlServer(alpha, listen="127.0.0.1:0", limits=limits) as server, FaultyLine(server.url) as faulty:
        line = HttpLine("alpha", faulty.url, None, silence_s=silence_s)
        async with own_time(), by_clock(faulty.url, Clock(), line=line) as far, far.follow() as events:
            await shows(far, alpha.newest())
            for _ in range(10):
                # The same facts again: nothing has changed but their age.
                alpha.publish(facts())
                await shows(far, alpha.newest())
            told = await heard(events, 10)
    assert faulty.streams == 1
    assert {type(event) for event in told} == {SnapshotTaken}


async def test_a_bot_that_has_published_nothing_may_be_silent() -> None:
    script = Scripted([[]], ends=False)
    async with served(script):
        line = HttpLine("alpha", script.url, None, silence_s=0.01)
        async with by_clock(script.url, Clock(), line=line):
            await script.looked_at(3)
    assert len(script.asked) == 1


async def test_a_bot_that_has_facts_and_does_not_say_them_is_asked_anew() -> None:
    script = Scripted([[]], ends=False, session_id=str(uuid4()))
    clock = Clock()
    async with served(script):
        line = HttpLine("alpha", script.url, None, silence_s=0.01)
        async with by_clock(script.url, clock, line=line):
            await clock.has_slept(2)
    assert len(script.asked) >= 2


# ------------------------------------------------------------------------ others


async def test_a_bot_with_as_many_followers_as_it_lets_says_so(alpha: Alpha) -> None:
    limits = StreamLimits(clients=1)
    async with (
        ControlServer(alpha, listen="127.0.0.1:0", limits=limits) as server,
        RemoteBot("alpha", server.url) as first,
    ):
        await shows(first, alpha.newest())
        async with RemoteBot("alpha", server.url) as second, second.follow() as events:
            told = await the_next(events, Noted)
            assert (await second.execute(close())).message == "One leg."
    assert told.message.startswith("As many follow alpha as it lets. End one of them: it is tried again.")


async def test_two_gateways_hear_of_each_others_commands(alpha: Alpha) -> None:
    @alpha.on(type(pause()))
    async def hold_back(command: object) -> str:
        return "Paused."

    async with (
        ControlServer(alpha, listen="127.0.0.1:0") as server,
        RemoteBot("alpha", server.url) as one,
        RemoteBot("alpha", server.url) as another,
    ):
        await shows(one, alpha.newest())
        await shows(another, alpha.newest())
        async with one.follow() as ones, another.follow() as others:
            mine, yours = close(), pause().model_copy(update={"by": "grace"})
            await one.execute(mine)
            await another.execute(yours.model_copy(update={"not_after": NOW}))
            heard_by_one, heard_by_another = await heard(ones, 2), await heard(others, 2)
    assert heard_by_one == heard_by_another
    assert [event.command.by for event in heard_by_one if hasattr(event, "command")] == ["ada", "grace"]


async def test_who_looks_after_a_command_sees_what_it_did(alpha: Alpha) -> None:
    @alpha.on(type(pause()))
    async def hold_back(command: object) -> str:
        await asyncio.sleep(0)
        # Nothing urgent: it would wait with others.
        alpha.publish(facts(metrics={"asked": len(alpha.newest().metrics) + 1.0}))
        return "Noted."

    async with own_time(), ControlServer(alpha, listen="127.0.0.1:0") as server, RemoteBot("alpha", server.url) as far:
        await shows(far, alpha.newest())
        for _ in range(5):
            await far.execute(pause())
            assert far.snapshot() == alpha.newest()


async def test_a_slow_stream_does_not_hold_up_an_answer(alpha: Alpha, faulty: FaultyLine) -> None:
    clock = Clock()
    async with by_clock(faulty.url, clock) as far:
        await shows(far, alpha.newest())
        faulty.mute_streams = True
        alpha.publish(facts(position("sol")))
        result = await far.execute(close())
    assert result.message == "One leg."
    assert clock.slept == [1.0]
