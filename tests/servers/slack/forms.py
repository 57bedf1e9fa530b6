"""What a person writes and chooses in a view, as the platform tells it."""

from collections.abc import Mapping
from typing import Any

from tests.servers.slack.block_kit.blocks import elements_of
from tests.servers.slack.block_kit.elements import is_number
from tests.servers.slack.views import View

#: What a person gives for an input: text, what stands on an option, or several of these.
Value = str | list[str] | None


def chosen(element: Mapping[str, Any], value: Value, offered: list[Mapping[str, Any]]) -> dict[str, Any]:
    """The part of `actions` and `state` that says what was chosen; raises `LookupError` for what is not offered."""
    kind = element["type"]
    if kind in ("plain_text_input", "number_input"):
        return {"value": value}
    if kind == "users_select":
        return {"selected_user": value}
    if kind in ("checkboxes", "multi_static_select", "multi_external_select"):
        labels = value if isinstance(value, list) else [value] if value else []
        return {"selected_options": [_option(offered, label) for label in labels]}
    return {"selected_option": None if value is None else _option(offered, str(value))}


def state_of(
    view: View, values: Mapping[str, Value], offered: Mapping[str, list[Mapping[str, Any]]]
) -> dict[str, dict[str, Any]]:
    """`values` go by an input's label, block_id or action_id; `offered` is what external menus have suggested.

    Raises `LookupError` where a name is of no input, and `ValueError` where the platform's own form would not let
    the person send: something needed is empty, too long, or no number.
    """
    state: dict[str, dict[str, Any]] = {}
    unused = set(values)
    for block, element in elements_of(view.blocks):
        if block["type"] != "input":
            continue
        names = (block["label"]["text"], block["block_id"], element["action_id"])
        name = next((one for one in names if one in values), None)
        unused.discard(name or "")
        value = values[name] if name is not None else _initial(element)
        options = offered.get(element["action_id"], options_of(element))
        if not value and not block.get("optional", False):
            raise ValueError(f"{names[0]!r} has to be filled in")
        _check_length(element, value, str(names[0]))
        entry = {"type": element["type"], **chosen(element, value or None, options)}
        state.setdefault(block["block_id"], {})[element["action_id"]] = entry
    if unused:
        raise LookupError(f"no input {sorted(unused)} in {view.title!r}")
    return state


def options_of(element: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What a menu offers by itself: also what an external one has chosen from the start."""
    groups = element.get("option_groups", [{"options": element.get("options", [])}])
    initial = [element["initial_option"]] if "initial_option" in element else element.get("initial_options", [])
    return [*[option for group in groups for option in group["options"]], *initial]


def _option(offered: list[Mapping[str, Any]], label: str | None) -> Mapping[str, Any]:
    for option in offered:
        if option["text"]["text"] == label:
            return option
    raise LookupError(f"no option {label!r} among {[option['text']['text'] for option in offered]}")


def _initial(element: Mapping[str, Any]) -> Value:
    if "initial_options" in element:
        return [str(option["text"]["text"]) for option in element["initial_options"]]
    if "initial_option" in element:
        return str(element["initial_option"]["text"]["text"])
    return element.get("initial_value") or element.get("initial_user")


def _check_length(element: Mapping[str, Any], value: Value, label: str) -> None:
    if element["type"] == "number_input" and value and not is_number(value, decimal=element["is_decimal_allowed"]):
        raise ValueError(f"{label!r} takes a number, not {value!r}")
    if element["type"] == "plain_text_input" and isinstance(value, str) and value:
        least, most = element.get("min_length", 0), element.get("max_length", 3000)
        if not least <= len(value) <= most:
            raise ValueError(f"{label!r} takes {least} to {most} characters, not {len(value)}")
