"""How wide a text is, and how cells become lines that stand under each other."""

import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

from chatops.messages import PHONE_COLUMNS, Table

#: Shown in place of what has no value.
NOTHING = "–"
#: A name is cut no further than this before a number is.
_SHORTEST_NAME = 4
#: A letter and its marks. More marks than that are no writing, and would fill a message without being wide.
CHARACTERS_A_COLUMN = 4
#: Characters whose properties are looked up once: dashes, arrows and signs stand in every table.
_REMEMBERED = 1_024
#: Where it takes longer to gather a text's characters than to look at each.
_AT_ONCE = 64


def plain(text: str) -> str:
    """The text on one line, without characters that move the cursor, hide, or turn the direction round it."""
    if _is_plain(text):
        return text
    return "".join(_shown(character) for character in text)


@lru_cache(maxsize=_REMEMBERED)
def _shown(character: str) -> str:
    category = unicodedata.category(character)
    if category in ("Cc", "Zl", "Zp"):
        return " "
    # Format characters turn writing round or join emoji; surrogates and private ones have no picture. A variation
    # selector makes the character before it wider on some screens only.
    hidden = category in ("Cf", "Cs", "Co", "Cn") or "\ufe00" <= character <= "\ufe0f"
    return "" if hidden else character


def shows(text: str) -> bool:
    """Whether there is anything to see in it."""
    # Most texts show something at once; of what does not, each character is looked at once.
    return any(map(_is_seen, text[:_AT_ONCE])) or any(map(_is_seen, set(text[_AT_ONCE:])))


def _is_seen(character: str) -> bool:
    return unicodedata.category(character)[0] not in "ZC"


def width(text: str) -> int:
    """Columns that a fixed-width font needs (East Asian wide and emoji two, combining marks none)."""
    if text.isascii():
        return len(text)
    return sum(_columns(character) for character in text)


@lru_cache(maxsize=_REMEMBERED)
def _columns(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def fit(text: str, columns: int) -> str:
    """The text, cut with an ellipsis where it is wider than `columns`, or longer than so many columns ever need."""
    text = plain(text)
    longest = columns * CHARACTERS_A_COLUMN
    if width(text) <= columns and len(text) <= longest:
        return text
    if columns <= 0:
        return ""
    kept, used = [], 0
    for character in text[: longest - 1]:
        used += _columns(character)
        if used > columns - 1:
            break
        kept.append(character)
    return "".join(kept) + "…"


def pad(text: str, columns: int, right: bool = False) -> str:
    """The text in exactly `columns` columns."""
    if not _is_plain(text) or len(text) > columns:
        text = fit(text, columns)
        # Justified is by characters, which are not columns.
        columns += len(text) - width(text)
    return text.rjust(columns) if right else text.ljust(columns)


def align(rows: Sequence[Sequence[str]], *, right: str = "", columns: int = PHONE_COLUMNS) -> Table:
    """Rows of cells as lines, column under column; `right` names the columns to align right, as in `"134"`.

    Where it is too wide the widest column of names gives way first, and numbers last. Blanks at the end of a line are
    left out: on a screen narrower than the table they would become empty lines. Raises `ValueError` where rows differ
    in length.
    """
    if not rows:
        return Table(())
    cells = [_plain(column) for column in zip(*rows, strict=True)]
    widths = [max(map(width, column)) for column in cells]
    spare = columns - (len(widths) - 1)
    rights = [str(index) in set(right) for index in range(len(widths))]
    while sum(widths) > spare:
        # A name that is cut is still known; a number that is cut is wrong.
        names = [index for index, flush in enumerate(rights) if not flush and widths[index] > _SHORTEST_NAME]
        widths[max(names or range(len(widths)), key=widths.__getitem__)] -= 1
    padded = [_pad(column, broad, flush) for column, broad, flush in zip(cells, widths, rights, strict=True)]
    aligned = zip(*padded, strict=True) if padded else rows
    return Table(tuple(" ".join(row).rstrip() for row in aligned))


def in_columns(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """A line each, as wide as they need: for a terminal or a file. The cells are taken as they are."""
    broad = [max(map(width, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        padded = (cell + " " * (columns - width(cell)) for cell, columns in zip(row, broad, strict=True))
        yield "  ".join(padded).rstrip()


def _plain(column: Sequence[str]) -> Sequence[str]:
    # A column at once: nearly all are of plain characters, and a long table has hundreds of cells.
    return column if _is_plain("".join(column)) else [plain(cell) for cell in column]


def _pad(column: Sequence[str], columns: int, right: bool) -> Sequence[str]:
    if _is_plain("".join(column)) and max(map(len, column)) <= columns:
        return [cell.rjust(columns) if right else cell.ljust(columns) for cell in column]
    return [pad(cell, columns, right) for cell in column]


def _is_plain(text: str) -> bool:
    """Whether each character of it is shown as it is, in one column."""
    return text.isascii() and text.isprintable()
