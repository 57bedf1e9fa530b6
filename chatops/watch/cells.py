"""Text with a meaning, in columns that do not move: what a screen of facts is made of (pure)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Generic, NamedTuple, TypeVar

from chatops.layout import fit, pad, plain, width

RowT = TypeVar("RowT")

#: Between two columns.
GAP = 2


class Tone(Enum):
    """What a text means to whoever looks; a screen gives it a colour."""

    PLAIN = auto()
    #: Labels, and what is there only for completeness.
    DIM = auto()
    STRONG = auto()
    GOOD = auto()
    WARN = auto()
    BAD = auto()
    #: Somebody has to act now.
    ALARM = auto()
    #: Orders are real.
    LIVE = auto()
    PAPER = auto()


class Cell(NamedTuple):
    """A piece of a line."""

    text: str
    tone: Tone = Tone.PLAIN


Line = tuple[Cell, ...]


def columns_of(line: Line) -> int:
    """How wide it is."""
    return sum(width(cell.text) for cell in line)


def cut(line: Sequence[Cell], columns: int) -> Line:
    """As much of it as there is room for; what is cut ends with an ellipsis."""
    kept, left = [], columns
    for cell in line:
        if left <= 0:
            break
        text = fit(cell.text, left)
        left -= width(text)
        if text:
            kept.append(Cell(text, cell.tone))
    return tuple(kept)


def apart(left: Sequence[Cell], right: Sequence[Cell], columns: int) -> Line:
    """One at either end of the line. What is right is whole wherever it fits; what is left gives way."""
    ending = cut(right, columns)
    beginning = cut(left, columns - columns_of(ending) - 1)
    return (*beginning, Cell(" " * (columns - columns_of(beginning) - columns_of(ending))), *ending)


def whole(parts: Sequence[Sequence[Cell]], columns: int, between: str = "  ·  ") -> Line:
    """As many of the parts as fit, none of them cut: a number that is cut is another number."""
    line: list[Cell] = []
    left = columns
    for part in parts:
        clean = [Cell(plain(cell.text), cell.tone) for cell in part]
        longer = [Cell(between, Tone.DIM), *clean] if line else clean
        left -= columns_of(tuple(longer))
        if left < 0:
            break
        line += longer
    return tuple(line) or cut([cell for part in parts[:1] for cell in part], columns)


@dataclass(frozen=True, slots=True)
class Column(Generic[RowT]):
    """A column of a table. Its width is fixed, so that a number that grows moves nothing beside it."""

    head: str
    width: int
    cell: Callable[[RowT], Cell]
    right: bool = True


def fitting(wanted: Sequence[Column[RowT]], columns: int) -> tuple[Column[RowT], ...]:
    """Those that there is room for. The first is the most important, and takes what is left over."""
    kept: list[Column[RowT]] = []
    left = columns
    for column in wanted:
        if kept and column.width + GAP > left:
            break
        left -= column.width + (GAP if kept else 0)
        kept.append(column)
    first = kept[0]
    spare = min(left, first.width) if left > 0 else left
    return (Column(first.head, max(1, first.width + spare), first.cell, first.right), *kept[1:])


def heads(shown: Sequence[Column[RowT]]) -> Line:
    """The names of the columns."""
    return _joined([Cell(pad(column.head, column.width, column.right), Tone.DIM) for column in shown])


def row(shown: Sequence[Column[RowT]], of: RowT) -> Line:
    """One row, each cell as wide as its column."""
    cells = [(column, column.cell(of)) for column in shown]
    return _joined([Cell(pad(cell.text, column.width, column.right), cell.tone) for column, cell in cells])


def _joined(cells: Sequence[Cell]) -> Line:
    line: list[Cell] = []
    for cell in cells:
        if line:
            line.append(Cell(" " * GAP))
        line.append(cell)
    return tuple(line)
