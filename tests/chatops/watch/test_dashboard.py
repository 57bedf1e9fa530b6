"""The dashboard as somebody uses it: keys, questions, sizes, a bot that goes away."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual.events import Key
from textual.pilot import Pilot
from textual.widgets import Input
from textual.worker import WorkerFailed

from bot_integration import (
    BotController,
    ClosePosition,
    Command,
    CommandFinished,
    CommandResult,
    Outcome,
    Pause,
    Preview,
)
from bot_integration.commands import unknown
from chatops.ids import uuid7
from chatops.watch.link import Away, heard
from chatops.watch.screen.board import Board
from chatops.watch.screen.dashboard import Dashboard
from chatops.watch.screen.question import Question
from tests.chatops.watch.facts import Clock, Wire, crashing

PHONE, DESK = (80, 24), (160, 50)


class Lost(BotController):
    """A bot whose answers get lost."""

    async def execute(self, command: Command) -> CommandResult:
        return unknown(command, "No answer from alpha.", command.not_after)


class Slow(BotController):
    """A bot that answers when it is let."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.may_answer = asyncio.Event()
        self.asked: list[Command] = []

    async def execute(self, command: Command) -> CommandResult:
        self.asked.append(command)
        await self.may_answer.wait()
        return CommandResult(command_id=command.id, outcome=Outcome.DONE, message="Paused: entry.")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@asynccontextmanager
async def sitting(
    bot: BotController,
    clock: Clock,
    *,
    wire: Wire | None = None,
    size: tuple[int, int] = PHONE,
    armed_after_s: float = 0.0,
) -> AsyncIterator[Pilot[None]]:
    dashboard = Dashboard(bot, away=wire or heard, by="ada", now=clock, new_id=uuid7, armed_after_s=armed_after_s)
    async with dashboard.run_test(size=size) as pilot:
        await until_drawn(pilot)
        yield pilot


async def strike(pilot: Pilot[None], *keys: str) -> None:
    """As somebody types, without Textual's own waiting for an idle machine."""
    driver = pilot.app._driver
    assert driver is not None
    for key in keys:
        driver.send_message(Key(key, key if len(key) == 1 else None))
        for _ in range(3):
            await pilot.pause(0)


async def until_drawn(pilot: Pilot[None]) -> None:
    """All that waits is done and drawn."""
    await pilot.pause(0)
    dashboard(pilot).draw()
    await pilot.pause(0)


def dashboard(pilot: Pilot[None]) -> Dashboard:
    assert isinstance(pilot.app, Dashboard)
    return pilot.app


def shown(pilot: Pilot[None], panel: str) -> str:
    return "\n".join(pilot.app.screen_stack[0].query_one(f"#{panel}", Board).drawn)


def asked(pilot: Pilot[None]) -> str:
    """The question that is open, as text."""
    question = pilot.app.screen
    assert isinstance(question, Question), "nothing is asked"
    return question.says


async def until_broken(left: Dashboard) -> None:
    async with asyncio.timeout(30):
        await left._exception_event.wait()


async def follow_up(pilot: Pilot[None], words: str) -> str:
    """Wait until the question says this."""
    async with asyncio.timeout(30):
        while words not in asked(pilot):
            await pilot.pause(0.01)
    return asked(pilot)


# What is seen.


@pytest.mark.parametrize("size", [PHONE, DESK, (100, 30), (200, 60), (50, 14), (20, 6)])
async def test_the_header_and_the_positions_are_seen_at_any_size(clock: Clock, size: tuple[int, int]) -> None:
    async with sitting(crashing(90, clock).controller, clock, size=size) as pilot:
        assert shown(pilot, "header").startswith(" PAPER ")
        assert "BTC-1" in shown(pilot, "positions") or size[1] < 10


async def test_on_a_desk_all_panels_are_seen_at_once(clock: Clock) -> None:
    async with sitting(crashing(90, clock).controller, clock, size=DESK) as pilot:
        assert "HF 0.0" in shown(pilot, "legs")
        assert "SOL okx" in shown(pilot, "funding")
        assert "Equity" in shown(pilot, "portfolio")
        assert "SOL-1 opened" in shown(pilot, "timeline")


async def test_in_a_small_window_the_panels_share_one_place(clock: Clock) -> None:
    async with sitting(crashing(90, clock).controller, clock, size=PHONE) as pilot:
        for key, panel, words in (
            ("2", "funding", "SOL okx"),
            ("3", "portfolio", "Equity"),
            ("4", "timeline", "BTC-2"),
        ):
            await strike(pilot, key)
            await until_drawn(pilot)
            assert words in shown(pilot, panel)
            assert not pilot.app.query_one("#legs").display
            assert pilot.app.query_one(f"#{panel}").region.bottom <= PHONE[1] - 1


