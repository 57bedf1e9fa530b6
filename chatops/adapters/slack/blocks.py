"""The blocks of Block Kit that our messages are made of, each within its limits (pure).

Limits: the contract's limits.blocks and limits.elements. What they say is shown as it was written, see `mrkdwn`.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from chatops.adapters.slack.mrkdwn import bold, boxed, clean, escaped, is_literal, pieces, units
from chatops.layout import NOTHING, shows
from chatops.layout import plain as on_one_line

HEADER_CHARACTERS = 150
SECTION_CHARACTERS = 3_000
ALT_CHARACTERS = 200

Block = dict[str, Any]


def title(text: str) -> Iterator[Block]:
    """What it is about: as a header where it is one line that is short enough, else in bold."""
    text = clean(text).strip()
    if "\n" in text or units(text) > HEADER_CHARACTERS:
        yield from emphasis(text)
    elif shows(text):
        yield {"type": "header", "text": plain_text(text)}


def paragraph(text: str) -> Iterator[Block]:
    """Running text."""
    for piece in pieces(clean(text).strip(), SECTION_CHARACTERS, str):
        if shows(piece):
            yield {"type": "section", "text": plain_text(piece)}


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
    return {"type": "context", "elements": [plain_text(cut(text, SECTION_CHARACTERS))]}


def picture(file_id: str, shows_what: str) -> Block:
    """A picture that Slack holds already; `shows_what` is for whoever does not see it."""
    text = cut(on_one_line(shows_what).strip(), ALT_CHARACTERS)
    return {"type": "image", "slack_file": {"id": file_id}, "alt_text": text if shows(text) else "picture"}


def fallback(text: str, most: int) -> str:
    """The text for notifications and for who has it read out, at most `most` units long."""
    text = clean(text).strip()
    if not shows(text):
        return NOTHING
    first = next(pieces(text, most - 2, escaped))
    return escaped(first) if first == text else f"{escaped(first)} …"


def plain_text(text: str) -> Block:
    """Text that nothing is read out of; `emoji` would turn `:name:` into a picture."""
    return {"type": "plain_text", "text": text, "emoji": False}


def label(text: str, most: int) -> str:
    """At most `most` units of it on one line; never nothing, which Slack refuses."""
    said = cut(on_one_line(text).strip(), most)
    return said if shows(said) else NOTHING


def cut(text: str, most: int) -> str:
    """At most `most` units of it; that it was cut is to be seen."""
    if units(text) <= most:
        return text
    return next(pieces(text, most - 1, str)) + "…"


def _section(text: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}
