"""The objects that blocks and elements are made of: text, options, the question before an act."""

from collections.abc import Sequence
from typing import Any

from tests.servers.slack import limits
from tests.servers.slack.block_kit.checks import Check, Problems, Shape, boolean, items, one_of, string, typed


def text(most: int = limits.TEXT_CHARS, kinds: Sequence[str] = ("plain_text", "mrkdwn"), least: int = 1) -> Check:
    content = string(most, least)
    return typed(
        {
            "plain_text": Shape({"type": one_of("plain_text"), "text": content}, {"emoji": boolean}),
            "mrkdwn": Shape({"type": one_of("mrkdwn"), "text": content}, {"verbatim": boolean}),
        },
        kinds,
    )


def plain(most: int) -> Check:
    return text(most, ("plain_text",))


CONFIRM = Shape(
    {"text": text(limits.CONFIRM_TEXT_CHARS)},
    {
        "title": plain(limits.CONFIRM_TITLE_CHARS),
        "confirm": plain(limits.CONFIRM_BUTTON_CHARS),
        "deny": plain(limits.CONFIRM_BUTTON_CHARS),
        "style": one_of(*limits.BUTTON_STYLES),
    },
)


def option(*, mrkdwn: bool = False, url: bool = False) -> Check:
    """Radio buttons and checkboxes take mrkdwn; only an overflow menu takes an address."""
    kinds = ("plain_text", "mrkdwn") if mrkdwn else ("plain_text",)
    return Shape(
        {"text": text(limits.OPTION_TEXT_CHARS, kinds), "value": string(limits.OPTION_VALUE_CHARS, 1)},
        {
            "description": text(limits.OPTION_DESCRIPTION_CHARS, kinds),
            **({"url": string(limits.OPTION_URL_CHARS, 1)} if url else {}),
        },
    )


def options(most: int, *, mrkdwn: bool = False, url: bool = False) -> Check:
    """Options that can be told apart."""
    each = items(option(mrkdwn=mrkdwn, url=url), most)

    def check(value: Any, where: str, problems: Problems) -> None:
        each(value, where, problems)
        if isinstance(value, list):
            values = [one.get("value") for one in value if isinstance(one, dict)]
            if len(set(map(str, values))) < len(values):
                problems.add(where, "values of options must be unique")

    return check


SELECT_OPTIONS = options(limits.SELECT_OPTIONS)
OPTION_GROUPS = items(
    Shape({"label": plain(limits.OPTION_GROUP_LABEL_CHARS), "options": SELECT_OPTIONS}), limits.OPTION_GROUPS
)


def either_options_or_groups(value: Any, where: str, problems: Problems) -> None:
    if ("options" in value) == ("option_groups" in value):
        problems.add(where, "must provide either options or option_groups")
