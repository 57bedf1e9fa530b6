"""A form as a modal of Slack's, and what was filled into one (pure).

Limits: the contract's limits.view, limits.blocks, limits.elements. All that it says is `plain_text`, in which nothing
is read. Which form it is stands in its `private_metadata`: that is no secret and no right, and is judged again.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import orjson

from chatops.adapters.fitting import fitted
from chatops.adapters.slack.blocks import Block, cut, label, plain_text
from chatops.adapters.slack.mrkdwn import clean, units
from chatops.forms import Field, Form, Option, Takes
from chatops.layout import plain as on_one_line
from chatops.layout import shows
from chatops.room import Room

#: The `callback_id` of our modals.
CALLBACK = "form"
TITLE_CHARACTERS = 24
LABEL_CHARACTERS = 150
HINT_CHARACTERS = 300
METADATA_CHARACTERS = 3_000
INPUT_CHARACTERS = 3_000
FIELDS, ARGUMENT_CHARACTERS = 100, 255
#: Slack's pages say 150 of a value, its own types 75: we stay with what both allow.
OPTIONS, OPTION_CHARACTERS = 100, 75
#: Slack says no limit of these.
FAULT_CHARACTERS = 300
#: Where more may be written there are several lines for it.
ONE_LINE = 200
_NUMBER = re.compile(r"-?\d{1,20}(?:\.\d{1,20})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Opened:
    """Which form a modal is, as its `private_metadata` says it."""

    word: str
    settled: Mapping[str, str]
    #: The room in which it was asked for, by its key.
    room: str
    #: Whether whoever asked for it did so from what they alone see.
    alone: bool = False


def modal(form: Form, room: Room, *, alone: bool = False) -> Block | None:
    """The view to open; None where Slack would not take it, and the ask has to go its usual way.

    What is filled in is answered in `room`; `alone` is whether whoever opens it alone sees where from.
    """
    metadata = _metadata(Opened(form.word, form.settled, room.key, alone))
    arguments = {field.argument for field in form.fields if 0 < units(field.argument) <= ARGUMENT_CHARACTERS}
    if metadata is None or not 0 < len(form.fields) <= FIELDS or len(arguments) < len(form.fields):
        return None
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "private_metadata": metadata,
        "title": plain_text(label(form.title, TITLE_CHARACTERS)),
        "submit": plain_text("Send"),
        "close": plain_text("Cancel"),
        "blocks": [_input(field) for field in form.fields],
    }


def opened(metadata: object) -> Opened | None:
    """Which form it is; None where that is none of ours."""
    try:
        told = orjson.loads(metadata) if isinstance(metadata, str) else None
    except orjson.JSONDecodeError:
        return None
    match told:
        case {"word": str(word), "settled": dict(settled), "room": str(room), **others}:
            texts = {name: said for name, said in settled.items() if isinstance(said, str)}
            return Opened(word, texts, room, others.get("alone") is True)
        case _:
            return None


def filled_in(values: object) -> dict[str, str]:
    """What was filled in, by argument, of a view's `state.values`; what was left empty is not in it."""
    said: dict[str, str] = {}
    for argument, actions in values.items() if isinstance(values, dict) else ():
        for entry in actions.values() if isinstance(actions, dict) else ():
            value = _value(entry)
            if value.strip():
                said[str(argument)] = fitted(value)
    return said


def errors(faults: Mapping[str, str], values: object) -> dict[str, str]:
    """The faults as Slack shows them, each at its field. What is of none of the fields stands at the first."""
    fields = [str(argument) for argument in values] if isinstance(values, dict) else []
    shown: dict[str, str] = {}
    for argument, fault in faults.items():
        field = argument if argument in fields else next(iter(fields), None)
        if field is not None:
            shown.setdefault(field, label(fault, FAULT_CHARACTERS))
    return shown


def options(offered: Sequence[Option]) -> list[Block]:
    """What a menu offers. What no option can hold is left out: it can be written."""
    each = {one.value: one for one in offered if _can_be_chosen(one.value)}
    return [_option(one) for one in list(each.values())[:OPTIONS]]


def _metadata(of: Opened) -> str | None:
    try:
        told = {"word": of.word, "settled": dict(of.settled), "room": of.room, "alone": of.alone}
        said = orjson.dumps(told).decode()
    except TypeError:
        return None
    return said if units(said) <= METADATA_CHARACTERS else None


def _input(field: Field) -> Block:
    block: Block = {
        "type": "input",
        "block_id": field.argument,
        "label": plain_text(label(field.label, LABEL_CHARACTERS)),
        "element": {**_element(field), "action_id": field.argument},
        "optional": field.optional,
    }
    hint = cut(on_one_line(field.hint).strip(), HINT_CHARACTERS)
    return {**block, "hint": plain_text(hint)} if shows(hint) else block


def _element(field: Field) -> Block:
    given = field.given
    match field.takes:
        case Takes.NUMBER if not given or _NUMBER.fullmatch(given):
            number: Block = {"type": "number_input", "is_decimal_allowed": True}
            return {**number, "initial_value": given} if given else number
        case Takes.CHOICE if _is_a_menu(field):
            offered = [_option(Option(one)) for one in field.options]
            menu: Block = {"type": "static_select", "placeholder": plain_text("Choose"), "options": offered}
            return {**menu, "initial_option": _option(Option(given))} if given else menu
        case Takes.SUGGESTED if not given or _can_be_chosen(given):
            sought: Block = {
                "type": "external_select",
                "placeholder": plain_text("Choose, or type to find"),
                "min_query_length": 0,
            }
            return {**sought, "initial_option": _option(Option(given))} if given else sought
        case _:
            return _text(field)


def _text(field: Field) -> Block:
    longest = max(1, min(field.longest, INPUT_CHARACTERS))
    element: Block = {"type": "plain_text_input", "max_length": longest, "multiline": longest > ONE_LINE}
    given = (clean if longest > ONE_LINE else on_one_line)(field.given).strip()
    # What was cut would say something else.
    return {**element, "initial_value": given} if shows(given) and units(given) <= longest else element


def _is_a_menu(field: Field) -> bool:
    """Whether its options are such that a menu holds all of them, with what stands in it already."""
    is_whole = 0 < len(field.options) <= OPTIONS and all(map(_can_be_chosen, field.options))
    return is_whole and len(set(field.options)) == len(field.options) and field.given in ("", *field.options)


def _can_be_chosen(value: str) -> bool:
    return shows(value) and units(value) <= OPTION_CHARACTERS and clean(value) == value


def _option(one: Option) -> Block:
    return {"text": plain_text(label(one.shown, OPTION_CHARACTERS)), "value": one.value}


def _value(entry: object) -> str:
    if not isinstance(entry, dict):
        return ""
    chosen = entry.get("selected_option")
    value = chosen.get("value") if isinstance(chosen, dict) else entry.get("value")
    return value if isinstance(value, str) else ""
