"""Forms as modals, and what comes back of them."""

import string
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatops.adapters.slack.modals import OPTIONS, errors, filled_in, modal, opened, options
from chatops.forms import Field, Form, Option, Takes
from chatops.room import Room
from tests.servers.slack.block_kit import mentions, problems_of_view, texts_of
from tests.servers.slack.block_kit.blocks import problems_of_response_options

OPS = Room("slack", "C1", "5.000001")
CLOSE = Form(
    "close",
    "Close a position",
    (
        Field("position", "Position", Takes.SUGGESTED),
        Field("percent", "Percent", Takes.NUMBER, given="100", hint="1 to 100"),
        Field("reason", "Reason", optional=True, longest=64),
        Field("scope", "Scope", Takes.CHOICE, ("entry", "exit"), given="exit"),
    ),
    {"bot": "alpha"},
)

SAID = st.sampled_from(["<!channel>", "<@U0123456>", "@here", "<https://x.y|pay>", ":skull:", "*b*", "&", "\n", "👩‍👧"])
ANY_TEXT = st.one_of(
    st.text(st.characters(codec=None, categories=None), max_size=60), st.lists(SAID, max_size=30).map("".join)
)
FIELDS = st.builds(
    Field,
    st.text(string.ascii_lowercase + "_", min_size=1, max_size=30),
    ANY_TEXT,
    st.sampled_from(Takes),
    st.lists(ANY_TEXT, max_size=4).map(tuple) | st.just(tuple(map(str, range(130)))),
    ANY_TEXT | st.sampled_from(["12.5", "1e5", "x" * 80, "100"]),
    st.booleans(),
    ANY_TEXT,
    st.integers(-5, 5_000),
)
FORMS = st.builds(
    Form,
    st.text(string.ascii_lowercase, min_size=1, max_size=20),
    ANY_TEXT,
    st.lists(FIELDS, min_size=1, max_size=6, unique_by=lambda field: field.argument).map(tuple),
    st.dictionaries(st.text(string.ascii_lowercase, max_size=10), st.text(max_size=40), max_size=3),
)


def shown(form: Form) -> dict[str, Any]:
    view = modal(form, OPS)
    assert view is not None
    assert problems_of_view(view) == []
    return view


def element(field: Field) -> dict[str, Any]:
    block = shown(Form("set", "Set", (field,), {}))["blocks"][0]
    return dict(block["element"])


def test_each_field_is_an_input_under_the_name_of_its_argument() -> None:
    view = shown(CLOSE)
    assert (view["title"]["text"], view["submit"]["text"]) == ("Close a position", "Send")
    assert [block["block_id"] for block in view["blocks"]] == ["position", "percent", "reason", "scope"]
    position, percent, reason, scope = [block["element"] for block in view["blocks"]]
    assert (position["type"], position["min_query_length"]) == ("external_select", 0)
    assert (percent["type"], percent["initial_value"]) == ("number_input", "100")
    assert (reason["type"], reason["max_length"], reason["multiline"]) == ("plain_text_input", 64, False)
    assert [one["value"] for one in scope["options"]] == ["entry", "exit"]
    assert scope["initial_option"]["value"] == "exit"
    assert [block["optional"] for block in view["blocks"]] == [False, False, True, False]
    assert view["blocks"][1]["hint"]["text"] == "1 to 100"


def test_which_form_it_is_and_where_it_was_asked_for_come_back() -> None:
    which = opened(shown(CLOSE)["private_metadata"])
    assert which is not None
    assert (which.word, which.settled, Room.of("slack", which.room)) == ("close", {"bot": "alpha"}, OPS)
    assert not which.alone
    alone = modal(CLOSE, OPS, alone=True)
    assert alone is not None
    assert opened(alone["private_metadata"]) == replace(which, alone=True)


@pytest.mark.parametrize("metadata", [None, 7, "", "{", "[]", '{"word": 1, "settled": {}, "room": "C1"}', '"desk-1"'])
def test_what_is_no_form_of_ours_is_none(metadata: object) -> None:
    assert opened(metadata) is None


