"""The dashboard: panels of one bot, drawn anew when it tells something and once a second for what counts down."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from textual import events
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.driver import Driver
from textual.widgets import Footer

from bot_integration import Bot, CommandResult, Outcome, Preview, SnapshotTaken
from chatops.tasks import end
from chatops.views.trading import SIGNS
from chatops.watch import acts
from chatops.watch.acts import Act
from chatops.watch.link import Away
from chatops.watch.scene import Scene
from chatops.watch.screen.board import Board
from chatops.watch.screen.positions import PositionsBoard
from chatops.watch.screen.question import ARMED_AFTER_S, Question
from chatops.watch.screen.styles import CSS

log = logging.getLogger(__name__)

#: Between two drawings, however often the bot tells something.
PACE_S = 0.1
#: Between two looks at the clock.
TICK_S = 1.0
#: Columns from which all panels stand beside each other, and rows from which there is more than the positions.
WIDE, TALL = 120, 18
#: Panels that share one place where there is no room for all, with the class that shows each.
TABS = (("legs", "Legs"), ("funding", "Funding"), ("portfolio", "Portfolio"), ("timeline", "Timeline"))


class Dashboard(App[None]):
    """Runs until it is left; `let_go` what was asked before its bot is."""

    CSS = CSS
    ENABLE_COMMAND_PALETTE = False
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012 - as Textual declares it
    VERTICAL_BREAKPOINTS = [(0, "-low"), (TALL, "-tall")]  # noqa: RUF012 - as Textual declares it
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "close", "Close…"),
        Binding("p", "pause", "Pause…"),
        Binding("r", "resume", "Resume…"),
        Binding("k", "kill", "Kill…"),
        Binding("s", "stop", "Stop…"),
        *(Binding(str(number), f"tab('{name}')", show=False) for number, (name, _) in enumerate(TABS, start=1)),
        Binding("q", "quit", "Quit", key_display="q"),
        Binding("ctrl+c", "quit", show=False, priority=True),
        Binding("ctrl+z", "suspend_process", show=False),
    ]

    def __init__(
        self,
        bot: Bot,
        *,
        away: Callable[[], Away | None],
        by: str,
        now: Callable[[], datetime],
        new_id: Callable[[], UUID],
        armed_after_s: float = ARMED_AFTER_S,
        driver: type[Driver] | None = None,
    ) -> None:
        super().__init__(driver_class=driver)
        self.title = bot.name
        self._bot = bot
        self._by = by
        self._now = now
        self._new_id = new_id
        self._armed_after_s = armed_after_s
        self._scene = Scene(bot, away, now)
        self._tab = TABS[0][0]
        self._is_due = False
        self._asked: dict[asyncio.Task[CommandResult], Act] = {}

    @property
    def fault(self) -> Exception | None:
        """What it broke of."""
        return self._exception

    @property
    def unsettled(self) -> tuple[str, ...]:
        """What was asked, and nobody here knows yet what became of it."""
        return tuple(act.said for act in self._asked.values())

    async def let_go(self) -> tuple[str, ...]:
        """Wait no more for what was asked; gives what had not ended by then."""
        left = self.unsettled
        await end(*self._asked)
        return left

    def compose(self) -> ComposeResult:
        """The panels; where they stand is for the style sheet."""
        scene = self._scene
        header = Board(scene.header, id="header")
        header.can_focus = False
        yield header
        with Container(id="body"):
            with Container(id="left"):
                yield PositionsBoard(scene.positions, id="positions")
                yield Board(scene.legs, id="legs")
                yield Board(scene.timeline, id="timeline")
            with Container(id="right"):
                yield Board(scene.portfolio, id="portfolio")
                yield Board(scene.funding, id="funding")
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        """Begin to follow the bot."""
        # As the breakpoints will have it a moment later: the first picture is not one of another size.
        self.screen.set_class(self.size.width < WIDE, "-narrow")
        self.screen.set_class(self.size.width >= WIDE, "-wide")
        self.screen.set_class(self.size.height < TALL, "-low")
        self.query_one("#positions").focus()
        self.action_tab(self._tab)
        self.set_interval(TICK_S, self.draw)
        self.run_worker(self._follow())

    def on_resize(self, event: events.Resize) -> None:
        """Another size has other places for the panels."""
        self.call_after_refresh(self.draw)

    def draw(self) -> None:
        """Look, and have drawn what differs."""
        self._is_due = False
        if not self.screen_stack:
            # It is being left.
            return
        self._scene.look()
        faded = self._scene.away is not None
        screen = self.screen_stack[0]
        for board in screen.query(Board):
            board.redraw(faded=faded)
            title = self._title(board)
            if board.border_title != title:
                board.border_title = title
        if isinstance(self.screen, Question):
            self.screen.redraw()

    # --------------------------------------------------------------------------- keys

    def on_positions_board_selected(self, event: PositionsBoard.Selected) -> None:
        """Another position is looked at."""
        self._scene.select(event.index)
        self.draw()

    def action_tab(self, name: str) -> None:
        """Show this panel, where only one of them has room."""
        self._tab = name
        body = self.query_one("#body")
        for each, _ in TABS:
            body.set_class(each == name, f"-{each}")
        self.call_after_refresh(self.draw)

    def action_close(self) -> None:
        """Ask about closing the selected position."""
        chosen = self._scene.selected
        self._ask([] if chosen is None else [acts.close(chosen)], "No position is selected.")

    def action_pause(self) -> None:
        """Ask what to hold back."""
        snapshot = self._scene.snapshot
        self._ask([] if snapshot is None else acts.pause(snapshot))

    def action_resume(self) -> None:
        """Ask what to let go on."""
        snapshot = self._scene.snapshot
        self._ask([] if snapshot is None else acts.resume(snapshot))

    def action_kill(self) -> None:
        """Ask about the kill switch."""
        snapshot = self._scene.snapshot
        self._ask([] if snapshot is None else acts.kill(snapshot))

    def action_stop(self) -> None:
        """Ask about the emergency stop."""
        self._ask([acts.stop()] if self._scene.snapshot is not None else [])

    def _ask(self, choices: Sequence[Act], nothing: str = "Nothing is known of the bot yet.") -> None:
        if isinstance(self.screen, Question):
            return
        if not choices:
            self.notify(nothing, severity="warning")
            return
        question = Question(
            choices,
            self._scene,
            foresee=self._foresee,
            carry_out=self._carry_out,
            armed_after_s=self._armed_after_s,
        )
        self.push_screen(question)

    # ------------------------------------------------------------------------- inside

    async def _follow(self) -> None:
        async with self._bot.follow() as told:
            async for event in told:
                self._scene.hear(event)
                if isinstance(event, SnapshotTaken) and self._is_due:
                    continue
                self._is_due = True
                self.set_timer(PACE_S, self.draw)

    def _foresee(self, act: Act) -> "asyncio.Task[Preview | None]":
        return asyncio.create_task(self._bot.preview(act.command(self._new_id(), self._by, self._now())))

    def _carry_out(self, act: Act) -> "asyncio.Task[CommandResult]":
        command = act.command(self._new_id(), self._by, self._now())
        task = asyncio.create_task(self._bot.execute(command), name=act.said)
        self._asked[task] = act
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: "asyncio.Task[CommandResult]") -> None:
        if task.cancelled():
            return
        if (error := task.exception()) is not None:
            log.error("asking broke", exc_info=error)
            if self.is_running and isinstance(error, Exception):
                # Its question is perhaps no longer there to say so.
                self._handle_exception(error)
            return
        act = self._asked.pop(task)
        if self.is_running and not isinstance(self.screen, Question):
            result = task.result()
            done = result.outcome is Outcome.DONE
            said = f"{SIGNS[result.outcome]} {result.message}"
            self.notify(said, title=act.said, severity="information" if done else "error", timeout=20, markup=False)

    def _title(self, board: Board) -> str:
        if board.id == "header":
            return ""
        names = [name for name, _ in TABS]
        if self.screen_stack[0].has_class("-wide") or board.id not in names:
            return board.page.title.replace("[", "\\[")
        words = [(number, name, word) for number, (name, word) in enumerate(TABS, start=1)]
        return "  ".join(
            f"[b]{n} {word}[/b]" if name == self._tab else f"[dim]{n} {word}[/dim]" for n, name, word in words
        )

    def _fatal_error(self) -> None:
        # Textual's own prints the local variables too, and one of them may be the token. Whoever runs us raises it.
        self._close_messages_no_wait()
