"""The blocks of Block Kit that our messages are made of, each within its limits (pure).

Limits: the contract's limits.blocks and limits.elements. What they say is shown as it was written, see `mrkdwn`.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from chatops.adapters.slack.mrkdwn import bold, boxed, clean, escaped, is_literal, pieces, units
from chatops.layout import NOTHING, shows
from chatops.layout import plain as on_one_line
from chatops.messages import Key

HEADER_CHARACTERS = 150
SECTION_CHARACTERS = 3_000
LABEL_CHARACTERS = 75
ALT_CHARACTERS = 200
KEYS_PER_BLOCK = 25
#: Of all keys together; more than that nobody finds their way in.
KEYS = 100
#: Of so many keys the labels may be of full length; where there are more, each is of at most `SHORT_LABEL_CHARACTERS`,
#: since all text of a message counts towards one limit.
LONG_LABELS = 40
SHORT_LABEL_CHARACTERS = 40
#: Rows keep their places up to here; more are run together.
ROWS = 12
#: What each key's action is called, with a number: what it asks stands in its value alone.
_ACTION = "key-"

Block = dict[str, Any]


def title(text: str) -> Iterator[Block]:
    """What it is about: as a header where it is one line that is short enough, else in bold."""
    text = clean(text).strip()
    if "\n" in text or units(text) > HEADER_CHARACTERS:
        yield from emphasis(text)
    elif shows(text):
        yield {"type": "header", "text": _plain(text)}


def paragraph(text: str) -> Iterator[Block]:
    """Running text."""
    for piece in pieces(clean(text).strip(), SECTION_CHARACTERS, str):
        if shows(piece):
            yield {"type": "section", "text": _plain(piece)}


def emphasis(text: str) -> Iterator[Block]:
    """Running text in bold, where Slack would not read a style out of it."""
    text = clean(text).strip()
    if not is_literal(text):
        yield from paragraph(text)
        return
    for piece in pieces(text, SECTION_CHARACTERS, bold):
        if shows(piece):
            yield _section(bold(piece))


def table(lines: Sequence[str]) -> Iterator[Block]:
    """Lines that stand under each other: in the font, and the box, of code."""
    text = "\n".join(line.rstrip() for line in clean("\n".join(lines)).split("\n")).strip("\n")
    for piece in pieces(text, SECTION_CHARACTERS, boxed):
        if shows(piece):
            yield _section(boxed(piece))


def hint(text: str) -> Block:
    """A small line at the foot. Raises `ValueError` where it shows nothing."""
    text = on_one_line(text).strip()
    if not shows(text):
        raise ValueError("a hint has to say something")
    return {"type": "context", "elements": [_plain(_cut(text, SECTION_CHARACTERS))]}


def picture(file_id: str, shows_what: str) -> Block:
    """A picture that Slack holds already; `shows_what` is for whoever does not see it."""
    text = _cut(on_one_line(shows_what).strip(), ALT_CHARACTERS)
    return {"type": "image", "slack_file": {"id": file_id}, "alt_text": text if shows(text) else "picture"}


def keys(rows: Sequence[Sequence[Key]]) -> Iterator[Block]:
    """The buttons, row by row. Each has an action of its own, and its token as value."""
    kept = [row for row in rows if row]
    every = [key for row in kept for key in row][:KEYS]
    if len(kept) > ROWS or sum(map(len, kept)) > KEYS or any(len(row) > KEYS_PER_BLOCK for row in kept):
        kept = [every[start : start + KEYS_PER_BLOCK] for start in range(0, len(every), KEYS_PER_BLOCK)]
    most = LABEL_CHARACTERS if len(every) <= LONG_LABELS else SHORT_LABEL_CHARACTERS
    number = 0
    for row in kept:
        buttons = [_button(key, number + place, most) for place, key in enumerate(row)]
        number += len(buttons)
        yield {"type": "actions", "elements": buttons}


def fallback(text: str, most: int) -> str:
    """The text for notifications and for who has it read out, at most `most` units long."""
    text = clean(text).strip()
    if not shows(text):
        return NOTHING
    first = next(pieces(text, most - 2, escaped))
    return escaped(first) if first == text else f"{escaped(first)} …"


def _button(key: Key, number: int, most: int) -> Block:
    label = _cut(on_one_line(key.label).strip(), most)
    return {
        "type": "button",
        "text": _plain(label if shows(label) else NOTHING),
        "action_id": f"{_ACTION}{number}",
        "value": key.token,
    }


def _section(text: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def _plain(text: str) -> Block:
    """Text that nothing is read out of; `emoji` would turn `:name:` into a picture."""
    return {"type": "plain_text", "text": text, "emoji": False}


def _cut(text: str, most: int) -> str:
    if units(text) <= most:
        return text
    return next(pieces(text, most - 1, str)) + "…"
