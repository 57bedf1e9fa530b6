"""The keys of a posting, as buttons and menus of Block Kit (pure).

Few keys are buttons, row by row. Of more, the first rows are buttons and all others stand in one menu: a phone shows
buttons one under another. Limits: the contract's limits.elements and limits.objects.
"""

from collections.abc import Iterator, Sequence

from chatops.adapters.slack.blocks import Block, cut, label, plain_text
from chatops.messages import Key

LABEL_CHARACTERS = 75
PLACEHOLDER_CHARACTERS = 150
KEYS_PER_BLOCK = 25
#: So many keys are buttons all of them.
FEW = 10
#: Of more, so many at most.
BUTTONS = 8
#: What an overflow menu holds; more stand in a select menu.
OVERFLOW = 5
#: Of all keys together; more than that nobody finds their way in.
KEYS = 100
#: Of so many keys the labels may be of full length; where there are more, each is of at most `SHORT_LABEL_CHARACTERS`,
#: since all text of a message counts towards one limit.
LONG_LABELS = 40
SHORT_LABEL_CHARACTERS = 40
#: What the action of a key is called, with a number; of one that opens a form, and of a menu that holds such.
#: What a key asks stands in its value alone.
_ACTION, _FORM = "key-", "form-"
#: The action of the menu that offers what a reply may say.
REPLY = "reply"


def keys(rows: Sequence[Sequence[Key]]) -> Iterator[Block]:
    """The blocks of the keys. Each has an action of its own, and its token as value."""
    kept = [row for row in rows if row]
    every = [key for row in kept for key in row][:KEYS]
    first = kept if len(every) <= FEW else _first(kept)
    most = LABEL_CHARACTERS if len(every) <= LONG_LABELS else SHORT_LABEL_CHARACTERS
    shown: list[Block] = []
    number = 0
    for row in first:
        shown += buttons(row, number, most)
        number += len(row)
    # Two options of one value would be refused; they ask the same.
    others = list({key.token: key for key in every[number:]}.values())
    if 0 < len(others) <= OVERFLOW:
        shown[-1]["elements"].append(_menu(others, number, most))
    elif others:
        shown.append({"type": "actions", "elements": [_menu(others, number, most)]})
    yield from shown


def buttons(row: Sequence[Key], number: int = 0, most: int = LABEL_CHARACTERS) -> Iterator[Block]:
    """Buttons beside each other, however many, their actions numbered from `number`; labels of at most `most` units."""
    for start in range(0, len(row), KEYS_PER_BLOCK):
        beside = row[start : start + KEYS_PER_BLOCK]
        elements = [_button(key, number + start + place, most) for place, key in enumerate(beside)]
        yield {"type": "actions", "elements": elements}


def suggesting(wanted: str) -> Block:
    """A menu of what may be said in reply: what it offers is asked for as somebody types."""
    menu = {
        "type": "external_select",
        "action_id": REPLY,
        "placeholder": plain_text(cut(f"Choose: {wanted}", PLACEHOLDER_CHARACTERS)),
        "min_query_length": 0,
    }
    return {"type": "actions", "elements": [menu]}


def opens_form(action_id: object) -> bool:
    """Whether pressing it may open a form."""
    return isinstance(action_id, str) and action_id.startswith(_FORM)


def _first(rows: Sequence[Sequence[Key]]) -> list[Sequence[Key]]:
    """The rows that stay: whole ones, but where the first alone is too long."""
    first: list[Sequence[Key]] = [rows[0][:BUTTONS]]
    room = BUTTONS - len(rows[0])
    for row in rows[1:]:
        room -= len(row)
        if room < 0:
            break
        first.append(row)
    return first


def _button(key: Key, number: int, most: int) -> Block:
    return {
        "type": "button",
        "text": plain_text(label(key.label, most)),
        "action_id": f"{_FORM if key.form else _ACTION}{number}",
        "value": key.token,
    }


def _menu(others: Sequence[Key], number: int, most: int) -> Block:
    options = [{"text": plain_text(label(key.label, most)), "value": key.token} for key in others]
    action = f"{_FORM if any(key.form for key in others) else _ACTION}{number}"
    if len(others) <= OVERFLOW:
        return {"type": "overflow", "action_id": action, "options": options}
    more = plain_text(f"{len(others)} more …")
    return {"type": "static_select", "action_id": action, "placeholder": more, "options": options}
