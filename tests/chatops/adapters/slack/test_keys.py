"""Keys as buttons and menus: few are buttons, of more the first, and a menu has the others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatops.adapters.slack.keys import BUTTONS, FEW, KEYS, OVERFLOW, keys, opens_form
from chatops.messages import Key
from tests.servers.slack.block_kit import problems_of_blocks
from tests.servers.slack.post import controls_of


def numbered(count: int) -> list[Key]:
    return [Key(f"Key {number}", f"t{number}") for number in range(count)]


def in_threes(count: int) -> tuple[tuple[Key, ...], ...]:
    """As a view lays out choices."""
    every = numbered(count)
    return tuple(tuple(every[start : start + 3]) for start in range(0, count, 3))


def shape(rows: tuple[tuple[Key, ...], ...]) -> list[list[str]]:
    """Of each block what kinds of elements stand in it; of a menu how much it offers."""
    blocks = list(keys(rows))
    assert problems_of_blocks(blocks) == []
    return [
        [f"{one['type']} {len(one.get('options', []))}".removesuffix(" 0") for one in b["elements"]] for b in blocks
    ]


def test_keys_stand_in_their_rows_each_with_an_action_of_its_own_and_its_token_as_value() -> None:
    first, second = keys(((Key("Confirm", "t1"), Key("Cancel", "t2")), (Key("x" * 80, "t3"), Key("\n", "t4"))))
    buttons = [*first["elements"], *second["elements"]]
    assert [button["value"] for button in first["elements"]] == ["t1", "t2"]
    assert [button["text"]["text"] for button in buttons] == ["Confirm", "Cancel", "x" * 74 + "…", "–"]
    assert len({button["action_id"] for button in buttons}) == 4


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (5, [["button"] * 3, ["button"] * 2]),
        (FEW, [["button"] * 3, ["button"] * 3, ["button"] * 3, ["button"]]),
        (FEW + 1, [["button"] * 3, ["button"] * 3 + ["overflow 5"]]),
        (FEW + 2, [["button"] * 3, ["button"] * 3, ["static_select 6"]]),
        (KEYS + 30, [["button"] * 3, ["button"] * 3, ["static_select 94"]]),
    ],
)
def test_of_many_keys_the_first_are_buttons_and_the_others_stand_in_one_menu(
    count: int, shown: list[list[str]]
) -> None:
    assert shape(in_threes(count)) == shown


def test_one_row_that_is_too_long_is_cut_into_buttons_and_a_menu() -> None:
    assert shape((tuple(numbered(FEW + 1)),)) == [["button"] * BUTTONS + ["overflow 3"]]
    assert shape((tuple(numbered(FEW)),)) == [["button"] * FEW]


def test_an_option_has_the_label_and_the_token_of_its_key() -> None:
    select = list(keys(in_threes(20)))[-1]["elements"][0]
    assert select["placeholder"]["text"] == "14 more …"
    assert select["options"][0] == {"text": {"type": "plain_text", "text": "Key 6", "emoji": False}, "value": "t6"}


def test_the_action_of_a_key_that_opens_a_form_tells_so_and_that_of_a_menu_that_holds_one() -> None:
    plain, form = next(keys(((Key("Ack", "t1"), Key("Close…", "t2", form=True)),)))["elements"]
    assert [opens_form(one["action_id"]) for one in (plain, form)] == [False, True]
    *_, last = keys((*in_threes(20), (Key("Close…", "t", form=True),)))
    assert opens_form(last["elements"][0]["action_id"])
    assert not opens_form(None)


KEY = st.builds(Key, st.text(max_size=80), st.text("abcXYZ012-_", min_size=1, max_size=4))
ROWS = st.lists(st.lists(KEY, max_size=14).map(tuple), max_size=14).map(tuple)


@given(ROWS)
def test_no_key_is_lost_or_moved_whatever_there_is(rows: tuple[tuple[Key, ...], ...]) -> None:
    blocks = list(keys(rows))
    assert problems_of_blocks(blocks) == []
    controls = controls_of([{**block, "block_id": str(number)} for number, block in enumerate(blocks)])
    tokens = [
        token
        for control in controls
        for token in (control.element.get("value"), *(option["value"] for option in control.options))
        if token
    ]
    asked = [key.token for row in rows for key in row][:KEYS]
    # Of two that ask the same one may be left out.
    assert list(dict.fromkeys(tokens)) == list(dict.fromkeys(asked))
    assert sum(control.element["type"] != "button" for control in controls) <= 1
    assert all(len(control.options) <= OVERFLOW for control in controls if control.element["type"] == "overflow")
