"""Block Kit: what stands at a limit passes, and one more is refused."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.servers.slack.block_kit import (
    Surface,
    mentions,
    problems_of_blocks,
    problems_of_response_options,
    problems_of_view,
    unescaped,
)

Blocks = list[dict[str, Any]]


def plain(count: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": "x" * count}


def mrkdwn(count: int) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": "x" * count}


def section(count: int = 1, **more: Any) -> dict[str, Any]:
    return {"type": "section", "text": mrkdwn(count), **more}


def button(**more: Any) -> dict[str, Any]:
    return {"type": "button", "text": plain(1), **more}


def actions(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements)}


def option(number: int = 0, **more: Any) -> dict[str, Any]:
    return {"text": plain(1), "value": str(number), **more}


def options(count: int) -> list[dict[str, Any]]:
    return [option(number) for number in range(count)]


def menu(**more: Any) -> dict[str, Any]:
    return actions({"type": "static_select", **({"options": options(1)} | more)})


def confirm(**more: Any) -> dict[str, Any]:
    return actions(button(confirm={"text": mrkdwn(1), **more}))


def picture(**more: Any) -> dict[str, Any]:
    return {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "a", **more}


def table(rows: int, cells: int) -> dict[str, Any]:
    return {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}] * cells] * rows}


IN_MESSAGES: dict[str, tuple[int, Callable[[int], Blocks]]] = {
    "blocks": (50, lambda n: [section()] * n),
    "block_id": (255, lambda n: [section(block_id="x" * n)]),
    "section text": (3000, lambda n: [section(n)]),
    "fields": (10, lambda n: [{"type": "section", "fields": [mrkdwn(1)] * n}]),
    "field text": (2000, lambda n: [{"type": "section", "fields": [mrkdwn(n)]}]),
    "actions": (25, lambda n: [actions(*[button()] * n)]),
    "context": (10, lambda n: [{"type": "context", "elements": [mrkdwn(1)] * n}]),
    "header": (150, lambda n: [{"type": "header", "text": plain(n)}]),
    "alt text": (2000, lambda n: [picture(alt_text="x" * n)]),
    "image title": (2000, lambda n: [picture(title=plain(n))]),
    "markdown": (12000, lambda n: [{"type": "markdown", "text": "x" * n}]),
    "markdown together": (6000, lambda n: [{"type": "markdown", "text": "x" * n}] * 2),
    "rows": (100, lambda n: [table(n, 1)]),
    "cells": (20, lambda n: [table(1, n)]),
    "tables": (1, lambda n: [table(1, 1)] * n),
    "action_id": (255, lambda n: [actions(button(action_id="x" * n))]),
    "button text": (75, lambda n: [actions(button(text=plain(n)))]),
    "button value": (2000, lambda n: [actions(button(value="x" * n))]),
    "button url": (3000, lambda n: [actions(button(url="x" * n))]),
    "accessibility_label": (75, lambda n: [actions(button(accessibility_label="x" * n))]),
    "confirm title": (100, lambda n: [confirm(title=plain(n))]),
    "confirm text": (300, lambda n: [confirm(text=mrkdwn(n))]),
    "confirm button": (30, lambda n: [confirm(confirm=plain(n))]),
    "deny button": (30, lambda n: [confirm(deny=plain(n))]),
    "select options": (100, lambda n: [menu(options=options(n))]),
    "placeholder": (150, lambda n: [menu(placeholder=plain(n))]),
    "option text": (75, lambda n: [menu(options=[option(text=plain(n))])]),
    "option value": (75, lambda n: [menu(options=[option(value="x" * n)])]),
    "option description": (75, lambda n: [menu(options=[option(description=plain(n))])]),
    "overflow": (5, lambda n: [actions({"type": "overflow", "options": options(n)})]),
    "checkboxes": (10, lambda n: [actions({"type": "checkboxes", "options": options(n)})]),
    "radio buttons": (10, lambda n: [actions({"type": "radio_buttons", "options": options(n)})]),
}


@pytest.mark.parametrize("name", IN_MESSAGES)
def test_a_message_takes_so_much_and_no_more(name: str) -> None:
    most, blocks = IN_MESSAGES[name]
    assert problems_of_blocks(blocks(most)) == []
    assert problems_of_blocks(blocks(most + 1)) != []


@pytest.mark.parametrize(
    "blocks",
    [
        [section(0)],
        [{"type": "section"}],
        [{"type": "header", "text": mrkdwn(1)}],
        [actions()],
        [actions(button(style="warning"))],
        [actions(button(colour="red"))],
        [actions({"type": "plain_text_input"})],
        [actions({"type": "static_select"})],
        [menu(option_groups=[{"label": plain(1), "options": options(1)}])],
        [menu(options=[option(url="https://example.com")])],
        [menu(initial_option=option(7))],
        [menu(options=[option(), option()])],
        [{"type": "section", "text": mrkdwn(1), "accessory": {"type": "number_input", "is_decimal_allowed": True}}],
        [{"type": "image", "alt_text": "a"}],
        [{"type": "input", "label": plain(1), "element": {"type": "plain_text_input"}}],
        [section(block_id="a"), section(block_id="a")],
        [actions(button(action_id="a"), button(action_id="a"))],
        [{"type": "video"}],
        ["text"],
        {"type": "section"},
    ],
)
def test_what_stands_where_it_may_not_is_refused(blocks: Any) -> None:
    assert problems_of_blocks(blocks) != []


def test_a_refusal_points_to_what_is_wrong() -> None:
    (problem,) = problems_of_blocks([section(), actions(button(text=plain(76)))])
    assert problem == "must be less than 76 characters [json-pointer:/blocks/1/elements/0/text/text]"


def modal(**more: Any) -> dict[str, Any]:
    return {"type": "modal", "title": plain(1), "blocks": [section()], **more}


def field(**more: Any) -> dict[str, Any]:
    return {"type": "input", "label": plain(1), "element": {"type": "plain_text_input"}, **more}


def number(**more: str) -> dict[str, Any]:
    return {"type": "number_input", "is_decimal_allowed": False, **more}


IN_MODALS: dict[str, tuple[int, Callable[[int], dict[str, Any]]]] = {
    "blocks": (100, lambda n: modal(blocks=[section()] * n)),
    "title": (24, lambda n: modal(title=plain(n))),
    "submit": (24, lambda n: modal(submit=plain(n))),
    "close": (24, lambda n: modal(close=plain(n))),
    "private_metadata": (3000, lambda n: modal(private_metadata="x" * n)),
    "callback_id": (255, lambda n: modal(callback_id="x" * n)),
    "label": (2000, lambda n: modal(submit=plain(1), blocks=[field(label=plain(n))])),
    "hint": (2000, lambda n: modal(submit=plain(1), blocks=[field(hint=plain(n))])),
    "max_length": (
        3000,
        lambda n: modal(submit=plain(1), blocks=[field(element={"type": "plain_text_input", "max_length": n})]),
    ),
}


@pytest.mark.parametrize("name", IN_MODALS)
def test_a_modal_takes_so_much_and_no_more(name: str) -> None:
    most, view = IN_MODALS[name]
    assert problems_of_view(view(most)) == []
    assert problems_of_view(view(most + 1)) != []


@pytest.mark.parametrize(
    "view",
    [
        modal(blocks=[field()]),
        modal(blocks=[field(element=number(initial_value="a half"))], submit=plain(1)),
        modal(blocks=[field(element=number(max_value="1.5"))], submit=plain(1)),
        modal(blocks=[{"type": "markdown", "text": "x"}]),
        modal(title=mrkdwn(1)),
        {"type": "modal", "blocks": []},
        {"type": "home", "title": plain(1), "blocks": []},
        {"type": "workflow_step", "blocks": []},
        None,
    ],
)
def test_a_view_that_is_none_is_refused(view: Any) -> None:
    assert problems_of_view(view) != []


def test_a_home_takes_inputs_without_a_button_to_send_them() -> None:
    assert problems_of_blocks([field()], Surface.HOME) == []


def test_an_external_menu_may_be_told_that_there_is_nothing() -> None:
    assert problems_of_response_options({"options": []}) == []
    assert problems_of_response_options({"options": options(100)}) == []
    assert problems_of_response_options({"options": options(101)}) != []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("hello <!channel>", ("!channel",)),
        ("<@U0ABC|ada> and <!subteam^S0DEF>", ("@U0ABC", "!subteam^S0DEF")),
        ("&lt;!channel&gt; and @channel", ()),
    ],
)
def test_a_text_mentions_whom_it_names_in_brackets(text: str, found: tuple[str, ...]) -> None:
    assert mentions(text, []) == found
    assert mentions("", [section() | {"text": {"type": "mrkdwn", "text": text}}]) == found
    assert mentions("", [{"type": "header", "text": {"type": "plain_text", "text": text}}]) == ()


def test_rich_text_mentions_by_an_element_of_its_own() -> None:
    said = {"type": "rich_text_section", "elements": [{"type": "broadcast", "range": "here"}]}
    blocks = [{"type": "rich_text", "elements": [said]}]
    assert (problems_of_blocks(blocks), mentions("", blocks)) == ([], ("!here",))


@pytest.mark.parametrize(
    ("text", "piece"),
    [
        ("a &lt; b &amp; c", ""),
        ("<https://example.com|here> <@U0ABC>", ""),
        ("> a quotation", ""),
        ("a < b", "< b"),
        ("R&D", "&D"),
        ("<script>", "<script>"),
    ],
)
def test_what_should_have_been_escaped_is_found(text: str, piece: str) -> None:
    assert unescaped(text) == piece
