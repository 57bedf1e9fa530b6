import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatops.asks import (
    ASKS,
    Ask,
    Close,
    Events,
    Help,
    Pause,
    Positions,
    Resume,
    ShowPosition,
    Start,
    Status,
    Version,
    Whoami,
)
from chatops.grammar import LONGEST, Misread, parse

BOTS = ("alpha", "beta")
ANYTHING = st.text(st.characters(exclude_categories=()), max_size=200)
#: Words that begin well and go on anyhow.
NEARLY = st.tuples(st.sampled_from([*(ask.word for ask in ASKS), *BOTS]), st.lists(ANYTHING, max_size=5)).map(
    lambda parts: " ".join([parts[0], *parts[1]])
)


def hint(text: str, bots: tuple[str, ...] = ()) -> str:
    read = parse(text, bots)
    assert isinstance(read, Misread)
    return read.hint


@pytest.mark.parametrize(
    ("text", "ask"),
    [
        ("start", Start()),
        ("help", Help()),
        ("help close", Help(about="close")),
        ("whoami", Whoami()),
        ("version", Version()),
        ("status", Status()),
        ("status alpha", Status(bot="alpha")),
        ("positions", Positions()),
        ("positions 2", Positions(page=2)),
        ("positions beta 2", Positions(page=2, bot="beta")),
        ("position SOL-1", ShowPosition(position="SOL-1")),
        ("position alpha SOL-1", ShowPosition(position="SOL-1", bot="alpha")),
        ("close", Close()),
        ("close SOL", Close(position="SOL")),
        ("close SOL 50", Close(position="SOL", percent=50)),
        ("close SOL 12.5%", Close(position="SOL", percent=12.5)),
        ("close alpha SOL 50%", Close(position="SOL", percent=50, bot="alpha")),
        ("pause", Pause()),
        ("pause entry", Pause(scope="entry")),
        ("pause entry until the venue is back", Pause(scope="entry", reason="until the venue is back")),
        ("pause beta all maintenance", Pause(scope="all", reason="maintenance", bot="beta")),
        ("resume exit", Resume(scope="exit")),
        ("events", Events()),
        ("events 5", Events(count=5)),
        ("events alpha 5", Events(count=5, bot="alpha")),
    ],
)
def test_every_word_can_be_said(text: str, ask: Ask) -> None:
    assert parse(text, BOTS) == ask


@pytest.mark.parametrize(
    "text",
    ["close SOL 50", "/close SOL 50", "!close SOL 50", "/Close SOL 50%", "CLOSE  SOL\t50", " /close@my_bot\nSOL 50 "],
)
def test_the_same_is_meant_however_a_phone_writes_it(text: str) -> None:
    assert parse(text) == Close(position="SOL", percent=50)


def test_a_bots_name_stands_first_whatever_its_case_and_is_given_as_it_is() -> None:
    assert parse("close ALPHA SOL", BOTS) == Close(position="SOL", bot="alpha")
    # Second, it is what stands second.
    assert parse("pause entry alpha", BOTS) == Pause(scope="entry", reason="alpha")
    # And without such a bot it is what stands first.
    assert parse("close alpha") == Close(position="alpha")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "You said nothing. Try /help."),
        (" \n\x00", "You said nothing. Try /help."),
        ("/", "You said nothing. Try /help."),
        ("/@my_bot", "You said nothing. Try /help."),
        ("sttaus", "I do not know “sttaus”. Did you mean /status?"),
        ("/posiitons 2", "I do not know “posiitons”. Did you mean /positions?"),
        ("good morning", "I do not know “good”. /help shows what you can ask."),
        ("x" * 30, "I do not know “xxxxxxxxxxxxxxxxxxx…”. /help shows what you can ask."),
        ("x" * (LONGEST + 1), "That is too long for me. A word and a few arguments will do; try /help."),
        ("version 2", "“2” is one too many. It goes: /version."),
        ("close SOL 50 now", "“now” is one too many. It goes: /close [position] [percent]."),
        (
            "close SOL 0",
            "“0” will not do as percent: it should be greater than 0. It goes: /close [position] [percent].",
        ),
        (
            "close SOL 150%",
            (
                "“150%” will not do as percent: it should be less than or equal to 100. "
                "It goes: /close [position] [percent]."
            ),
        ),
        (
            "close SOL half",
            "“half” will not do as percent: it should be a valid number. It goes: /close [position] [percent].",
        ),
        ("positions two", "“two” will not do as page: it should be a valid integer. It goes: /positions [page]."),
        (
            "position " + "x" * 65,
            (
                "“xxxxxxxxxxxxxxxxxxx…” will not do as position: it should have at most 64 characters. "
                "It goes: /position [position]."
            ),
        ),
    ],
)
def test_what_is_misread_says_what_to_type(text: str, said: str) -> None:
    assert hint(text) == said


def test_a_misspelt_bot_is_answered_with_their_names() -> None:
    named = "There is no bot “alhpa”. The bots are: alpha, beta."
    assert hint("status alhpa", BOTS) == hint("positions alhpa 2", BOTS) == hint("events alhpa", BOTS) == named
    assert hint("status alhpa", ("alpha",)) == "There is no bot “alhpa”. The only one is alpha."
    assert hint("positions 0", BOTS).startswith("“0” will not do as page")
    assert hint("close alhpa SOL", BOTS).endswith("with a bot’s name first if you like: alpha, beta.")
    # Not where the name was right.
    assert hint("status alpha beta", BOTS) == "“beta” is one too many. It goes: /status."


def test_a_hint_brings_the_asks_that_may_have_been_meant() -> None:
    unknown, wrong = parse("positons"), parse("close SOL half")
    assert isinstance(unknown, Misread)
    assert isinstance(wrong, Misread)
    assert unknown.nearest[:2] == (Positions, ShowPosition)
    assert (wrong.nearest, wrong.word) == ((Close,), "close")


def test_what_only_buttons_say_cannot_be_typed() -> None:
    assert isinstance(parse("cancel"), Misread)


def test_a_hint_does_not_repeat_what_would_steer_a_screen() -> None:
    assert hint("\x1b[2Jstatus\u202e") == "I do not know “ [2jstatus”. Did you mean /status?"


@example("/" * LONGEST)
@example("e" + "\u0301" * 4_000)
@example("close \ud800 1")
@example("close SOL " + "9" * 4_000)
@example("positions " + "9" * 4_000)
@example("events -0")
@example("pause entry " + "because " * 100)
@given(ANYTHING | NEARLY)
def test_any_text_is_parsed_or_misread_with_a_hint_that_can_be_shown(text: str) -> None:
    read = parse(text, BOTS)
    if isinstance(read, Misread):
        assert 10 < len(read.hint) < 400
        assert not {unicodedata.category(character) for character in read.hint} & {"Cc", "Cf", "Cs"}
        assert all(not ask.hidden for ask in read.nearest)
    else:
        assert type(read) in ASKS
        assert type(read).model_validate(read.arguments) == read
        assert read.model_dump_json().encode()


@given(st.sampled_from([ask for ask in ASKS if not ask.hidden]), st.sampled_from(["", *BOTS]))
def test_usage_without_its_arguments_is_understood(kind: type[Ask], bot: str) -> None:
    read = parse(f"/{kind.word} {bot}" if "bot" in kind.model_fields else kind.word, BOTS)
    assert isinstance(read, kind)
