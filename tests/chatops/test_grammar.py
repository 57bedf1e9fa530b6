import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot_integration import Declaration
from chatops.asks import (
    ASKS,
    Ask,
    BreakerReset,
    Close,
    CloseAll,
    Events,
    GiveCode,
    Help,
    Kill,
    Pause,
    Positions,
    Resume,
    ShowPosition,
    Start,
    Status,
    Version,
    Whoami,
)
from chatops.asks.custom import ask_of
from chatops.grammar import LONGEST, Misread, fill, only_reads, parse
from chatops.guard.totp import typed
from chatops.words import Words

BOTS = ("alpha", "beta")
#: A word of a bot's author, with every kind of argument there is.
PAYOUT = Declaration.model_validate(
    {
        "name": "payout",
        "help": "Pay out.",
        "role": "operator",
        "arguments": [
            {"name": "venue", "type": "choice", "choices": ["bybit", "OKX"]},
            {"name": "usd", "type": "float", "above": 0, "max": 1_000, "unit": "USD"},
            {"name": "parts", "type": "int", "min": 1, "max": 5},
            {"name": "fast", "type": "bool", "required": False},
            {"name": "of", "type": "position", "required": False},
            {"name": "at", "type": "moment", "required": False},
            {"name": "risk", "type": "str", "longest": 30, "required": False},
        ],
    }
)
Payout = ask_of("payout", PAYOUT, ("alpha",), "Pay out.")
WORDS = Words([*ASKS, Payout])
ANYTHING = st.text(st.characters(exclude_categories=()), max_size=200)
#: Words that begin well and go on anyhow.
NEARLY = st.tuples(st.sampled_from([*(ask.word for ask in WORDS.kinds), *BOTS]), st.lists(ANYTHING, max_size=5)).map(
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
        (
            "export all",
            (
                "“all” will not do as what: it should be 'pnl', 'trades' or 'funding'. "
                "It goes: /export [pnl|trades|funding] [24h|7d|30d|90d|1y|today|all] [csv|json]."
            ),
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
    assert hint("close alhpa SOL", BOTS).endswith("; after the word a bot, if you like: alpha, beta.")
    # There is no other that it could be.
    assert hint("close alhpa SOL", ("alpha",)).endswith("It goes: /close [position] [percent].")
    # Not where the name was right.
    assert hint("status alpha beta", BOTS) == "“beta” is one too many. It goes: /status."


def test_a_hint_brings_the_asks_that_may_have_been_meant() -> None:
    unknown, wrong = parse("positons"), parse("close SOL half")
    assert isinstance(unknown, Misread)
    assert isinstance(wrong, Misread)
    assert unknown.nearest[:2] == (Positions, ShowPosition)
    assert (wrong.nearest, wrong.word) == ((Close,), "close")


@pytest.mark.parametrize("text", ["close all", "/close ALL", "/close@my_bot all", "close  all"])
def test_of_two_words_the_longer_is_meant(text: str) -> None:
    assert parse(text, BOTS) == CloseAll()


def test_a_bots_name_may_stand_between_or_behind_two_words() -> None:
    assert parse("close alpha all", BOTS) == parse("close all alpha", BOTS) == CloseAll(bot="alpha")
    assert parse("breaker beta reset daily_loss", BOTS) == BreakerReset(name="daily_loss", bot="beta")


def test_the_arguments_of_a_word_of_a_bot_are_read_as_it_declares_them() -> None:
    read = parse("/payout beta okx 12.5usd 3 yes SOL-1 2h for the tax office", BOTS, WORDS)
    assert isinstance(read, Payout)
    assert (read.bot, read.values) == (
        "beta",
        {
            "venue": "OKX",
            "usd": 12.5,
            "parts": 3,
            "fast": True,
            "of": "SOL-1",
            "at": "2h",
            "risk": "for the tax office",
        },
    )
    assert read.missing is None
    lacking = parse("/payout okx", BOTS, WORDS)
    assert isinstance(lacking, Payout)
    assert lacking.missing == PAYOUT.argument("usd")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("payout kraken", "“kraken” will not do as venue: it should be one of bybit, OKX"),
        ("payout okx 0", "“0” will not do as usd: it should be greater than 0"),
        ("payout okx nan", "“nan” will not do as usd: it should be a finite number"),
        ("payout okx 1 9", "“9” will not do as parts: it should be less than or equal to 5"),
        ("payout okx 1 1.5", "“1.5” will not do as parts: it should be a valid integer"),
        ("payout okx 1 1 perhaps", "“perhaps” will not do as fast: it should be a valid boolean"),
        ("payout okx 1 1 no SOL 2h " + "x" * 31, "will not do as risk: it should have at most 30 characters"),
    ],
)
def test_what_a_word_of_a_bot_does_not_take_is_said_with_its_usage(text: str, said: str) -> None:
    read = parse(text, (), WORDS)
    assert isinstance(read, Misread)
    assert said in read.hint
    assert "It goes: /payout [bybit|OKX] [usd] [parts] [fast] [of] [at] [risk]." in read.hint


