"""A bot on a socket that was written in another language: what it leaves out, and its two words."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from bot_integration.commands import Command, KillSwitch, Outcome, SetParameter
from bot_integration.control import RemoteBot
from bot_integration.control.errors import NothingSent, NotUnderstood, WrongBot
from bot_integration.control.socket_line import SocketLine
from bot_integration.errors import Refused, Unreachable
from bot_integration.events import Event, Noted, PositionChanged, SnapshotTaken
from bot_integration.frames import Beat, Changed, DeltaKind, Frame, Whole
from bot_integration.position import Position
from tests.bot_integration.control.alpha import NOW, close, now, position
from tests.bot_integration.control.plain_server import STATE, PlainServer, state
from tests.bot_integration.control.remote import the_next
from tests.bot_integration.control.socket_caller import Message


def order() -> dict[str, Any]:
    return {"id": uuid4(), "by": "ada", "not_after": NOW + timedelta(seconds=30)}


def line_to(server: PlainServer, name: str | None = "grid") -> SocketLine:
    return SocketLine(name, server.url, None, now=now, hello_s=30)


@asynccontextmanager
async def frames_of(line: SocketLine) -> AsyncIterator[AsyncIterator[Frame]]:
    async with asyncio.timeout(30), line, line.follow(None) as frames:
        yield frames


async def whole(frames: AsyncIterator[Frame]) -> Whole:
    frame = await anext(frames)
    assert isinstance(frame, Whole)
    return frame


async def said_in(frames: AsyncIterator[Frame]) -> list[str]:
    frame = await anext(frames)
    assert isinstance(frame, Changed)
    told = [delta.data for delta in frame.deltas if delta.kind is DeltaKind.EVENT]
    return [one["event"]["message"] for one in told if not one["kept"]]


async def test_what_a_simple_bot_leaves_out_is_filled_in() -> None:
    async with PlainServer(STATE) as server, frames_of(line_to(server)) as frames:
        first = await whole(frames)
        server.push(state(portfolio={"equity": 101}), state(portfolio={"equity": 101}))
        changed, beat = await anext(frames), await anext(frames)
    snapshot = first.snapshot
    assert (snapshot.bot, snapshot.seq, snapshot.at) == ("grid", 0, NOW)
    assert (snapshot.session.strategy, snapshot.session.started_at) == ("grid", NOW)
    assert isinstance(changed, Changed)
    assert [(delta.kind, delta.data) for delta in changed.deltas] == [
        (DeltaKind.PORTFOLIO_UPDATE, {"changed": {"equity": 101.0}})
    ]
    assert isinstance(beat, Beat)
    assert [frame.stamp.bot_seq for frame in (first, changed, beat)] == [0, 1, 2]
    assert {frame.stamp.session_id for frame in (first, changed, beat)} == {snapshot.session_id}


async def test_a_bot_that_says_when_it_began_is_the_same_run_over_all_connections() -> None:
    began = state(session={"strategy": "grid", "mode": "live", "started_at": "2025-03-01T11:00:00Z"})
    async with PlainServer(began) as server, PlainServer(STATE) as another:
        runs: list[list[UUID]] = []
        for one in (server, another):
            line = line_to(one)
            runs.append([])
            for _ in range(2):
                async with frames_of(line) as frames:
                    runs[-1].append((await whole(frames)).snapshot.session_id)
    assert runs[0][0] == runs[0][1]
    assert runs[1][0] != runs[1][1]


async def test_new_lines_of_its_timeline_are_told_to_people() -> None:
    def line(message: str) -> Message:
        return {"at": NOW.isoformat(), "category": "warning", "message": message}

    async with PlainServer(state(timeline=[line("one")])) as server, frames_of(line_to(server)) as frames:
        await whole(frames)
        server.push(state(timeline=[line("one"), line("two")]))
        of_timeline = await said_in(frames)
        server.push({"type": "event", "message": "three"}, {"type": "event", "event": {"message": "four"}})
        of_events = [*await said_in(frames), *await said_in(frames)]
    assert (of_timeline, of_events) == (["two"], ["three", "four"])


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({"type": "state", "state": []}, "what grid says of itself is no object"),
        ({"type": "state", "state": {}}, "the state of grid does not fit: session: Field required; portfolio: Field"),
        (state(portfolio={}), "the state of grid does not fit: portfolio.equity: Field required"),
        (b"hello\n", "what grid says is no line of JSON"),
        (b"\xff\n", "what grid says is no line of JSON"),
        (b"[]\n", "what grid says is no line of JSON"),
    ],
)
async def test_what_does_not_fit_is_named(given: Message | bytes, what: str) -> None:
    async with PlainServer(STATE, given) as server, frames_of(line_to(server)) as frames:
        await whole(frames)
        with pytest.raises(NotUnderstood, match=f"^{what}"):
            await anext(frames)


async def test_what_does_not_fit_is_a_whole_sentence_where_people_are_told_why_a_bot_is_away() -> None:
    async with PlainServer({"type": "state", "state": []}) as server, RemoteBot("grid", server.url) as bot:
        async with bot.follow() as events:
            told = await the_next(events, Noted)
        assert bot.away == "What grid says of itself is no object."
    assert told.message == "What grid says of itself is no object. What is shown is the last that it said."


async def test_a_bot_on_a_socket_is_stamped_by_the_clock_that_was_handed_in() -> None:
    async with (
        PlainServer(STATE, answer=acks) as server,
        RemoteBot("grid", server.url, now=lambda: NOW) as bot,
        bot.follow() as events,
    ):
        await the_next(events, SnapshotTaken)
        ended = await bot.execute(KillSwitch(**order(), active=True))
    assert (ended.outcome, ended.finished_at) == (Outcome.DONE, NOW)


async def test_a_state_of_another_bot_is_not_taken_for_ours() -> None:
    async with PlainServer(state(bot="beta")) as server, frames_of(line_to(server)) as frames:
        with pytest.raises(WrongBot, match=r"This is beta, not grid\."):
            await anext(frames)


async def test_a_connection_that_ends_is_unreachable() -> None:
    async with PlainServer(STATE) as server, frames_of(line_to(server)) as frames:
        await whole(frames)
        await server.cut()
        with pytest.raises(Unreachable):
            await anext(frames)


def acks(question: Message) -> list[Message]:
    """Does not say ids back, and answers each question twice."""
    if question["type"] == "kill_switch":
        ack = {"type": "kill_switch_ack", "active": question["activate"], "ok": True, "error": None}
    else:
        ok = question["key"] == "size"
        error = None if ok else "not hot-reloadable"
        ack = {"type": "update_config_ack", "key": question["key"], "old": 1, "new": 2, "ok": ok, "error": error}
    return [ack, ack]


class Curt(PlainServer):
    """Closes at once, without a word, as what speaks first only when it is spoken to."""

    async def speak(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()


async def test_what_closes_without_a_word_may_be_no_control_socket() -> None:
    async with Curt() as server, line_to(server) as line:
        with pytest.raises(
            Unreachable,
            match=r"^it closed the connection without a word, as something else than a control socket would$",
        ):
            await line.snapshot()


async def test_its_two_words_are_said_and_its_answers_are_results() -> None:
    commands: list[Command] = [
        SetParameter(**order(), key="size", value=2),
        SetParameter(**order(), key="venue", value="okx"),
        KillSwitch(**order(), active=False),
    ]
    async with PlainServer(STATE, answer=acks) as server, RemoteBot("grid", server.url, line=line_to(server)) as bot:
        await asyncio.wait_for(first_facts(bot), 30)
        results = await asyncio.gather(*map(bot.execute, commands))
        again = await bot.execute(commands[0])
        recalled = await bot.recall(commands[0].id)
    assert [(one.command_id, one.outcome, one.message) for one in results] == [
        (commands[0].id, Outcome.DONE, "size is 2 now, it was 1."),
        (commands[1].id, Outcome.REFUSED, "not hot-reloadable"),
        (commands[2].id, Outcome.DONE, "The kill switch is off."),
    ]
    assert again == recalled == results[0]
    assert [(one["type"], one["by"]) for one in server.heard] == [
        ("update_config", "ada"),
        ("update_config", "ada"),
        ("kill_switch", "ada"),
    ]
    assert {one["not_after"] for one in server.heard} == {"2025-03-01T12:00:30+00:00"}


async def test_it_is_not_asked_for_something_else_under_the_same_id() -> None:
    async with PlainServer(STATE, answer=acks) as server, line_to(server) as line:
        await line.execute(first := KillSwitch(**order(), active=True), 30)
        refused = (await line.execute(first.model_copy(update={"active": False}), 30)).result
    assert (refused.outcome, len(server.heard)) == (Outcome.REFUSED, 1)
    assert refused.message == (
        "Nothing was done: this id is that of an earlier kill switch that asked for something else. "
        "Give every command an id of its own."
    )


@pytest.mark.parametrize("greeting", [[], [STATE]], ids=["said nothing yet", "silent for too long"])
async def test_what_adds_risk_is_not_left_with_a_bot_that_is_silent(greeting: list[Message]) -> None:
    async with (
        PlainServer(*greeting) as server,
        SocketLine("grid", server.url, None, now=now, hello_s=0.05, silence_s=0.0) as line,
    ):
        for command in (KillSwitch(**order(), active=False), SetParameter(**order(), key="size", value=2)):
            with pytest.raises(NothingSent, match=r"^it is silent$"):
                await line.execute(command, 0.1)
        with pytest.raises(Unreachable, match=r"^no answer in time$"):
            await line.execute(KillSwitch(**order(), active=True), 0.1)
    assert [one["activate"] for one in server.heard] == [True]


async def first_facts(bot: RemoteBot) -> None:
    async with bot.follow() as events:
        while bot.snapshot() is None:
            await anext(events)


async def test_its_words_are_said_also_while_nobody_follows() -> None:
    async with PlainServer(STATE, answer=acks) as server, line_to(server) as line:
        answered = await line.execute(KillSwitch(**order()), 30)
    assert (answered.result.outcome, answered.seq) == (Outcome.DONE, None)


async def test_what_it_has_no_ear_for_is_not_sent() -> None:
    async with PlainServer(STATE) as server, line_to(server) as line:
        refused = (await line.execute(close(), 30)).result
        late = SetParameter(**{**order(), "not_after": NOW - timedelta(seconds=1)}, key="size", value=2)
        too_late = (await line.execute(late, 30)).result
        preview = await line.preview(close())
    assert (refused.outcome, refused.started_at) == (Outcome.REFUSED, None)
    assert refused.message == (
        "grid does not know how to close position: its control socket takes parameters and the kill switch alone."
    )
    assert (too_late.outcome, preview) == (Outcome.REFUSED, None)
    assert server.heard == []


async def test_an_answer_that_a_simple_bot_never_gave_is_not_made_up() -> None:
    command = KillSwitch(**order())
    async with PlainServer(STATE) as server, line_to(server) as line:
        with pytest.raises(Unreachable, match=r"^no answer in time$"):
            await line.execute(command, 0.1)
        with pytest.raises(Unreachable, match=r"^grid does not remember what it was asked$"):
            await line.recall(command.id)


async def test_an_answer_that_came_too_late_is_not_taken_for_another() -> None:
    async with PlainServer(STATE) as server:
        line = line_to(server)
        async with frames_of(line) as frames:
            await whole(frames)
            with pytest.raises(Unreachable, match=r"^no answer in time$"):
                await line.execute(SetParameter(**order(), key="size", value=2), 0.05)
            server.push({"type": "update_config_ack", "key": "size", "old": 1, "new": 2, "ok": True, "error": None})
            with pytest.raises(Unreachable):
                await anext(frames)


async def test_what_a_simple_bot_holds_comes_and_goes_in_front_of_people() -> None:
    held = Position.model_validate(position("sol")).model_dump(mode="json")
    closing = {**held, "stage": "closing"}
    async with (
        PlainServer(STATE) as server,
        RemoteBot("grid", server.url, line=line_to(server), now=now) as bot,
        asyncio.timeout(30),
        bot.follow() as events,
    ):
        await first_facts(bot)
        server.push(state(positions=[held]), state(positions=[closing]), state())
        told = [one async for one in until_closed(events)]
    assert [(one.before and one.before.stage, one.after and one.after.stage) for one in told] == [
        (None, "open"),
        ("open", "closing"),
        ("closing", None),
    ]


async def until_closed(events: AsyncIterator[Event]) -> AsyncIterator[PositionChanged]:
    async for event in events:
        if isinstance(event, PositionChanged):
            yield event
            if event.after is None:
                return


async def test_how_many_events_a_reader_missed_is_told() -> None:
    hello = {"type": "hello", "bot": "grid", "protocol": 1, "accepts": []}
    async with (
        PlainServer(hello, STATE, {"type": "missed", "count": 7}) as server,
        frames_of(line_to(server)) as frames,
    ):
        await whole(frames)
        changed = await anext(frames)
    assert isinstance(changed, Changed)
    assert [(delta.kind, delta.data) for delta in changed.deltas] == [(DeltaKind.EVENTS_MISSED, {"count": 7})]


@pytest.mark.parametrize("answer", [{}, {"result": {}}, {"result": "never"}])
async def test_only_a_plain_null_says_that_a_command_never_ran(answer: Message) -> None:
    def tells(question: Message) -> list[Message]:
        return [{"type": "recall_result", "id": question["id"], **answer}]

    hello = {"type": "hello", "bot": "grid", "protocol": 1, "accepts": ["command", "recall"]}
    async with PlainServer(hello, STATE, answer=tells) as server, line_to(server) as line:
        with pytest.raises(NotUnderstood):
            await line.recall(uuid4())


async def test_a_hello_without_sense_is_that_of_a_simple_bot() -> None:
    hello = {"type": "hello", "bot": 7, "accepts": 1}
    async with PlainServer(hello, STATE, answer=acks) as server, line_to(server) as line:
        refused = (await line.execute(close(), 30)).result
        killed = (await line.execute(KillSwitch(**order()), 30)).result
    assert (refused.outcome, killed.outcome) == (Outcome.REFUSED, Outcome.DONE)


async def test_a_bot_that_says_hello_takes_what_it_says_that_it_takes() -> None:
    def refuses(question: Message) -> list[Message]:
        return [{"type": "error", "error": "refused", "message": "Not today.", "to": question["type"]}]

    hello = {"type": "hello", "bot": "grid", "protocol": 1, "accepts": ["command", "preview", "recall"]}
    async with PlainServer(hello, STATE, answer=refuses) as server, line_to(server) as line:
        refused = (await line.execute(close(), 30)).result
        with pytest.raises(Refused, match=r"^Not today\.$"):
            await line.preview(close())
        with pytest.raises(Unreachable, match=r"^grid does not say what came of it: Not today\.$"):
            await line.recall(uuid4())
    assert (refused.outcome, refused.message) == (Outcome.REFUSED, "Not today.")


async def test_an_answer_that_makes_no_sense_is_no_answer() -> None:
    def nonsense(question: Message) -> list[Message]:
        return [{"type": "command_result", "id": question["command"]["id"], "result": {"outcome": "fine"}}]

    hello = {"type": "hello", "bot": "grid", "protocol": 1, "accepts": ["command"]}
    async with PlainServer(hello, STATE, answer=nonsense) as server, line_to(server) as line:
        with pytest.raises(NotUnderstood, match="what grid answers does not fit: command_id: Field required"):
            await line.execute(close(), 30)
