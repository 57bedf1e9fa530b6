from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chatops.adapters.base import MARK_CHARACTERS
from chatops.adapters.slack.blocks import hint
from chatops.adapters.slack.keys import LABEL_CHARACTERS
from chatops.adapters.slack.mrkdwn import clean, pieces, units
from chatops.adapters.slack.render import FALLBACK_CHARACTERS, NOTE_CHARACTERS, TEXT_CHARACTERS, fits, parts, render
from chatops.layout import shows
from chatops.messages import Attachment, Block, Key, Message, Paragraph, Posting, Table
from tests.servers.slack import limits
from tests.servers.slack.block_kit import mentions, problems_of_blocks, texts_of, unescaped

# Lone surrogates too: Python strings can hold them. And what Slack reads as more than text.
SAID = st.sampled_from(
    [
        "<!channel>",
        "<!here|x>",
        "<@U0123456>",
        "@here",
        "<#C0123>",
        "<!subteam^S01>",
        "<https://x.y|pay here>",
        "https://x.y",
        "&lt;!channel&gt;",
        "```",
        "*b*",
        "_i_",
        ":skull:",
        "> quoted",
        "<",
        ">",
        "&",
        "\n",
        "👨‍👩‍👧",
    ]
)
ANY_TEXT = st.one_of(
    st.text(st.characters(codec=None, categories=None), max_size=60), st.lists(SAID, max_size=8).map("".join)
)
LONG_TEXT = st.builds(lambda text, times: text * times, ANY_TEXT, st.sampled_from([1, 1, 1, 40, 200]))
BLOCKS: st.SearchStrategy[Block] = st.one_of(
    st.builds(Paragraph, LONG_TEXT, st.booleans()),
    st.builds(lambda line, times: Table((line,) * times), ANY_TEXT, st.sampled_from([0, 1, 3, 90])),
)
PICTURE = Attachment("equity.png", b"\x89PNG\r\n\x1a\n", is_picture=True)
MESSAGES = st.builds(
    Message, LONG_TEXT, st.lists(BLOCKS, max_size=4).map(tuple), attachment=st.sampled_from([None, PICTURE])
)
KEY = st.builds(Key, ANY_TEXT, st.text("abcXYZ012-_", min_size=1, max_size=64), st.booleans())
ROWS = st.lists(st.lists(KEY, max_size=4).map(tuple), max_size=4).map(tuple)
#: Few of them, and more than there are menus for.
MANY_ROWS = st.builds(lambda rows, times: rows * times, ROWS, st.sampled_from([1, 1, 2, 40]))
POSTINGS = st.builds(Posting, MESSAGES, MANY_ROWS, ANY_TEXT, menu=ANY_TEXT)


def shown(title: str, *blocks: Block, keys: tuple[tuple[Key, ...], ...] = ()) -> Posting:
    return Posting(Message(title, blocks), keys)


def said(blocks: Sequence[dict[str, Any]]) -> list[tuple[str, str]]:
    """What each block says, and how: its kind and its text."""
    return [(block["type"] + "/" + block["text"]["type"], block["text"]["text"]) for block in blocks]


def test_a_title_is_a_header_and_a_table_keeps_its_columns() -> None:
    blocks = render(shown("SOL", Paragraph("HF 0.14"), Table(("venue  size", "drift   1.0")), Paragraph("ok"))).blocks
    assert said(blocks) == [
        ("header/plain_text", "SOL"),
        ("section/plain_text", "HF 0.14"),
        ("section/mrkdwn", "```\nvenue  size\ndrift   1.0\n```"),
        ("section/plain_text", "ok"),
    ]


def test_a_paragraph_may_be_bold_line_by_line_and_is_plain_where_slack_would_read_a_style_out_of_it() -> None:
    blocks = render(
        shown("Alert", Paragraph("act now\n\nHF < 0.1", bold=True), Paragraph("2 * 3_000 :ok:", bold=True))
    ).blocks
    assert said(blocks)[1:] == [
        ("section/mrkdwn", "*act now*\n\n*HF &lt; 0.1*"),
        ("section/plain_text", "2 * 3_000 :ok:"),
    ]


def test_nothing_in_a_text_becomes_a_picture_a_link_or_the_end_of_its_box() -> None:
    blocks = render(shown(":skull:", Paragraph("https://x.y :ok: <a|b>"), Table(("a ``` <!channel>",)))).blocks
    assert said(blocks) == [
        ("header/plain_text", ":skull:"),
        ("section/plain_text", "https://x.y :ok: <a|b>"),
        ("section/mrkdwn", "```\na ''' &lt;!channel&gt;\n```"),
    ]
    assert [block["text"].get("emoji") for block in blocks] == [False, False, None]
    assert [block["text"].get("verbatim") for block in blocks] == [None, None, True]


def test_a_title_that_is_no_header_is_bold() -> None:
    assert said(render(shown("a\nb")).blocks) == [("section/mrkdwn", "*a*\n*b*")]
    assert said(render(shown("x" * 151)).blocks) == [("section/mrkdwn", f"*{'x' * 151}*")]
    assert said(render(shown("x" * 150)).blocks) == [("header/plain_text", "x" * 150)]


def test_a_message_of_nothing_still_says_something() -> None:
    rendered = render(shown("\u200b", Paragraph(" \n"), Table(("",))))
    assert (rendered.text, said(rendered.blocks)) == ("–", [("section/plain_text", "–")])