async def test_a_window_that_grows_shows_more(clock: Clock) -> None:
    async with sitting(crashing(90, clock).controller, clock, size=PHONE) as pilot:
        assert not pilot.app.query_one("#funding").display
        await pilot.resize_terminal(*DESK)
        await until_drawn(pilot)
        assert "SOL okx" in shown(pilot, "funding")
        assert "room" in shown(pilot, "positions")
        assert "Equity" in shown(pilot, "portfolio")


async def test_the_legs_are_those_of_the_position_that_is_selected(clock: Clock) -> None:
    async with sitting(crashing(90, clock).controller, clock, size=DESK) as pilot:
        rows = shown(pilot, "positions").splitlines()
        await strike(pilot, "down", "down")
        await until_drawn(pilot)
        assert shown(pilot, "legs").startswith(rows[3].split()[0])


async def test_what_the_bot_tells_is_drawn_without_being_asked(clock: Clock) -> None:
    bot = crashing(90, clock)
    async with sitting(bot.controller, clock) as pilot:
        before = shown(pilot, "header")
        bot.tick()
        async with asyncio.timeout(30):
            while shown(pilot, "header") == before:
                await pilot.pause(0.01)


async def test_of_a_bot_that_is_away_the_last_facts_stay_and_are_marked(clock: Clock) -> None:
    wire = Wire()
    async with sitting(crashing(90, clock).controller, clock, wire=wire, size=DESK) as pilot:
        wire.away = Away(clock(), "Alpha does not answer.")
        clock.move(65)
        await until_drawn(pilot)
        header = shown(pilot, "header")
        assert "✗ AWAY since" in header
        assert "1 min 14 s old" in header
        assert "Alpha does not answer." in header
        assert "BTC-1" in shown(pilot, "positions")


async def test_only_cells_that_changed_are_drawn_anew(clock: Clock) -> None:
    async with sitting(crashing(90, clock).controller, clock, size=DESK) as pilot:
        boards = list(pilot.app.query(Board))
        drawn = [dict(board._drawn) for board in boards]
        for board in boards:
            board.redraw()
            assert not board._repaint_required, board.id
        clock.move(1)
        dashboard(pilot).draw()
        after = [board._drawn for board in boards]
        assert drawn != after
        positions = pilot.app.query_one("#positions", Board)
        assert not positions._repaint_required


# What is done.


async def test_no_single_key_acts(clock: Clock) -> None:
    bot = crashing(90, clock).controller
    async with sitting(bot, clock) as pilot, bot.follow() as told:
        for key in "cprks":
            await strike(pilot, key)
            assert isinstance(pilot.app.screen, Question), key
            await strike(pilot, "escape")
            assert not isinstance(pilot.app.screen, Question), key
        before = bot.snapshot()
        await strike(pilot, "y", "n", "enter", "space", "a", "x")
        assert bot.snapshot() is before
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await anext(told)


async def test_a_position_is_closed_after_its_preview_was_seen_and_confirmed(clock: Clock) -> None:
    paper = crashing(80, clock)
    bot = paper.controller
    async with sitting(bot, clock, size=DESK) as pilot:
        first = shown(pilot, "positions").splitlines()[1].split()[0]
        await strike(pilot, "c")
        question = await follow_up(pilot, "net ")
        assert question.startswith(f"Close {first} on alpha?")
        await strike(pilot, "y")
        outcome = await follow_up(pilot, "✓")
        assert f"{first} closed" in outcome
        paper.tick()
        snapshot = bot.snapshot()
        assert snapshot is not None
        assert snapshot.position(first) is None
        await strike(pilot, "escape")
        await until_drawn(pilot)
        assert f"close position by ada: ✓ {first} closed" in shown(pilot, "timeline")


async def test_no_is_no(clock: Clock) -> None:
    bot = crashing(80, clock).controller
    async with sitting(bot, clock) as pilot:
        before = bot.snapshot()
        await strike(pilot, "c")
        await follow_up(pilot, "net ")
        await strike(pilot, "n")
        assert not isinstance(pilot.app.screen, Question)
        assert bot.snapshot() is before


async def test_a_yes_that_was_typed_ahead_confirms_nothing(clock: Clock) -> None:
    async with sitting(crashing(80, clock).controller, clock, armed_after_s=60) as pilot:
        await strike(pilot, "p", "y", "y")
        assert "y yes" in asked(pilot)


async def test_the_arrows_choose_what_is_paused(clock: Clock) -> None:
    bot = crashing(80, clock).controller
    async with sitting(bot, clock) as pilot:
        await strike(pilot, "p", "right", "right")
        assert "Neither entries nor exits." in await follow_up(pilot, "Pause all on alpha?")
        await strike(pilot, "y")
        await follow_up(pilot, "✓ Paused: all.")
        await strike(pilot, "enter")
        await until_drawn(pilot)
        assert "paused all by ada" in shown(pilot, "header")


