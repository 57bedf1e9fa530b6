"""The question before an act, its course, and what became of it."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from alerts.durations import span
from bot_integration import CommandResult, Preview, Refused, Unreachable
from chatops.layout import plain
from chatops.views.format import how_old
from chatops.watch.acts import Act, ended, foreseen
from chatops.watch.cells import Cell, Line, Tone
from chatops.watch.scene import Scene
from chatops.watch.screen.colours import text

#: A key that was struck twice, or typed ahead, confirms nothing: for so long a question takes no yes.
ARMED_AFTER_S = 0.5


class Question(ModalScreen[None]):
    """No single key acts: one opens this, another confirms it. Left with Escape at any time; what runs goes on."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,n", "leave", "No", priority=False),
        Binding("left", "turn(-1)", show=False),
        Binding("right", "turn(1)", show=False),
    ]

    def __init__(
        self,
        acts: Sequence[Act],
        scene: Scene,
        *,
        foresee: Callable[[Act], "asyncio.Task[Preview | None]"],
        carry_out: Callable[[Act], "asyncio.Task[CommandResult]"],
        armed_after_s: float = ARMED_AFTER_S,
    ) -> None:
        """Of several acts the first is asked about; the arrows go through them."""
        super().__init__()
        self._acts = acts
        self._at = 0
        self._scene = scene
        self._foresee = foresee
        self._carry_out = carry_out
        self._armed_after_s = armed_after_s
        self._armed = armed_after_s <= 0
        #: What the bot said beforehand; None until it has said anything, or that it will not.
        self._foreseen: list[Line] | None = None
        self._foreseen_at: datetime | None = None
        self._refused = False
        self._began: datetime | None = None
        self._result: CommandResult | None = None

    @property
    def act(self) -> Act:
        """What is asked about."""
        return self._acts[self._at]

    @property
    def says(self) -> str:
        """All of it, as text."""
        lines = ["".join(cell.text for cell in line) for line in (*self._said(), self._keys())]
        return "\n".join([self._title, *lines])

    def compose(self) -> ComposeResult:
        """A box with what will happen and the keys; where a word has to be typed, its field."""
        with VerticalScroll(id="box", can_focus=False):
            yield Static(id="said")
            if self.act.typed:
                yield Input(placeholder=f"type {self.act.typed} and press Enter", max_length=20)
            yield Static(id="keys")

    def on_mount(self) -> None:
        """Ask, and let the bot say what it would come to."""
        if self._armed_after_s > 0:
            # Not Textual's timer for one time: it skips that time for good where we are held up as it starts.
            self.set_interval(self._armed_after_s, self._arm)
        if self.act.previewed:
            self.run_worker(self._look_ahead(self._foresee(self.act)))
        self.redraw()

    def redraw(self) -> None:
        """Say what is known now."""
        if not self.is_running or not self.query("#keys"):
            # It is being left: what it is made of goes piece by piece.
            return
        self.set_class(self._result is not None, "-settled")
        self.query_one("#box").border_title = self._title.replace("[", "\\[")
        self.query_one("#said", Static).update(Text("\n").join(map(text, self._said())))
        self.query_one("#keys", Static).update(text(self._keys()))
        for field in self.query(Input):
            field.display = self._began is None

    def on_key(self, event: events.Key) -> None:
        """`y` confirms, where that is enough and not too early."""
        if self._result is not None and event.key in ("enter", "space"):
            self.dismiss()
        elif event.key in ("y", "Y") and self._may_be_confirmed and not self.act.typed:
            self._begin()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """The typed word confirms, and nothing like it."""
        if event.value.strip().casefold() == self.act.typed and self._may_be_confirmed:
            self._begin()
        else:
            event.input.clear()

    def action_leave(self) -> None:
        """Nothing is done that was not confirmed; what was goes on, and is told when it ends."""
        self.dismiss()

    def action_turn(self, by: int) -> None:
        """The next of the acts."""
        if self._began is None:
            self._at = (self._at + by) % len(self._acts)
            self.redraw()

    # -------------------------------------------------------------------------- inside

    @property
    def _title(self) -> str:
        asking = "?" if self._began is None else ""
        return plain(f"{self.act.said} on {self._scene.bot.name}{asking}")

    @property
    def _may_be_confirmed(self) -> bool:
        waits = self.act.previewed and self._foreseen is None
        return self._armed and self._began is None and not waits and not self._refused

    def _arm(self) -> None:
        self._armed = True
        self.redraw()

    async def _look_ahead(self, asked: "asyncio.Task[Preview | None]") -> None:
        try:
            preview = await asked
        except Refused as refusal:
            self._refused = True
            self._foreseen = [(Cell(f"The bot will not: {plain(str(refusal))}", Tone.WARN),)]
        except Unreachable as error:
            self._foreseen = [(Cell(f"It cannot be asked what that would come to: {plain(str(error))}", Tone.WARN),)]
        else:
            silent: Line = (Cell("The bot does not say beforehand what it would come to.", Tone.DIM),)
            self._foreseen = [silent] if preview is None else foreseen(preview) or [silent]
            self._foreseen_at = preview.at if preview else None
        self.redraw()

    def _begin(self) -> None:
        self._began = self._scene.now
        self.run_worker(self._await(self._carry_out(self.act)))
        self.redraw()

    async def _await(self, running: "asyncio.Task[CommandResult]") -> None:
        # Not cancelled with this question: what was sent cannot be taken back.
        self._result = await asyncio.shield(running)
        self.redraw()

    def _said(self) -> list[Line]:
        if self._result is not None:
            return ended(self._result)
        if self._began is not None:
            since = span(self._scene.now - self._began)
            return [(Cell(f"{self.act.doing} … "), Cell(since, Tone.DIM))]
        snapshot = self._scene.snapshot
        said = [] if snapshot is None else list(self.act.meaning(snapshot))
        if len(self._acts) > 1:
            names = [Cell(f" {act.choice} ", Tone.PAPER if act is self.act else Tone.DIM) for act in self._acts]
            said = [tuple(names), (), *said]
        if self._scene.away is not None:
            said.append((Cell(f"{self._scene.away.why} It may not be reached.", Tone.WARN),))
        if self.act.previewed:
            said += [(), *(self._foreseen or [(Cell("asking what it would come to …", Tone.DIM),)])]
        if self._foreseen_at is not None:
            said.append((Cell(how_old(self._foreseen_at, self._scene.now), Tone.DIM),))
        return said

    def _keys(self) -> Line:
        if self._result is not None:
            return (Cell("Esc", Tone.STRONG), Cell(" close", Tone.DIM))
        if self._began is not None:
            return (Cell("Esc", Tone.STRONG), Cell(" leave it running: the outcome is told below", Tone.DIM))
        yes = Tone.STRONG if self._may_be_confirmed else Tone.DIM
        keys = [Cell("Esc", Tone.STRONG), Cell(" no", Tone.DIM)]
        if not self.act.typed and not self._refused:
            keys = [Cell("y", yes), Cell(" yes   ", Tone.DIM), Cell("n", Tone.STRONG), Cell(" no", Tone.DIM)]
        if len(self._acts) > 1:
            keys += [Cell("   ← →", Tone.STRONG), Cell(" another", Tone.DIM)]
        return tuple(keys)