def test_a_notification_reads_all_of_it_escaped_and_no_more_than_an_edit_may_have() -> None:
    assert render(shown("HF < 0.1 & <!here>", Paragraph("act"))).text == "HF &lt; 0.1 &amp; &lt;!here&gt;\n\nact"
    assert len(render(shown("t", Paragraph("<" * 9_000))).text) <= FALLBACK_CHARACTERS < limits.RECOMMENDED_TEXT_CHARS


def test_a_wanted_reply_is_asked_for_by_its_word() -> None:
    posting = Posting(Message("How much?"), wants="usd_")
    hints = [render(posting, is_direct=alone).blocks[-1]["elements"][0]["text"] for alone in (True, False)]
    assert hints == [
        "Reply in the thread of this message, with: usd",
        "Mention me in the thread of this message, with: usd",
    ]
    with pytest.raises(ValueError, match="say something"):
        hint("\u200b")


def test_what_can_be_chosen_in_reply_stands_in_a_menu_that_is_filled_as_one_types() -> None:
    blocks = render(Posting(Message("Which?"), ((Key("SOL", "t"),),), menu="position")).blocks
    (menu,) = blocks[1]["elements"]
    assert (menu["type"], menu["placeholder"]["text"]) == ("external_select", "Choose: position")
    assert (menu["min_query_length"], blocks[2]["elements"][0]["value"]) == (0, "t")


def test_a_picture_stands_under_what_is_said_and_above_the_keys() -> None:
    rendered = render(shown("Equity", keys=((Key("7d", "t"),),)), picture="F0123")
    assert [block["type"] for block in rendered.blocks] == ["header", "image", "actions"]
    assert rendered.blocks[1] == {"type": "image", "slack_file": {"id": "F0123"}, "alt_text": "Equity"}


def test_what_is_too_long_comes_in_parts_of_which_the_last_has_the_keys() -> None:
    posting = shown("report", *[Paragraph(f"{n} " + "word " * 300) for n in range(12)], keys=((Key("ok", "t"),),))
    first, *others = parts(posting)
    assert len(others) >= 1
    assert (first.message.title, [len(part.keys) for part in (first, *others)][-1]) == ("report", 1)
    assert not any("cut:" in text for part in (first, *others) for _, text in texts_of(render(part).blocks))


def test_what_nobody_made_short_enough_is_cut_and_says_so() -> None:
    blocks = render(shown("t", Paragraph("line\n" * 3_000))).blocks
    assert said(blocks)[-1][1].startswith("… cut: ")
    assert problems_of_blocks(blocks) == []


def test_plain_is_one_section_without_any_style_and_keeps_the_keys() -> None:
    posting = shown("card", Paragraph("x" * 4_000, bold=True), Table(("a", "b")), keys=((Key("ok", "t"),),))
    blocks = render(posting, plain=True, picture="F1").blocks
    assert [block["type"] for block in blocks] == ["section", "actions"]
    assert blocks[0]["text"]["type"] == "plain_text"
    assert blocks[0]["text"]["text"].endswith("… cut: 3 more lines")


def test_a_file_that_slack_does_not_take_is_told_of_instead() -> None:
    (part,) = parts(Posting(Message("rows", attachment=Attachment("rows.csv", b""))))
    assert part.message.attachment is None
    assert part.message.text == "rows\n\nThe file “rows.csv” is empty."


@settings(deadline=None)
@given(POSTINGS, st.booleans())
def test_any_message_is_taken_by_slack_and_mentions_nobody(posting: Posting, plain: bool) -> None:
    rendered = render(posting, plain=plain, picture="F0123456", note="n" * 40)
    assert problems_of_blocks(rendered.blocks) == []
    assert sum(len(text) for _, text in texts_of(rendered.blocks)) <= limits.MESSAGE_BLOCKS_TOTAL_CHARS
    assert mentions(rendered.text, rendered.blocks) == ()
    parsed = [text for kind, text in texts_of(rendered.blocks) if kind == "mrkdwn"]
    assert [unescaped(text) for text in (rendered.text, *parsed)] == [""] * (1 + len(parsed))
    assert 1 <= len(rendered.text) <= limits.RECOMMENDED_TEXT_CHARS


@settings(deadline=None)
@given(POSTINGS)
@example(shown("", Table(("0" * 45 + "<" * 9,) * 90)))
def test_every_part_fits_with_all_marks_and_notes_and_nothing_in_it_is_cut(posting: Posting) -> None:
    for part in parts(posting):
        marks = (Paragraph("m" * MARK_CHARACTERS), *part.message.blocks, Paragraph("n" * NOTE_CHARACTERS))
        marked = replace(part, message=replace(part.message, blocks=marks))
        assert not any("… cut: " in text for _, text in texts_of(render(marked).blocks))
        assert problems_of_blocks(render(marked).blocks) == []


@given(LONG_TEXT.filter(lambda text: shows(clean(text)) and fits(shown("t", Paragraph(text)))))
def test_a_text_that_fits_is_shown_whole(text: str) -> None:
    _, *sections = render(shown("t", Paragraph(text))).blocks
    assert "".join("".join(said for _, said in texts_of(sections)).split()) == "".join(clean(text).split())


@given(ANY_TEXT, st.integers(2, 40))
def test_pieces_are_short_enough_and_lose_nothing_but_blanks(text: str, room: int) -> None:
    cut = list(pieces(text, room, str))
    assert all(units(piece) <= max(room, 2) for piece in cut)
    assert "".join("".join(cut).split()) == "".join(text.split())


def test_the_room_for_texts_leaves_room_for_the_labels_of_all_keys() -> None:
    assert TEXT_CHARACTERS + 40 * LABEL_CHARACTERS < limits.MESSAGE_BLOCKS_TOTAL_CHARS