@pytest.mark.parametrize(
    ("field", "kind"),
    [
        (Field("a", "A", Takes.CHOICE), "plain_text_input"),
        (Field("a", "A", Takes.CHOICE, ("x",) * 2), "plain_text_input"),
        (Field("a", "A", Takes.CHOICE, ("x" * 76,)), "plain_text_input"),
        (Field("a", "A", Takes.CHOICE, tuple(map(str, range(OPTIONS + 1)))), "plain_text_input"),
        (Field("a", "A", Takes.CHOICE, ("x",), given="y"), "plain_text_input"),
        (Field("a", "A", Takes.SUGGESTED, given="x" * 76), "plain_text_input"),
        (Field("a", "A", Takes.SUGGESTED, given="SOL"), "external_select"),
        (Field("a", "A", Takes.NUMBER, given="a half"), "plain_text_input"),
        (Field("a", "A", Takes.NUMBER, given="-0.5"), "number_input"),
    ],
)
def test_what_no_menu_holds_can_be_written(field: Field, kind: str) -> None:
    assert element(field)["type"] == kind


def test_what_stands_in_a_field_already_is_never_cut() -> None:
    assert element(Field("a", "A", given="x" * 64, longest=64))["initial_value"] == "x" * 64
    assert "initial_value" not in element(Field("a", "A", given="x" * 65, longest=64))


@pytest.mark.parametrize(
    "form",
    [
        replace(CLOSE, fields=()),
        replace(CLOSE, fields=CLOSE.fields[:1] * 2),
        replace(CLOSE, fields=(Field("", "A"),)),
        replace(CLOSE, settled={"reason": "x" * 3_000}),
        replace(CLOSE, fields=tuple(Field(f"a{n}", "A") for n in range(101))),
    ],
)
def test_of_what_slack_would_not_take_there_is_no_modal(form: Form) -> None:
    assert modal(form, OPS) is None


@given(FORMS)
def test_any_form_is_a_view_that_slack_takes_and_mentions_nobody(form: Form) -> None:
    view = modal(form, OPS)
    assert view is None or problems_of_view(view) == []
    for block in (view or {}).get("blocks", []):
        assert mentions("", [block]) == ()
        assert {kind for kind, _ in texts_of(block)} == {"plain_text"}


def test_what_was_filled_in_comes_back_by_argument_without_what_was_left_empty() -> None:
    values = {
        "position": {"position": {"type": "external_select", "selected_option": {"value": "SOL-1", "text": {}}}},
        "percent": {"percent": {"type": "number_input", "value": "50"}},
        "reason": {"reason": {"type": "plain_text_input", "value": None}},
        "scope": {"scope": {"type": "static_select", "selected_option": None}},
        "note": {"note": {"type": "plain_text_input", "value": " \n"}},
    }
    assert filled_in(values) == {"position": "SOL-1", "percent": "50"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)


@given(JSON)
def test_whatever_comes_for_values_is_read_as_texts(values: Any) -> None:
    assert all(said.strip() for said in filled_in(values).values())


def test_a_fault_stands_at_its_field_and_one_of_no_field_at_the_first() -> None:
    values: dict[str, Any] = {"position": {}, "percent": {}}
    assert errors({"percent": "At most 100."}, values) == {"percent": "At most 100."}
    assert errors({"bot": "No such bot."}, values) == {"position": "No such bot."}
    assert errors({"percent": "x" * 400}, values)["percent"].endswith("…")
    assert errors({"percent": "At most 100."}, None) == {}


@given(st.lists(st.builds(Option, ANY_TEXT | st.text("ab", max_size=2), ANY_TEXT), max_size=130))
def test_any_suggestions_are_options_that_slack_takes(offered: list[Option]) -> None:
    made = options(offered)
    assert problems_of_response_options({"options": made}) == []
    assert {one["value"] for one in made} <= {one.value for one in offered}


def test_a_suggestion_is_chosen_by_its_value_and_read_by_its_label() -> None:
    assert options([Option("7", "#7 SOL-1"), Option("x" * 76), Option("SOL")]) == [
        {"text": {"type": "plain_text", "text": "#7 SOL-1", "emoji": False}, "value": "7"},
        {"text": {"type": "plain_text", "text": "SOL", "emoji": False}, "value": "SOL"},
    ]
