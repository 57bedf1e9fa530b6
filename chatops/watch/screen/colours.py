"""What a tone looks like."""

from rich.style import Style
from rich.text import Text

from chatops.watch.cells import Line, Tone

BACKGROUND, PANEL, LINE = "#0d1117", "#161c26", "#2f3947"
ACCENT, ASKING = "#58a6ff", "#ffc95c"
INK, FAINT = "#d5dce5", "#8591a0"

STYLES = {
    Tone.PLAIN: Style(color=INK),
    Tone.DIM: Style(color=FAINT),
    Tone.STRONG: Style(color="#ffffff", bold=True),
    Tone.GOOD: Style(color="#56d39b"),
    Tone.WARN: Style(color="#ffc95c"),
    Tone.BAD: Style(color="#ff7b72"),
    Tone.ALARM: Style(color="#ffffff", bgcolor="#c62f2c", bold=True),
    Tone.LIVE: Style(color="#ffffff", bgcolor="#d7263d", bold=True),
    Tone.PAPER: Style(color="#06202e", bgcolor="#58b4e0", bold=True),
}
SELECTED = Style(bgcolor="#24354d")
#: Of facts that are old because the bot is away.
FADED = Style(dim=True)


def text(line: Line) -> Text:
    """A line for a widget that wraps by itself."""
    return Text.assemble(*((cell.text, STYLES[cell.tone]) for cell in line))
