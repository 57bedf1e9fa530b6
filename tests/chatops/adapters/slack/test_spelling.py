"""What the desk writes with a slash, as people of Slack write it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatops.adapters.slack.render import fits, render
from chatops.adapters.slack.spelling import Spelling, longest
from chatops.guard.permissions import Permissions
from chatops.messages import Key, Message, Paragraph, Posting, Table
from chatops.people import Principal, Role
from chatops.views import people
from chatops.words import OURS

SPELLING = Spelling()


def in_channel(text: str) -> str:
    return SPELLING.of(Message(text), is_direct=False).title


def by_oneself(text: str) -> str:
    return SPELLING.of(Message(text), is_direct=True).title


@pytest.mark.parametrize(
    ("said", "channel", "direct"),
    [
        ("/help", "/deck help", "help"),
        ("Try /help.", "Try /deck help.", "Try help."),
        ("Did you mean /status?", "Did you mean /deck status?", "Did you mean status?"),
        ("as in /close SOL-1 50%", "as in /deck close SOL-1 50%", "as in close SOL-1 50%"),
        ("(/invite, or ask)", "(/deck invite, or ask)", "(invite, or ask)"),
        ("“/pause all”", "“/deck pause all”", "“pause all”"),
        ("say /claim abcd ada", "say /deck claim abcd ada", "say claim abcd ada"),
        ("/oncall; take, give – who", "/deck oncall; take, give – who", "oncall; take, give – who"),
        ("/pnl /daily /weekly", "/deck pnl · daily · weekly", "pnl · daily · weekly"),
    ],
)
def test_a_word_is_written_as_it_is_typed_here(said: str, channel: str, direct: str) -> None:
    assert (in_channel(said), by_oneself(said)) == (channel, direct)


def test_so_it_stands_on_a_key() -> None:
    hint = Posting(Message("What?"), ((Key("/pnl", "one"), Key("1/2 of it", "two")), (Key("/help", "three"),)))
    shown = {at: SPELLING.of_posting(hint, is_direct=at == "direct").keys for at in ("channel", "direct")}
    assert shown == {
        "channel": ((Key("/deck pnl", "one"), Key("1/2 of it", "two")), (Key("/deck help", "three"),)),
        "direct": ((Key("pnl", "one"), Key("1/2 of it", "two")), (Key("help", "three"),)),
    }


@pytest.mark.parametrize(
    "said",
    [
        "/etc/status",
        "/status/x",
        "/status.html",
        "/close-all.sh",
        "https://a.example/status",
        "1/close",
        "10 USD/close",
        "and/or",
        "/nonsense",
        "/statuses",
        "/status=1",
        r"/status\x",
        "/deck status",
        "~/help",
    ],
)
def test_a_path_an_address_or_a_fraction_is_none(said: str) -> None:
    assert (in_channel(said), by_oneself(said)) == (said, said)


KNOWN = sorted({kind.word.partition(" ")[0] for kind in OURS.typed})
OTHERS = ["/usr/bin", "a/b", "3/4", "x", " ", "  ", ".", ",", "\n", "(", ")", "?", "\\", "é"]
PIECES = st.sampled_from([*(f"/{word}" for word in KNOWN[:8]), *OTHERS])
TEXTS = st.lists(PIECES, max_size=30).map("".join)


@given(TEXTS | st.text())
def test_nothing_else_changes_whatever_is_said(text: str) -> None:
    spelled = [in_channel(text), by_oneself(text)]
    bare = [one.replace("/deck ", "").replace(" · ", " ").replace("/", "") for one in spelled]
    assert bare == [text.replace(" · ", " ").replace("/deck ", "").replace("/", "")] * 2
    assert in_channel(spelled[0]).count("/deck") == spelled[0].count("/deck")


@given(TEXTS | st.text(), st.integers(0, 60))
def test_no_more_is_added_than_was_reckoned_with(text: str, most: int) -> None:
    assert len(in_channel(text)) <= len(text) + longest(text)
    assert longest(text[:most]) <= longest(text)


def test_what_stands_in_a_table_stays_as_it_is() -> None:
    table = Table(("path  /events", "/status    ok"))
    assert SPELLING.of(Message("it", (table,)), is_direct=False).blocks == (table,)


def test_what_fits_as_the_desk_writes_it_alone_is_too_long() -> None:
    filler = "x" * 6_000
    assert fits(Posting(Message("it", (Paragraph(filler),))))
    assert not fits(Posting(Message("it", (Paragraph(f"{filler} " + "/help " * 200),))))


@given(st.lists(TEXTS, max_size=12), st.integers(1, 90))
def test_what_fits_is_not_cut_however_it_is_spelled(texts: list[str], times: int) -> None:
    posting = Posting(Message("it", tuple(Paragraph(text * times) for text in texts)))
    spelled = replace(posting, message=SPELLING.of(posting.message, is_direct=False))
    shown = str(render(spelled).blocks)
    assert not fits(posting) or "… cut" not in shown


def test_help_reads_well_on_a_phone() -> None:
    ada = Principal("ada", Role.ADMIN)
    help_ = SPELLING.of(people.words(ada, Permissions()), is_direct=False)
    said = help_.text.split("\n")
    assert "/deck close · stop · pause · resume · kill · rebalance · hold" in said
    assert not [line for line in said if " /" in line.replace(" /deck", "")]
    close = SPELLING.of(people.about("trading", ada, Permissions()), is_direct=False).text
    assert "\n/deck close [position] [percent] – " in close
