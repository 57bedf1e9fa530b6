"""A page as Slack takes it: the view of an App Home (pure).

Limits: the contract's limits.view and limits.blocks. All text together is kept below what a message may have, since no
page of Slack's says what a view may.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from chatops.adapters.slack import blocks as made
from chatops.adapters.slack.blocks import Block
from chatops.adapters.slack.keys import buttons
from chatops.adapters.slack.mrkdwn import units
from chatops.home import Page, Row, Word
from chatops.messages import Key, Paragraph, Table

#: The `action_id` of the button that draws the page anew.
REFRESH = "home-refresh"
#: The `callback_id` of a page that shows how things are, and of one that shows nobody anything.
OPEN, CLOSED = "home", "closed"

#: Of all text but the foot, in UTF-16 units; and blocks, of the hundred.
TEXT_CHARACTERS = 12_000
BLOCKS = 90
_VALUE_CHARACTERS = 2_000
_CUT = "… cut: there is no room for more here. Ask for the rest by word, under Messages."


def page_blocks(page: Page) -> list[Block]:
    """What the page says, without its foot: what differs here is worth showing anew. Too much is cut, and said so."""
    kept: list[Block] = []
    length = 0
    for block in _said(page):
        length += _length(block)
        if length > TEXT_CHARACTERS or len(kept) == BLOCKS:
            return [*kept, *made.paragraph(_CUT)]
        kept.append(block)
    return kept


def home_view(page: Page, said: Sequence[Block], *, live: timedelta | None) -> dict[str, Any]:
    """The view that says `said`, and at its foot of when that is. It is kept up to date for so long, if at all."""
    refresh = next(buttons([Key("Refresh", REFRESH)]))
    refresh["elements"][0]["action_id"] = REFRESH
    foot: list[Block] = [made.hint(_foot(page.at, live))] if page.is_open else []
    return {"type": "home", "callback_id": OPEN if page.is_open else CLOSED, "blocks": [*said, *foot, refresh]}


def _foot(at: datetime, live: timedelta | None) -> str:
    said = f"As of {at:%Y-%m-%d %H:%M:%S} {at:%Z}"
    if live is None:
        return f"{said}, and not kept up to date: press Refresh."
    until = at + live
    return f"{said}: shown anew when it changes, until {until:%H:%M}. After that press Refresh."


def _said(page: Page) -> Iterator[Block]:
    yield from made.title(page.title)
    number = 0
    for part in page.parts:
        match part:
            case Row():
                # Each has an action of its own in the whole view.
                yield from buttons([Key(word.label, word.text) for word in part.words if _is_sendable(word)], number)
                number += len(part.words)
            case Table():
                yield from made.table(part.lines)
            case Paragraph():
                yield from (made.emphasis if part.bold else made.paragraph)(part.text)


def _is_sendable(word: Word) -> bool:
    return 0 < units(word.text) <= _VALUE_CHARACTERS


def _length(block: Block) -> int:
    if block["type"] == "actions":
        return sum(units(one["text"]["text"]) for one in block["elements"])
    return units(block["text"]["text"])
