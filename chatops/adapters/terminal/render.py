"""A card as text for a terminal. What comes from outside cannot move the cursor or hide."""

import io

from rich.console import Console
from rich.text import Text

from chatops.adapters.terminal.card import Card, NumberedKey
from chatops.layout import plain, width
from chatops.messages import Block, Paragraph

#: As wide as a line in a file may become: whoever reads a pipe wraps for themselves.
ENDLESS = 100_000
#: What stands before what the person said.
PROMPT = "> "


def card_text(card: Card, columns: int = ENDLESS, *, styled: bool = False) -> str:
    """The card, wrapped to `columns`, ending in a line feed; with escape sequences only where `styled`."""
    title = Text(plain(card.message.title), style="bold")
    if card.updated:
        title.append(" · updated", style="not bold dim")
    parts = [title, *(_block(block) for block in card.message.blocks)]
    if card.file:
        parts.append(Text(card.file))
    if card.rows:
        parts.append(Text("\n").join(line for row in card.rows for line in _buttons(row, columns)))
    # Apart, as in a chat; what was pressed stands right under the buttons.
    text = Text("\n\n").join(parts)
    if card.pressed is not None:
        text.append(f"\n{PROMPT}{card.pressed.number} {plain(card.pressed.label)}", style="dim")
    return _printed(text, columns, styled)


def said_text(said: str, columns: int = ENDLESS, *, styled: bool = False) -> str:
    """What the person said, as a line of its own."""
    return _printed(Text(f"{PROMPT}{plain(said)}", style="dim"), columns, styled)


def _block(block: Block) -> Text:
    if isinstance(block, Paragraph):
        return Text("\n".join(map(plain, block.text.splitlines())), style="bold" if block.bold else "")
    return Text("\n".join(map(plain, block.lines)))


def _buttons(row: tuple[NumberedKey, ...], columns: int) -> list[Text]:
    # A button is not torn in two where the row is too wide: it goes to the next line whole.
    lines: list[Text] = []
    for key in row:
        button = Text.assemble((f"[{key.number}]", "bold cyan"), " ", plain(key.label))
        if lines and width(lines[-1].plain) + 2 + width(button.plain) <= columns:
            lines[-1].append("  ").append_text(button)
        else:
            lines.append(button)
    return lines


def _printed(text: Text, columns: int, styled: bool) -> str:
    paper = io.StringIO()
    console = Console(
        file=paper,
        width=max(columns, 1),
        force_terminal=styled,
        color_system="standard" if styled else None,
        legacy_windows=False,
    )
    # Folded where a line is too wide: a table cut at the edge would hide its numbers.
    console.print(text, overflow="fold", no_wrap=False, crop=False, highlight=False)
    return paper.getvalue()