@given(ANYTHING, st.sampled_from(["venue", "usd", "parts", "fast", "of", "at", "risk_"]))
def test_any_reply_fills_an_argument_or_is_misread(text: str, argument: str) -> None:
    read = fill(Payout(bot="alpha"), argument, text)
    assert isinstance(read, Misread) or WORDS.stored("payout", read.arguments) == read


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
    read = parse(text, BOTS, WORDS)
    if isinstance(read, Misread):
        assert 10 < len(read.hint) < 400
        assert not {unicodedata.category(character) for character in read.hint} & {"Cc", "Cf", "Cs"}
        assert all(not ask.hidden for ask in read.nearest)
    else:
        assert type(read) in WORDS.kinds
        assert type(read).model_validate(read.model_dump(mode="json", exclude_defaults=True)) == read
        assert read.model_dump_json().encode()


@given(st.sampled_from(WORDS.typed), st.sampled_from(["", *BOTS]))
def test_usage_without_its_arguments_is_understood(kind: type[Ask], bot: str) -> None:
    read = parse(f"/{kind.word} {bot}" if "bot" in kind.model_fields else kind.word, BOTS, WORDS)
    assert isinstance(read, kind)


@pytest.mark.parametrize("text", ["123456", "123 456", " 123-456", "abcd-efgh-2345", "/code 123 456", "CODE 123456"])
def test_a_code_needs_no_word_and_shows_nowhere(text: str) -> None:
    read = parse(text, BOTS)
    assert isinstance(read, GiveCode)
    assert typed(read.code) in {"123456", "abcdefgh2345"}
    assert not any(part in f"{read!r} {read} {read.arguments}" for part in ("123", "abcd"))


@pytest.mark.parametrize(
    "text", ["/cod 123456", "abcdefgh2345", "/totp new 123456", "/totp 123456", "/code " + "7" * 99]
)
def test_a_code_behind_the_wrong_word_is_not_repeated(text: str) -> None:
    read = parse(text, BOTS)
    said = read.hint if isinstance(read, Misread) else str(read.arguments)
    assert not any(part in said for part in ("123456", "abcdefgh", "777"))


def test_a_bot_may_be_named_last_where_nothing_else_can_be_meant() -> None:
    assert parse("/kill on ALPHA", ["alpha", "beta"]) == Kill(switch="on", bot="alpha")
    assert parse("/kill alpha on", ["alpha", "beta"]) == Kill(switch="on", bot="alpha")
    assert parse("/close SOL 50% beta", ["alpha", "beta"]) == Close(position="SOL", percent=50, bot="beta")
    assert isinstance(parse("/kill alpha on beta", ["alpha", "beta"]), Misread)


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("/status", True),
        ("/private positions", True),
        ("private private status", True),
        ("/close SOL", False),
        ("private close SOL", False),
        ("private nonsense", False),
    ],
)
def test_a_private_ask_reads_where_what_stands_behind_it_does(text: str, reads: bool) -> None:
    assert only_reads(text) is reads
