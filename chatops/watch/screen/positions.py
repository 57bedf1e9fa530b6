"""The table of positions, in which one is selected."""

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from chatops.watch.screen.board import Board


class PositionsBoard(Board):
    """Says which line was chosen; whoever fills it knows which position that is."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("home", "choose(0)", show=False),
        Binding("end", "choose(1000000)", show=False),
    ]

    class Selected(Message):
        """This line was chosen."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    def action_move(self, by: int) -> None:
        """The next line."""
        self.action_choose((self.page.cursor or 0) + by)

    def action_page(self, by: int) -> None:
        """As many lines as are in sight."""
        self.action_move(by * max(1, self.size.height - 2))

    def action_choose(self, index: int) -> None:
        """This line, or the nearest there is."""
        if self.page.cursor is not None:
            self.post_message(self.Selected(max(0, min(index, self.page.count - 1))))

    def on_click(self, event: events.Click) -> None:
        """The line that was clicked."""
        offset = event.get_content_offset(self)
        if offset is not None and 0 <= (number := self.number_at(offset.y)) < self.page.count:
            self.action_choose(number)
