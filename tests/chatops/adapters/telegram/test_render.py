from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chatops.adapters.telegram.render import render
from chatops.messages import Block, Key, Message, Paragraph, Posting, Table
from tests.servers.telegram.entities import accept_text, part
from tests.servers.telegram.markup import accept_markup

# Lone surrogates too: Python strings can hold them.
ANY_TEXT = st.text(st.characters(codec=None, categories=None), max_size=60)
BLOCKS: st.SearchStrategy[Block] = st.one_of(
    st.builds(Paragraph, ANY_TEXT, st.booleans()),
    st.builds(Table, st.lists(ANY_TEXT, max_size=6).map(tuple)),
)
LONG_TEXT = st.builds(lambda text, times: text * times, ANY_TEXT, st.integers(0, 400))
LONG_BLOCKS: st.SearchStrategy[Block] = st.one_of(
    st.builds(Paragraph, LONG_TEXT, st.booleans()),
    st.builds(lambda line, times: Table((line,) * times), ANY_TEXT, st.integers(0, 400)),
)
KEYS = st.builds(Key, ANY_TEXT, st.text("abcXYZ012-_", min_size=1, max_size=64))


def shown(title: str, *blocks: Block, keys: tuple[tuple[Key, ...], ...] = ()) -> Posting:
    return Posting(Message(title, blocks), keys)


def accepted(posting: Posting) -> tuple[str, list[tuple[str, str]]]:
    """What the platform keeps: the text, and what each entity covers."""
    rendered = render(posting)
    text, entities = accept_text(rendered.text, rendered.entities)
    return text, [(entity["type"], part(text, entity)) for entity in entities]


def test_a_title_is_bold_and_a_table_keeps_its_columns() -> None:
    text, styled = accepted(shown("SOL", Paragraph("HF 0.14"), Table(("venue  size", "drift   1.0")), Paragraph("ok")))
    assert text == "SOL\n\nHF 0.14\nvenue  size\ndrift   1.0\nok"
    assert styled == [("bold", "SOL"), ("pre", "venue  size\ndrift   1.0")]


def test_a_paragraph_may_be_bold() -> None:
    _, styled = accepted(shown("Alert", Paragraph("act now", bold=True)))
    assert styled == [("bold", "Alert"), ("bold", "act now")]


def test_styles_lie_where_they_should_behind_characters_of_two_units() -> None:
    _, styled = accepted(shown("🚀🚀 up", Paragraph("🇺🇦 text"), Table(("💥 1",)), Paragraph("end", bold=True)))
    assert styled == [("bold", "🚀🚀 up"), ("pre", "💥 1"), ("bold", "end")]


def test_a_table_keeps_the_spaces_that_align_its_first_line() -> None:
    text, styled = accepted(shown("T", Table(("   1", "  20"))))
    assert text == "T\n   1\n  20"
    assert styled[1] == ("pre", "   1\n  20")


def test_a_message_of_nothing_still_says_something() -> None:
    assert accepted(shown("\u200b", Paragraph(" \n"), Table(("",)))) == ("–", [])


def test_characters_that_the_platform_takes_out_are_gone_before() -> None:
    text, styled = accepted(shown("a\x00b\ud800c\r\u202ed", Paragraph("x\x07y", bold=True)))
    assert text == "abcd\n\nxy"
    assert styled == [("bold", "abcd"), ("bold", "xy")]


def test_what_is_too_long_is_cut_between_lines_and_says_so() -> None:
    text, styled = accepted(shown("Positions", Table(tuple(f"{line:>40}" for line in range(300)))))
    *lines, last = text.split("\n")
    assert len(text) <= 4_096
    assert all(len(line) == 40 for line in lines[1:])
    assert last == f"… cut: {300 - (len(lines) - 1)} more lines"
    assert styled[1] == ("pre", "\n".join(lines[1:]))


def test_one_endless_line_is_cut_too() -> None:
    text, styled = accepted(shown("x" * 5_000))
    assert text.endswith("x\n… cut: 1 more line")
    assert styled == [("bold", text.partition("\n")[0])]


def test_the_longest_message_is_not_cut() -> None:
    text, _ = accepted(shown("T", Paragraph("🚀" * 4_093)))
    assert len(text) == 4_096
    assert text.endswith("🚀")


def test_styles_beyond_the_limit_are_left_out() -> None:
    rendered = render(shown("T", *(Paragraph(str(number), bold=True) for number in range(200))))
    assert len(rendered.entities) == 100
    assert "199" in rendered.text


def test_keys_stand_in_their_rows() -> None:
    rendered = render(shown("T", keys=((Key("Yes", "t1"), Key("No", "t2")), (Key("More", "t3"),))))
    assert rendered.keyboard == [
        [{"text": "Yes", "callback_data": "t1"}, {"text": "No", "callback_data": "t2"}],
        [{"text": "More", "callback_data": "t3"}],
    ]


def test_a_row_too_long_goes_on_in_the_next_and_keys_beyond_the_limit_are_left_out() -> None:
    row = tuple(Key(str(number), f"t{number}") for number in range(150))
    rendered = render(shown("T", keys=(row, row)))
    assert [len(row) for row in rendered.keyboard] == [8] * 12 + [4]
    assert rendered.keyboard[12][-1]["callback_data"] == "t99"


def test_a_long_label_is_cut_and_an_empty_one_shows() -> None:
    rendered = render(shown("T", keys=((Key("x" * 70, "t1"), Key("\u200b", "t2")),)))
    first, second = rendered.keyboard[0]
    assert first["text"] == "x" * 63 + "…"
    assert second["text"] == "–"


@given(st.builds(Message, ANY_TEXT, st.lists(BLOCKS, max_size=8).map(tuple)))
def test_whatever_is_said_the_platform_takes_it_as_it_is(message: Message) -> None:
    rendered = render(Posting(message))
    text, entities = accept_text(rendered.text, rendered.entities)
    # Nothing was trimmed, so nothing was moved.
    assert text == rendered.text
    assert [*entities] == rendered.entities


@given(st.builds(Message, LONG_TEXT, st.lists(LONG_BLOCKS, max_size=4).map(tuple)))
def test_however_much_is_said_the_platform_takes_it(message: Message) -> None:
    text, _ = accepted(Posting(message))
    assert 1 <= len(text) <= 4_096


@given(st.lists(st.lists(KEYS, max_size=12).map(tuple), max_size=15).map(tuple))
def test_whatever_keys_there_are_the_platform_takes_them(keys: tuple[tuple[Key, ...], ...]) -> None:
    keyboard: list[list[dict[str, Any]]] = render(shown("T", keys=keys)).keyboard
    accept_markup({"inline_keyboard": keyboard})
    assert all(1 <= len(key["text"]) <= 64 for row in keyboard for key in row)
