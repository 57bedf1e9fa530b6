import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wcwidth import iter_graphemes

from chatops.messages import Attachment, Block, Key, Message, Paragraph, Posting, Table
from chatops.splitting import split

ROOM = 60
KEYS = ((Key("Ack", "t1"),),)
PICTURE = Attachment("equity.png", b"png", is_picture=True)

FAMILY = "👨‍👩‍👧‍👦"
#: Pieces that come apart badly, and all else.
PIECES = st.one_of(
    st.sampled_from(
        [FAMILY, "👍🏽", "🇺🇦", "e\u0301\u0302", "שלום ", "<b>", "_*[", "\0", "\n\n", "\n", " ", "\u200b" * 9]
    ),
    st.text(st.characters(codec=None, categories=None), max_size=30),
)
TEXT = st.lists(PIECES, max_size=12).map("".join)
BLOCKS: st.SearchStrategy[Block] = st.one_of(
    st.builds(Paragraph, TEXT, st.booleans()),
    st.builds(Table, st.lists(TEXT, max_size=6).map(tuple)),
)
MESSAGES = st.builds(
    Message,
    TEXT,
    st.lists(BLOCKS, max_size=5).map(tuple),
    silent=st.booleans(),
    attachment=st.sampled_from([None, PICTURE]),
)


def within(room: int) -> Callable[[Posting], bool]:
    """A platform that takes so many characters, and half of them under a file."""
    return lambda posting: len(posting.message.text) <= (room // 2 if posting.message.attachment else room)


def said(title: str, *blocks: Block, attachment: Attachment | None = None) -> Posting:
    return Posting(Message(title, blocks, attachment=attachment), KEYS)


def texts(parts: tuple[Posting, ...]) -> list[str]:
    return [part.message.text for part in parts]


def seen(*texts: str) -> str:
    """All of it that shows, in order: without blanks and what is invisible, which may be lost at a cut."""
    return "".join(sign for text in texts for sign in text if unicodedata.category(sign)[0] not in "ZC")


def read(parts: tuple[Posting, ...]) -> str:
    """What people get of the text: the file where there is one, or else what the parts say."""
    written = (part.message.attachment for part in parts if part.message.attachment not in {None, PICTURE})
    file = next(written, None)
    return file.content.decode() if file is not None else "".join(texts(parts))


def test_what_fits_stays_as_it_is() -> None:
    posting = said("SOL", Paragraph("HF 0.14"))
    assert split(posting, within(ROOM)) == (posting,)


def test_blocks_stay_whole_where_they_can() -> None:
    first, second = Paragraph("a" * 40), Paragraph("b" * 40)
    one, two = split(said("T", first, second), within(ROOM))
    assert one.message.blocks == (first,)
    assert two.message.blocks == (second,)


def test_they_are_cut_where_whole_ones_would_make_a_file_of_it() -> None:
    blocks = [Paragraph(sign * 20 + " " + sign * 14) for sign in "abcd"]
    parts = split(said("T", *blocks), within(ROOM))
    assert len(parts) == 3
    assert all(part.message.attachment is None for part in parts)
    assert seen(*texts(parts)) == seen("T", *(block.text for block in blocks))


def test_only_the_first_part_has_the_title_and_a_sound_and_only_the_last_the_buttons() -> None:
    parts = split(said("T", Paragraph("word " * 30)), within(ROOM))
    assert [part.message.title for part in parts] == ["T", "", ""]
    assert [part.message.silent for part in parts] == [False, True, True]
    assert [part.keys for part in parts] == [(), (), KEYS]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a" * 30 + "\n\n" + "b b\n" * 10, ["a" * 30, "b b\n" * 10]),
        ("a a " * 8 + "\n" + "b b " * 10, [("a a " * 8).rstrip(), ("b b " * 10)]),
        ("word " * 20, [("word " * 12).rstrip(), " " + "word " * 8]),
        ("x" * 100, ["x" * 60, "x" * 40]),
    ],
    ids=["at an empty line", "else at the end of a line", "else at a space", "else between characters"],
)
def test_a_paragraph_is_cut(text: str, parts: list[str]) -> None:
    assert texts(split(said("", Paragraph(text)), within(ROOM))) == parts