async def test_the_stop_wants_its_word_typed(clock: Clock) -> None:
    paper = crashing(80, clock)
    bot = paper.controller
    async with sitting(bot, clock) as pilot:
        await strike(pilot, "s")
        await strike(pilot, "y", "enter")
        assert "EMERGENCY STOP on alpha?" in asked(pilot)
        assert pilot.app.screen.query_one(Input).value == ""
        await strike(pilot, *"stop", "enter")
        await follow_up(pilot, "✓")
        paper.tick()
        snapshot = bot.snapshot()
        assert snapshot is not None
        assert snapshot.positions == ()


async def test_a_lost_answer_is_called_unknown(clock: Clock) -> None:
    bot = Lost("alpha", now=clock)
    bot.publish(crashing(5, clock).controller.snapshot() or {})
    async with sitting(bot, clock) as pilot:
        await strike(pilot, "k")
        await follow_up(pilot, "kill switch ON")
        await strike(pilot, "y")
        outcome = await follow_up(pilot, "UNKNOWN")
        assert "It may have happened. Look before you ask again." in outcome
        assert "ailed" not in outcome


async def test_a_refusal_is_told_before_it_is_asked_for(clock: Clock) -> None:
    paper = crashing(80, clock)
    bot = paper.controller
    async with sitting(bot, clock) as pilot:
        # Somebody else turns the kill switch on: nothing may be closed from then on.
        await strike(pilot, "k")
        await follow_up(pilot, "kill switch ON")
        await strike(pilot, "y")
        await follow_up(pilot, "✓")
        await strike(pilot, "enter")
        await strike(pilot, "c")
        await follow_up(pilot, "The bot will not:")
        await strike(pilot, "y")
        assert "The bot will not:" in asked(pilot)


async def test_what_runs_goes_on_when_its_question_is_left_and_is_told_when_it_ends(clock: Clock) -> None:
    bot = Slow("alpha")
    bot.publish(crashing(5, clock).controller.snapshot() or {})
    async with sitting(bot, clock) as pilot:
        await strike(pilot, "p", "y")
        await follow_up(pilot, "Pausing entry …")
        await strike(pilot, "escape")
        assert dashboard(pilot).unsettled == ("Pause entry",)
        bot.may_answer.set()
        async with asyncio.timeout(30):
            while dashboard(pilot).unsettled:
                await pilot.pause(0.01)
        await pilot.pause(0)
        assert [note.message for note in pilot.app._notifications] == ["✓ Paused: entry."]
        assert [type(command) for command in bot.asked] == [Pause]


async def test_what_runs_when_the_dashboard_is_left_is_named_and_waited_for_no_more(clock: Clock) -> None:
    bot = Slow("alpha")
    bot.publish(crashing(5, clock).controller.snapshot() or {})
    async with sitting(bot, clock) as pilot:
        await strike(pilot, "p", "y")
        await follow_up(pilot, "Pausing entry …")
        left = dashboard(pilot)
    assert await left.let_go() == ("Pause entry",)


class Broken(BotController):
    """The way to it breaks when it is asked for anything."""

    async def execute(self, command: Command) -> CommandResult:
        raise RuntimeError("the line is not open")


async def test_what_broke_on_the_way_to_the_bot_has_not_ended_for_whoever_asked(clock: Clock) -> None:
    bot = Broken("alpha")
    bot.publish(crashing(5, clock).controller.snapshot() or {})
    with pytest.raises((RuntimeError, WorkerFailed), match="the line is not open"):  # noqa: PT012 - told as it is left
        async with sitting(bot, clock) as pilot:
            left = dashboard(pilot)
            await strike(pilot, "p", "y")
            await until_broken(left)
    assert await left.let_go() == ("Pause entry",)


class Blind(BotController):
    """Looking ahead breaks as nobody foresaw."""

    async def preview(self, command: Command) -> Preview | None:
        raise RuntimeError("nobody foresaw this")


async def test_a_look_ahead_that_breaks_is_told_and_asks_for_nothing_for_ever(clock: Clock) -> None:
    bot = Blind("alpha")
    bot.publish(crashing(80, clock).controller.snapshot() or {})
    with pytest.raises(WorkerFailed, match="nobody foresaw this"):  # noqa: PT012 - told as it is left
        async with sitting(bot, clock) as pilot:
            await strike(pilot, "c")
            await until_broken(dashboard(pilot))


async def test_what_others_do_is_seen(clock: Clock) -> None:
    bot = crashing(80, clock).controller
    command = ClosePosition(id=uuid7(), by="grace", not_after=clock(), position_id="NONE-1")
    async with sitting(bot, clock, size=DESK) as pilot, bot.follow() as told:
        await bot.execute(command)
        async for event in told:
            if isinstance(event, CommandFinished):
                break
        await until_drawn(pilot)
        assert "close position by grace: Refused:" in shown(pilot, "timeline")
