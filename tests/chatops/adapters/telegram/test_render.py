import unicodedata
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatops.adapters.base import MARK_CHARACTERS
from chatops.adapters.telegram.render import (
    CAPTION_CHARACTERS,
    PICTURE_MARK_CHARACTERS,
    TEXT_CHARACTERS,
    fits,
    parts,
    render,
)
from chatops.messages import Attachment, Block, Key, Message, Paragraph, Posting, Table
from tests.servers.telegram.entities import accept_caption, accept_text, part
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
PICTURE = Attachment("equity.png", b"png", is_picture=True)
MESSAGES = st.builds(
    Message, LONG_TEXT, st.lists(LONG_BLOCKS, max_size=4).map(tuple), attachment=st.sampled_from([None, PICTURE])
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


def test_what_was_never_split_is_cut_between_lines_and_says_so() -> None:
    text, styled = accepted(shown("Positions", Table(tuple(f"{line:>40}" for line in range(300)))))
    *lines, last = text.split("\n")
    assert len(text) <= 4_096
    assert all(len(line) == 40 for line in lines[1:])
    assert last == f"… cut: {300 - (len(lines) - 1)} more lines"
    assert styled[1] == ("pre", "\n".join(lines[1:]))


def test_a_part_that_goes_on_begins_with_its_text() -> None:
    assert accepted(shown("", Paragraph("and so on"))) == ("and so on", [])


def test_a_table_that_goes_on_keeps_the_place_of_its_first_line() -> None:
    text, styled = accepted(shown("", Table(("   1", "  20"))))
    assert text == "\u00a0  1\n  20"
    assert styled == [("pre", text)]


def test_plain_text_is_the_same_without_styles() -> None:
    posting = shown("SOL", Table(("venue  size",)), keys=((Key("Yes", "t1"),),))
    bare = render(posting, plain=True)
    assert bare.entities == []
    assert bare == replace(render(posting), entities=[])


def test_under_a_file_less_is_said() -> None:
    posting = Posting(Message("T", (Paragraph("x" * 2_000),), attachment=PICTURE))
    text, _ = accept_caption(render(posting).text, render(posting).entities)
    assert len(text) <= 1_024
    assert text.endswith("x\n… cut: 1 more line")


def test_a_table_of_nine_hundred_characters_stays_whole_under_its_chart() -> None:
    table = Table(tuple(f"{number:<20}{number:>20}" for number in range(20)))
    whole = Posting(Message("+123.45 USD in 30 days", (table, Paragraph("In UTC.")), attachment=PICTURE))
    assert 800 < len(render(whole).text) < 900
    assert parts(whole) == (whole,)


def test_a_file_may_go_without_a_word() -> None:
    assert render(Posting(Message("", attachment=PICTURE))).text == ""


@pytest.mark.parametrize(
    ("attachment", "room"),
    [
        (None, TEXT_CHARACTERS - MARK_CHARACTERS),
        (Attachment("rows.csv", b"a,b\n"), CAPTION_CHARACTERS - MARK_CHARACTERS),
        (PICTURE, CAPTION_CHARACTERS - PICTURE_MARK_CHARACTERS),
    ],
)
def test_room_is_left_for_a_mark(attachment: Attachment | None, room: int) -> None:
    full = Message("T", (Paragraph("x" * (room - 3)),), attachment=attachment)
    assert fits(Posting(full))
    assert not fits(Posting(replace(full, title="TT")))


def test_what_nobody_sees_takes_no_room() -> None:
    assert fits(shown("T\x00" * 3_000))
    assert fits(shown("T", Paragraph("\u200b" * 5_000), Paragraph(" " * 5_000)))
    assert not fits(shown("T", Paragraph("\u200b" * 20_000 + "x")))


def test_a_style_too_many_does_not_fit() -> None:
    bold = [Paragraph(str(number), bold=True) for number in range(100)]
    assert fits(shown("", *bold))
    assert not fits(shown("T", *bold))
    assert [len(render(piece).entities) for piece in parts(shown("T", *bold))] == [100, 1]


def test_keys_beyond_the_limit_make_no_more_messages() -> None:
    row = tuple(Key(str(number), f"t{number}") for number in range(150))
    posting = shown("T", keys=(row,))
    assert parts(posting) == (posting,)


def test_a_long_list_of_positions_becomes_messages_of_whole_lines() -> None:
    lines = tuple(f"{number:>40}" for number in range(200))
    pieces = parts(shown("Positions", Table(lines)))
    rendered = [render(piece) for piece in pieces]
    assert [len(piece.entities) for piece in rendered] == [2, 1, 1]
    said = "\n".join(piece.text for piece in rendered).replace("\u00a0", " ")
    assert said == "\n".join(["Positions", *lines])


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (bytes(50_000_001), "The file “trace.txt” is too large for Telegram: 50.0 MB of 50."),
        (b"", "The file “trace.txt” is empty."),
    ],
)
def test_a_file_that_cannot_go_is_told_of(content: bytes, told: str) -> None:
    (piece,) = parts(Posting(Message("T", attachment=Attachment("trace.txt", content))))
    assert piece.message == Message("T", (Paragraph(told),))


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


@given(MESSAGES)
def test_however_much_is_said_it_all_goes_out_in_parts_that_the_platform_takes(message: Message) -> None:
    pieces = parts(Posting(message))
    rendered = [render(piece) for piece in pieces]
    assert len(pieces) <= 3
    for piece, sent in zip(pieces, rendered, strict=True):
        accept = accept_caption if piece.message.attachment else accept_text
        text, entities = accept(sent.text, sent.entities)
        assert (text, [*entities]) == (sent.text, sent.entities)
        room = PICTURE_MARK_CHARACTERS if piece.message.attachment is PICTURE else MARK_CHARACTERS
        assert len(text) <= (CAPTION_CHARACTERS if piece.message.attachment else TEXT_CHARACTERS) - room
    written = (piece.message.attachment for piece in pieces if piece.message.attachment not in {None, PICTURE})
    file = next(written, None)
    said = "".join(sent.text for sent in rendered) if file is None else file.content.decode()
    assert seen(said) == seen(message.text)


def seen(text: str) -> str:
    """Without blanks and what is invisible, which may be lost at a cut, and what stands for nothing."""
    return "".join(sign for sign in text if unicodedata.category(sign)[0] not in "ZC" and sign != "–")


@given(st.lists(st.lists(KEYS, max_size=12).map(tuple), max_size=15).map(tuple))
def test_whatever_keys_there_are_the_platform_takes_them(keys: tuple[tuple[Key, ...], ...]) -> None:
    keyboard: list[list[dict[str, Any]]] = render(shown("T", keys=keys)).keyboard
    accept_markup({"inline_keyboard": keyboard})
    assert all(1 <= len(key["text"]) <= 64 for row in keyboard for key in row)