@pytest.mark.parametrize("sign", [FAMILY, "👍🏽", "🇺🇦", "e\u0301\u0302"])
def test_it_is_not_cut_inside_of_what_reads_as_one_character(sign: str) -> None:
    text = "x" + sign * (120 // len(sign))
    parts = split(said("", Paragraph(text)), within(ROOM))
    assert len(parts) > 1
    assert {*iter_graphemes("".join(texts(parts)))} <= {"x", sign}
    assert all({*iter_graphemes(part.strip())} <= {"x", sign} for part in texts(parts))


def test_marks_without_end_are_cut_all_the_same() -> None:
    parts = split(said("", Paragraph("e" + "\u0301" * 99)), within(ROOM))
    assert [len(text) for text in texts(parts)] == [60, 40]


def test_no_part_shows_nothing() -> None:
    parts = split(said("", Paragraph("\u200b" * 200 + "a" + "\u200b" * 200 + "b" + "\u200b" * 200)), within(ROOM))
    assert [seen(text) for text in texts(parts)] == ["a", "b"]
    assert [part.keys for part in parts] == [(), KEYS]


def test_a_table_is_cut_between_its_lines() -> None:
    lines = tuple(f"{number:>20}" for number in range(6))
    parts = split(said("T", Table(lines)), within(ROOM))
    assert [part.message.blocks for part in parts] == [
        (Table(lines[:2]),),
        (Table(lines[2:4]),),
        (Table(lines[4:]),),
    ]


def test_a_line_that_is_too_long_for_any_part_is_cut_too() -> None:
    parts = split(said("", Table(("a" * 100, "b"))), within(ROOM))
    assert [part.message.blocks for part in parts] == [(Table(("a" * 60,)),), (Table(("a" * 40, "b")),)]


def test_a_title_that_is_too_long_goes_on_as_bold_text() -> None:
    one, two = split(said("T" * 80, Paragraph("end")), within(ROOM))
    assert one.message == Message("T" * 60)
    assert two.message == Message("", (Paragraph("T" * 20, bold=True), Paragraph("end")), silent=True)


def test_what_takes_more_than_three_parts_goes_as_a_file() -> None:
    posting = said("Trace of été/1", Paragraph("line of it\n" * 40))
    (part,) = split(posting, within(ROOM * 2))
    assert part.message.title == "Trace of été/1"
    assert part.message.text.endswith("line of it\n\n… all of it is in the file.")
    assert part.message.attachment == Attachment("Trace-of-été-1.txt", posting.message.text.encode())
    assert part.keys == KEYS


def test_a_picture_goes_with_the_first_part() -> None:
    parts = split(said("Daily", Paragraph("word " * 15), attachment=PICTURE), within(ROOM))
    assert [part.message.attachment for part in parts] == [PICTURE, None]
    assert len(parts[0].message.text) <= ROOM // 2


def test_a_table_under_a_picture_is_not_torn_where_it_fits_into_the_next_part() -> None:
    table = Table(("a" * 20, "b" * 20))
    one, two = split(said("Daily", table, attachment=PICTURE), within(ROOM))
    assert one.message == Message("Daily", attachment=PICTURE)
    assert two.message == Message("", (table,), silent=True)


def test_a_picture_is_not_lost_where_the_text_becomes_a_file() -> None:
    posting = said("Daily", Paragraph("word " * 90), attachment=PICTURE)
    one, two = split(posting, within(ROOM * 2))
    assert one.message.attachment == PICTURE
    assert two.message.attachment == Attachment("Daily.txt", posting.message.text.encode())
    assert (one.keys, two.keys) == ((), KEYS)


def test_a_platform_that_takes_nothing_is_given_the_file() -> None:
    (part,) = split(said("T", Paragraph("x")), lambda _: False)
    assert part.message.attachment is not None


@given(MESSAGES, st.integers(100, 160))
def test_whatever_is_said_it_is_all_there_in_order_and_fits(message: Message, room: int) -> None:
    fits = within(room)
    parts = split(Posting(message, KEYS), fits)
    assert all(fits(part) for part in parts)
    assert 1 <= len(parts) <= 3
    assert [part.keys for part in parts] == [()] * (len(parts) - 1) + [KEYS]
    assert [part.message.silent for part in parts] == [message.silent] + [True] * (len(parts) - 1)
    assert [part.message.attachment for part in parts].count(PICTURE) == [message.attachment].count(PICTURE)
    assert seen(read(parts)) == seen(message.text)


@pytest.mark.parametrize(
    "block",
    [
        Paragraph("the quick brown fox\n" * 50_000),
        Paragraph("x" * 1_000_000),
        Paragraph(FAMILY * 150_000),
        Table(("x" * 40,) * 25_000),
        Table(("x" * 1_000_000,)),
    ],
    ids=["lines", "one word", "emoji", "table", "one line"],
)
def test_a_megabyte_is_never_looked_at_but_for_its_beginning(block: Block) -> None:
    looked_at: list[int] = []

    def fits(posting: Posting) -> bool:
        looked_at.append(len(posting.message.text))
        return within(4_000)(posting)

    split(said("T", block), fits)
    # Whether it fits as a whole is asked a few times, and where to cut by halves.
    assert len([length for length in looked_at if length > 20_000]) < 30
    assert len(looked_at) < 300
