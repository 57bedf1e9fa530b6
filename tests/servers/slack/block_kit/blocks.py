"""The blocks of a message or a view."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from enum import StrEnum
from typing import Any

from tests.servers.slack import limits
from tests.servers.slack.block_kit.checks import Check, Problems, Shape, boolean, items, one_of, string, typed
from tests.servers.slack.block_kit.elements import ELEMENTS, IMAGE_FIELDS, IN_ACTIONS, IN_INPUT, IN_SECTION
from tests.servers.slack.block_kit.objects import (
    OPTION_GROUPS,
    SELECT_OPTIONS,
    either_options_or_groups,
    plain,
    text,
)
from tests.servers.slack.block_kit.rich_text import PIECES, cell


class Surface(StrEnum):
    """Where blocks are shown."""

    MESSAGE = "message"
    MODAL = "modal"
    HOME = "home"


def _block(name: str, required: Mapping[str, Check], optional: Mapping[str, Check], also: Check | None = None) -> Check:
    return Shape({"type": one_of(name), **required}, {"block_id": string(limits.BLOCK_ID_CHARS, 1), **optional}, also)


def _section(value: Any, where: str, problems: Problems) -> None:
    if "text" not in value and "fields" not in value:
        problems.add(where, "must provide either text or fields")


def _image(value: Any, where: str, problems: Problems) -> None:
    if ("image_url" in value) == ("slack_file" in value):
        problems.add(where, "must provide either image_url or slack_file")


_IN_CONTEXT: Mapping[str, Check] = {"image": ELEMENTS["image"], "plain_text": text(), "mrkdwn": text()}
_BLOCKS: Mapping[str, Check] = {
    "actions": _block("actions", {"elements": items(typed(ELEMENTS, IN_ACTIONS), limits.ACTIONS_ELEMENTS)}, {}),
    "context": _block("context", {"elements": items(typed(_IN_CONTEXT), limits.CONTEXT_ELEMENTS)}, {}),
    "divider": _block("divider", {}, {}),
    "header": _block("header", {"text": plain(limits.HEADER_TEXT_CHARS)}, {}),
    "image": _block(
        "image",
        {"alt_text": string(limits.IMAGE_ALT_CHARS, 1)},
        {**IMAGE_FIELDS, "title": plain(limits.IMAGE_TITLE_CHARS)},
        _image,
    ),
    "input": _block(
        "input",
        {"label": plain(limits.INPUT_LABEL_CHARS), "element": typed(ELEMENTS, IN_INPUT)},
        {"hint": plain(limits.INPUT_HINT_CHARS), "optional": boolean, "dispatch_action": boolean},
    ),
    "markdown": _block("markdown", {"text": string(limits.MARKDOWN_CHARS, 1)}, {}),
    "rich_text": _block("rich_text", {"elements": PIECES}, {}),
    "section": _block(
        "section",
        {},
        {
            "text": text(limits.SECTION_TEXT_CHARS),
            "fields": items(text(limits.SECTION_FIELD_CHARS), limits.SECTION_FIELDS),
            "accessory": typed(ELEMENTS, IN_SECTION),
            "expand": boolean,
        },
        _section,
    ),
    "table": _block(
        "table",
        {"rows": items(items(cell, limits.TABLE_CELLS), limits.TABLE_ROWS)},
        {
            "column_settings": items(
                Shape(optional={"align": one_of("left", "center", "right"), "is_wrapped": boolean}), limits.TABLE_CELLS
            )
        },
    ),
}
_EVERYWHERE = ("actions", "context", "divider", "header", "image", "rich_text", "section")
#: An `input` in a message exists on the platform; we have modals for it.
_ON: Mapping[Surface, tuple[str, ...]] = {
    Surface.MESSAGE: (*_EVERYWHERE, "markdown", "table"),
    Surface.MODAL: (*_EVERYWHERE, "input"),
    Surface.HOME: (*_EVERYWHERE, "input"),
}
_MOST: Mapping[Surface, int] = {
    Surface.MESSAGE: limits.MESSAGE_BLOCKS,
    Surface.MODAL: limits.VIEW_BLOCKS,
    Surface.HOME: limits.VIEW_BLOCKS,
}


def problems_of_blocks(blocks: Any, surface: Surface = Surface.MESSAGE) -> list[str]:
    """What the platform would refuse, in its words; nothing where it accepts the blocks."""
    problems = Problems()
    items(typed(_BLOCKS, _ON[surface]), _MOST[surface], 0)(blocks, "/blocks", problems)
    if not problems.found:
        _check_together(blocks, problems)
    return problems.found


def problems_of_response_options(body: Any) -> list[str]:
    """What the platform would refuse of an answer to `block_suggestion`; no options at all are fine."""
    problems = Problems()
    if body in ({"options": []}, {"option_groups": []}):
        return []
    Shape(optional={"options": SELECT_OPTIONS, "option_groups": OPTION_GROUPS}, also=either_options_or_groups)(
        body, "", problems
    )
    return problems.found


def elements_of(blocks: list[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Every element with an action, and the block that it stands in."""
    for block in blocks:
        inside = [*block.get("elements", []), block.get("accessory"), block.get("element")]
        yield from ((block, one) for one in inside if isinstance(one, dict) and one.get("type") in _WITH_ACTION)


_WITH_ACTION = frozenset(ELEMENTS) - {"image"}


def filled(blocks: list[dict[str, Any]], start: int) -> list[dict[str, Any]]:
    """The blocks as the platform keeps them: with ids where none were given, counted from `start`."""
    kept = deepcopy(blocks)
    for number, block in enumerate(kept, start):
        block.setdefault("block_id", f"b{number:04d}")
    for number, (_, element) in enumerate(elements_of(kept), start):
        element.setdefault("action_id", f"a{number:04d}")
    return kept


def _check_together(blocks: list[dict[str, Any]], problems: Problems) -> None:
    ids = [block["block_id"] for block in blocks if "block_id" in block]
    if len(set(ids)) < len(ids):
        problems.add("/blocks", "block_id must be unique")
    seen: set[tuple[int, str]] = set()
    for block, element in elements_of(blocks):
        key = (id(block), element.get("action_id", ""))
        if key in seen and key[1]:
            problems.add("/blocks", f"action_id {key[1]} already exists in this block")
        seen.add(key)
    if sum(len(block["text"]) for block in blocks if block["type"] == "markdown") > limits.MARKDOWN_CHARS:
        problems.add("/blocks", f"markdown blocks must be less than {limits.MARKDOWN_CHARS + 1} characters together")
    if sum(block["type"] == "table" for block in blocks) > 1:
        problems.add("/blocks", "only one table is allowed per message")
