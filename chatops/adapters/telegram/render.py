"""A posting as Telegram takes it: text, entities, and the rows of an inline keyboard.

Entities rather than a parse mode: there is nothing to escape, and no text that Telegram refuses to parse. Limits:
the contract's message_text_chars, caption_chars, message_entities, inline_keyboard_buttons_total,
inline_keyboard_buttons_per_row.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from chatops.adapters.base import MARK_CHARACTERS
from chatops.adapters.telegram.media import why_not_sendable
from chatops.layout import NOTHING, fit, shows
from chatops.layout import plain as on_one_line
from chatops.messages import Key, Message, Paragraph, Posting
from chatops.splitting import split

#: In Unicode code points, after trimming; offsets of entities are in UTF-16 units all the same.
TEXT_CHARACTERS = 4_096
#: Of a text under a file.
CAPTION_CHARACTERS = 1_024
#: What is kept free under a picture in place of `MARK_CHARACTERS`: room for one mark or two. A table beside its chart
#: needs the rest; where more marks are added, its end is cut, and that is said.
PICTURE_MARK_CHARACTERS = 120
ENTITIES = 100
KEYS = 100
KEYS_PER_ROW = 8
LABEL_CHARACTERS = 64

#: What the platform strips or replaces, so that offsets behind it would be wrong: control characters but tab and line
#: feed, halves of a surrogate pair, and separators and turns of direction.
_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f\u2028-\u202e\ud800-\udfff]")
#: Room for the line that tells what was cut.
_CUT_ROOM = 40
#: A space that the platform does not trim.
_FIRM_SPACE = "\u00a0"
#: How much of a file's name is told where the file itself cannot go.
_NAME_COLUMNS = 40


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


def render(posting: Posting, *, plain: bool = False) -> Rendered:
    """The posting within all limits, whatever it says: what `parts` did not make short enough is cut, and says so.

    Under an attachment it is a caption, which may be empty. `plain` leaves out all entities.
    """
    text, spans = _compose(posting.message)
    most = _limit(posting.message)
    if len(text) > most:
        text, kept = _cut(text, most)
        spans = [_Span(span.style, span.start, min(span.end, kept)) for span in spans if span.start < kept]
    return Rendered(text, [] if plain else _entities(text, spans[:ENTITIES]), _keyboard(posting.keys))


def parts(posting: Posting) -> tuple[Posting, ...]:
    """The posting in pieces that fit, three at most. A file that Telegram does not take is told of instead."""
    return tuple(_sendable(part) for part in split(posting, fits))


def fits(posting: Posting) -> bool:
    """Whether nothing of its text need be cut or lose its style, with room left for a mark.

    Its keys are not counted: no cut makes them fewer.
    """
    message = posting.message
    most = _limit(message) - _room_for_marks(message)
    if len(message.blocks) < ENTITIES and _length(message) <= most:
        return True
    text, spans = _compose(message, most)
    return len(text) <= most and len(spans) <= ENTITIES


def clean(text: str) -> str:
    """The text without what the platform would take out of it."""
    return _UNFIT.sub("", text)


def _limit(message: Message) -> int:
    return TEXT_CHARACTERS if message.attachment is None else CAPTION_CHARACTERS


def _room_for_marks(message: Message) -> int:
    file = message.attachment
    return PICTURE_MARK_CHARACTERS if file is not None and file.is_picture else MARK_CHARACTERS


def _length(message: Message) -> int:
    """Of its text: so much at most."""
    length = len(message.title)
    for block in message.blocks:
        length += 2 + (len(block.text) if isinstance(block, Paragraph) else len("\n".join(block.lines)))
    return length


def _sendable(posting: Posting) -> Posting:
    message = posting.message
    fault = None if message.attachment is None else why_not_sendable(message.attachment)
    if message.attachment is None or fault is None:
        return posting
    told = Paragraph(f"The file “{fit(message.attachment.name, _NAME_COLUMNS)}” {fault}.")
    return replace(posting, message=replace(message, attachment=None, blocks=(*message.blocks, told)))


def _compose(message: Message, enough: int | None = None) -> tuple[str, list[_Span]]:
    """The text and its styles; where it is longer than `enough`, a part of it that is so too."""
    text = ""
    spans: list[_Span] = []
    before = ""
    for style, part in _styled(message, enough):
        if not shows(part):
            continue
        if text:
            # A table stands in a box of its own, which needs no empty line around it.
            text += "\n" if "pre" in (style, before) else "\n\n"
        start = len(text)
        text += part if text else _beginning(part)
        if style:
            spans.append(_Span(style, start, len(text)))
        before = style
        if enough is not None and len(text) > enough:
            break
    return text or ("" if message.attachment else NOTHING), spans


def _beginning(text: str) -> str:
    """The text, so that the platform trims nothing: the first line of a table keeps its place over the others."""
    return _FIRM_SPACE + text[1:] if text.startswith(" ") else text.lstrip()


def _styled(message: Message, enough: int | None) -> Iterator[tuple[str, str]]:
    """The title and each block, with what the platform would take out left out, and the name of its style."""
    yield "bold", _tidied(message.title, str.strip, enough)
    for block in message.blocks:
        if isinstance(block, Paragraph):
            yield "bold" if block.bold else "", _tidied(block.text, str.strip, enough)
        else:
            yield "pre", _tidied("\n".join(block.lines), _strip_lines, enough)


def _tidied(text: str, strip: Callable[[str], str], enough: int | None) -> str:
    if enough is not None and len(text) > 2 * enough:
        beginning = strip(clean(text[: 2 * enough]))
        if len(beginning) > enough and shows(beginning):
            return beginning
    return strip(clean(text))


def _strip_lines(text: str) -> str:
    return "\n".join([line.rstrip() for line in text.split("\n")]).strip("\n")


def _cut(text: str, most: int) -> tuple[str, int]:
    """The text, cut at the end of a line, with a last line that says so; and how much of it was kept."""
    room = most - _CUT_ROOM
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
    return len(text.encode("utf-16-le")) // 2


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
    label = on_one_line(label).strip()
    if not shows(label):
        return NOTHING
    return label if len(label) <= LABEL_CHARACTERS else label[: LABEL_CHARACTERS - 1] + "…"
