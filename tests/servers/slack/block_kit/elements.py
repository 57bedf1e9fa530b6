"""What people press, choose from and write into."""

import re
from collections.abc import Mapping
from typing import Any

from tests.servers.slack import limits
from tests.servers.slack.block_kit.checks import Check, Problems, Shape, boolean, integer, items, one_of, string
from tests.servers.slack.block_kit.objects import (
    CONFIRM,
    OPTION_GROUPS,
    SELECT_OPTIONS,
    either_options_or_groups,
    option,
    options,
    plain,
)

_ACTION: Mapping[str, Check] = {"action_id": string(limits.ACTION_ID_CHARS, 1)}
_FOCUS: Mapping[str, Check] = {"focus_on_load": boolean}
_PLACEHOLDER: Mapping[str, Check] = {"placeholder": plain(limits.PLACEHOLDER_CHARS)}
_MENU: Mapping[str, Check] = {**_ACTION, **_FOCUS, **_PLACEHOLDER, "confirm": CONFIRM}
_SEVERAL: Mapping[str, Check] = {"max_selected_items": integer(1, limits.SELECT_OPTIONS)}
_INITIAL = option()
_INITIALS = items(option(), limits.SELECT_OPTIONS)


def _kind(name: str) -> Mapping[str, Check]:
    return {"type": one_of(name)}


def _initial_is_offered(value: Any, where: str, problems: Problems) -> None:
    """What stands chosen from the start is, to the letter, one of the options."""
    chosen = value.get("initial_options", [value[key] for key in ("initial_option",) if key in value])
    groups = value.get("option_groups", [{"options": value.get("options", [])}])
    offered = [one for group in groups for one in group.get("options", [])]
    if any(one not in offered for one in chosen):
        problems.add(where, "initial options must be among the options")


def _static(value: Any, where: str, problems: Problems) -> None:
    either_options_or_groups(value, where, problems)
    _initial_is_offered(value, where, problems)


def _length(value: Any, where: str, problems: Problems) -> None:
    if value.get("min_length", 0) > value.get("max_length", limits.INPUT_LENGTH):
        problems.add(where, "min_length must not exceed max_length")


def _numbers(value: Any, where: str, problems: Problems) -> None:
    for name in ("initial_value", "min_value", "max_value"):
        if name in value and not is_number(value[name], decimal=value.get("is_decimal_allowed") is True):
            problems.add(f"{where}/{name}", "must be a number")


def is_number(text: Any, *, decimal: bool) -> bool:
    """Whether a `number_input` takes it."""
    form = r"-?\d+(\.\d+)?" if decimal else r"-?\d+"
    return isinstance(text, str) and re.fullmatch(form, text, re.ASCII) is not None


def _image(value: Any, where: str, problems: Problems) -> None:
    if ("image_url" in value) == ("slack_file" in value):
        problems.add(where, "must provide either image_url or slack_file")


#: A picture that the platform holds already.
SLACK_FILE = Shape(optional={"id": string(255, 1), "url": string(3000, 1)})
IMAGE_FIELDS: Mapping[str, Check] = {"image_url": string(3000, 1), "slack_file": SLACK_FILE}

ELEMENTS: Mapping[str, Check] = {
    "button": Shape(
        {**_kind("button"), "text": plain(limits.BUTTON_TEXT_CHARS)},
        {
            **_ACTION,
            "value": string(limits.BUTTON_VALUE_CHARS),
            "url": string(limits.BUTTON_URL_CHARS, 1),
            "style": one_of(*limits.BUTTON_STYLES),
            "confirm": CONFIRM,
            "accessibility_label": string(limits.ACCESSIBILITY_CHARS, 1),
        },
    ),
    "overflow": Shape(
        {**_kind("overflow"), "options": options(limits.OVERFLOW_OPTIONS, url=True)}, {**_ACTION, "confirm": CONFIRM}
    ),
    "static_select": Shape(
        _kind("static_select"),
        {**_MENU, "options": SELECT_OPTIONS, "option_groups": OPTION_GROUPS, "initial_option": _INITIAL},
        _static,
    ),
    "external_select": Shape(
        _kind("external_select"), {**_MENU, "initial_option": _INITIAL, "min_query_length": integer(0, 3000)}
    ),
    "multi_static_select": Shape(
        _kind("multi_static_select"),
        {
            **_MENU,
            **_SEVERAL,
            "options": SELECT_OPTIONS,
            "option_groups": OPTION_GROUPS,
            "initial_options": _INITIALS,
        },
        _static,
    ),
    "multi_external_select": Shape(
        _kind("multi_external_select"),
        {**_MENU, **_SEVERAL, "initial_options": _INITIALS, "min_query_length": integer(0, 3000)},
    ),
    "users_select": Shape(_kind("users_select"), {**_MENU, "initial_user": string(32, 1)}),
    "checkboxes": Shape(
        {**_kind("checkboxes"), "options": options(limits.CHOICE_OPTIONS, mrkdwn=True)},
        {
            **_ACTION,
            **_FOCUS,
            "confirm": CONFIRM,
            "initial_options": items(option(mrkdwn=True), limits.CHOICE_OPTIONS),
        },
        _initial_is_offered,
    ),
    "radio_buttons": Shape(
        {**_kind("radio_buttons"), "options": options(limits.CHOICE_OPTIONS, mrkdwn=True)},
        {**_ACTION, **_FOCUS, "confirm": CONFIRM, "initial_option": option(mrkdwn=True)},
        _initial_is_offered,
    ),
    "plain_text_input": Shape(
        _kind("plain_text_input"),
        {
            **_ACTION,
            **_FOCUS,
            **_PLACEHOLDER,
            "initial_value": string(limits.INPUT_LENGTH),
            "multiline": boolean,
            "min_length": integer(0, limits.INPUT_LENGTH),
            "max_length": integer(1, limits.INPUT_LENGTH),
            "dispatch_action_config": Shape(
                optional={
                    "trigger_actions_on": items(one_of("on_enter_pressed", "on_character_entered"), 2),
                }
            ),
        },
        _length,
    ),
    "number_input": Shape(
        {**_kind("number_input"), "is_decimal_allowed": boolean},
        {
            **_ACTION,
            **_FOCUS,
            **_PLACEHOLDER,
            "initial_value": string(64),
            "min_value": string(64),
            "max_value": string(64),
        },
        _numbers,
    ),
    "image": Shape({**_kind("image"), "alt_text": string(limits.IMAGE_ALT_CHARS, 1)}, IMAGE_FIELDS, _image),
}

_ONE_OF_MANY = ("static_select", "external_select", "users_select", "checkboxes", "radio_buttons")
_MANY_OF_MANY = ("multi_static_select", "multi_external_select")
#: Where each may stand.
IN_ACTIONS = ("button", "overflow", *_ONE_OF_MANY)
IN_SECTION = ("button", "overflow", "image", *_ONE_OF_MANY, *_MANY_OF_MANY)
IN_INPUT = ("plain_text_input", "number_input", *_ONE_OF_MANY, *_MANY_OF_MANY)
