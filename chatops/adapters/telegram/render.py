"""A posting as Telegram takes it: text, entities, and the rows of an inline keyboard.

Entities rather than a parse mode: there is nothing to escape, and no text that Telegram refuses to parse. Limits:
the contract's message_text_chars, message_entities, inline_keyboard_buttons_total, inline_keyboard_buttons_per_row.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Any

from chatops.layout import NOTHING, plain
from chatops.messages import Key, Paragraph, Posting

#: In Unicode code points, after trimming; offsets of entities are in UTF-16 units all the same.
TEXT_CHARACTERS = 4_096
ENTITIES = 100
KEYS = 100
KEYS_PER_ROW = 8
LABEL_CHARACTERS = 64

#: What the platform strips or replaces, so that offsets behind it would be wrong: control characters but tab and line
#: feed, halves of a surrogate pair, and separators and turns of direction.
_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f\u2028-\u202e\ud800-\udfff]")
#: Room for the line that tells what was cut.
_CUT_ROOM = 40


@dataclass(frozen=True, slots=True)
class Rendered:
    """Values of `text`, `entities` and `inline_keyboard`."""

    text: str
    entities: list[dict[str, Any]] = field(default_factory=list)
    keyboard: list[list[dict[str, str]]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Span:
    """Where a style lies, in code points."""

    style: str
    start: int
    end: int


def render(posting: Posting) -> Rendered:
    """The posting within all limits, whatever it says: what is too long is cut, and says so."""
    text, spans = _compose(posting)
    if len(text) > TEXT_CHARACTERS:
        text, kept = _cut(text)
        spans = [_Span(span.style, span.start, min(span.end, kept)) for span in spans if span.start < kept]
    return Rendered(text, _entities(text, spans[:ENTITIES]), _keyboard(posting.keys))


def clean(text: str) -> str:
    """The text without what the platform would take out of it."""
    return _UNFIT.sub("", text)


def _compose(posting: Posting) -> tuple[str, list[_Span]]:
    message = posting.message
    parts = [("bold", clean(message.title).strip())]
    for block in message.blocks:
        if isinstance(block, Paragraph):
            parts.append(("bold" if block.bold else "", clean(block.text).strip()))
        else:
            parts.append(("pre", "\n".join(clean(line).rstrip() for line in block.lines).strip("\n")))
    text = ""
    spans: list[_Span] = []
    before = ""
    for style, part in parts:
        if not _shows(part):
            continue
        if text:
            # A table stands in a box of its own, which needs no empty line around it.
            text += "\n" if "pre" in (style, before) else "\n\n"
        start = len(text)
        # The platform trims the beginning.
        text += part if text else part.lstrip()
        if style:
            spans.append(_Span(style, start, len(text)))
        before = style
    return text or NOTHING, spans


def _shows(text: str) -> bool:
    """Whether there is anything to see in it: a message without is refused."""
    return any(unicodedata.category(character)[0] not in "ZC" for character in text)


def _cut(text: str) -> tuple[str, int]:
    """The text, cut at the end of a line, with a last line that says so; and how much of it was kept."""
    room = TEXT_CHARACTERS - _CUT_ROOM
    end = text.rfind("\n", 0, room)
    if end < room // 2:
        # One endless line: it is cut in its middle.
        end = room
    kept = text[:end].rstrip()
    lost = sum(1 for line in text[len(kept) :].split("\n") if line.strip())
    return f"{kept}\n… cut: {lost} more {'line' if lost == 1 else 'lines'}", len(kept)


def _entities(text: str, spans: list[_Span]) -> list[dict[str, Any]]:
    entities = []
    at = units = 0
    for span in spans:
        units += _units(text[at : span.start])
        length = _units(text[span.start : span.end])
        entities.append({"type": span.style, "offset": units, "length": length})
        at, units = span.end, units + length
    return entities


def _units(text: str) -> int:
    """Its length in UTF-16 units."""
    if text.isascii():
        return len(text)
    return len(text) + sum(character > "\uffff" for character in text)


def _keyboard(rows: tuple[tuple[Key, ...], ...]) -> list[list[dict[str, str]]]:
    keyboard: list[list[dict[str, str]]] = []
    left = KEYS
    for row in rows:
        for start in range(0, min(len(row), left), KEYS_PER_ROW):
            keys = row[start : min(start + KEYS_PER_ROW, left)]
            keyboard.append([{"text": _label(key.label), "callback_data": key.token} for key in keys])
        left -= min(len(row), left)
    return keyboard


def _label(label: str) -> str:
    label = plain(label).strip()
    if not _shows(label):
        return NOTHING
    return label if len(label) <= LABEL_CHARACTERS else label[: LABEL_CHARACTERS - 1] + "…"
