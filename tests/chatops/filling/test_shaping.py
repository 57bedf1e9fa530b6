"""Forms of asks: every word that needs more has one, and what stands in it makes the same ask again."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatops.asks import (
    ASKS,
    Ack,
    Ask,
    Close,
    GiveCode,
    Hold,
    Invite,
    Kill,
    Pause,
    Set,
    ShowHealth,
    Silence,
    Status,
    Stop,
    Totp,
)
from chatops.asks.custom import CustomAsk
from chatops.filling.shaping import pressed_form, typed_form
from chatops.forms import Field, Form, Takes
from chatops.grammar import Misread, assemble, parse
from tests.chatops.test_assembling import KINDS, TOKENS, as_filled
from tests.chatops.test_grammar import BOTS, WORDS, Payout


def as_it_stands(form: Form) -> dict[str, str]:
    """What is handed in by whoever changes nothing."""
    return {**form.settled, **{one.argument: one.given for one in form.fields if one.given}}


def fields(form: Form | None) -> dict[str, Field]:
    assert form is not None
    return {one.argument: one for one in form.fields}


@given(KINDS, st.lists(TOKENS, max_size=4), st.sampled_from(("", *BOTS)))
def test_handed_in_unchanged_it_is_the_ask_that_it_was_made_of(kind: type[Ask], said: list[str], bot: str) -> None:
    on = {"bot": bot} if bot and "bot" in kind.model_fields else {}
    ask = assemble(kind.word, {**as_filled(kind, said), **on}, BOTS, WORDS)
    asks = [] if isinstance(ask, Misread) or ask.model_dump(include=ask.unlogged()) != unlogged(ask) else [ask]
    forms = [(one, form) for one in asks for form in (typed_form(one, BOTS), pressed_form(one, BOTS)) if form]
    assert [assemble(form.word, as_it_stands(form), BOTS, WORDS) for _, form in forms] == [one for one, _ in forms]


def unlogged(ask: Ask) -> dict[str, object]:
    return type(ask)().model_dump(include=ask.unlogged())


@given(st.floats(min_value=0, max_value=100, exclude_min=True))
def test_a_number_is_not_rounded_on_its_way(percent: float) -> None:
    form = pressed_form(Pause(bot="alpha"), BOTS)
    assert form is not None
    half = typed_form(Close(percent=percent), BOTS)
    assert half is not None
    assert assemble("close", as_it_stands(half), BOTS) == Close(percent=percent)


def test_what_can_be_done_at_once_lacks_nothing() -> None:
    needing = {kind.word for kind in ASKS if kind().lacks}
    assert needing == {
        "close",
        "rebalance",
        "hold",
        "pause",
        "resume",
        "set",
        "breaker reset",
        "silence",
        "unsilence",
        "oncall give",
        "oncall end",
        "testalert",
        "invite",
        "role",
        "revoke",
        "mute",
    }
    assert not any(ask.reads or ask.emergency for kind in ASKS if (ask := kind()).lacks)


@pytest.mark.parametrize(
    ("text", "lacks"),
    [
        ("close", ("position",)),
        ("close SOL-1", ()),
        ("close alpha", ("position",)),
        ("set max_positions", ("value",)),
        ("silence 12", ("length",)),
        ("pause entry", ()),
        ("payout", ("venue", "usd", "parts")),
        ("payout bybit 5", ("parts",)),
        ("payout bybit 5 2", ()),
        ("status", ()),
        ("kill", ()),
        ("stop", ()),
        ("totp", ()),
    ],
)
def test_a_word_lacks_what_it_needs_and_was_not_said(text: str, lacks: tuple[str, ...]) -> None:
    ask = parse(text, BOTS, WORDS)
    assert isinstance(ask, Ask)
    assert ask.lacks == lacks


def test_a_close_that_was_typed_alone_asks_for_all_of_it() -> None:
    form = typed_form(Close(), BOTS)
    assert form is not None
    assert (form.word, form.title, form.settled) == ("close", "Close", {})
    assert form.fields == (
        Field("position", "Position", Takes.SUGGESTED, longest=64),
        Field("percent", "Percent", Takes.NUMBER, given="100", optional=True, hint="Over 0, at most 100."),
        Field("bot", "Bot", Takes.CHOICE, BOTS, optional=True, longest=64),
    )
    assert "bot" not in fields(typed_form(Close(), ("alpha",)))


def test_a_bot_that_was_named_is_settled_so_that_what_is_suggested_goes_by_it() -> None:
    form = typed_form(Close(bot="beta"), BOTS)
    assert form is not None
    assert (form.title, form.settled) == ("Close · beta", {"bot": "beta"})
    assert list(fields(form)) == ["position", "percent"]
    alone = typed_form(Close(bot="beta"), ("beta",))
    assert alone is not None
    assert (alone.title, alone.settled) == ("Close", {"bot": "beta"})


def test_a_button_settles_what_it_says_and_asks_for_the_rest() -> None:
    form = pressed_form(Close(position="SOL-1", bot="alpha"), BOTS)
    assert form is not None
    assert (form.title, form.settled) == ("Close SOL-1 · alpha", {"position": "SOL-1", "bot": "alpha"})
    assert [one.argument for one in form.fields] == ["percent"]
    assert list(fields(pressed_form(Silence(what="12"), BOTS))) == ["length"]
    assert list(fields(pressed_form(Pause(bot="beta"), BOTS))) == ["scope", "reason"]
    assert list(fields(pressed_form(Invite(), BOTS))) == ["to", "name"]


@pytest.mark.parametrize(
    "ask",
    [
        Hold(position="SOL-1", until="off", bot="alpha"),
        Close(position="SOL-1", percent=50, bot="alpha"),
        Status(),
        Set(key="max_positions", to=5),
        Set(key="max_positions", value="5"),
        Ack(alert=3, epoch=2),
        ShowHealth(position="SOL-1", of="beta"),
    ],
)
def test_a_button_that_says_all_or_what_nobody_can_type_opens_no_form(ask: Ask) -> None:
    assert pressed_form(ask, ("alpha",)) is None


def test_a_field_takes_what_its_class_says() -> None:
    assert fields(typed_form(Invite(), BOTS))["to"].options == ("viewer", "operator", "admin")
    assert fields(typed_form(Kill(), BOTS))["switch"] == Field(
        "switch", "Switch", Takes.CHOICE, ("on", "off"), optional=True, longest=64
    )
    assert fields(typed_form(Silence(), BOTS))["length"].hint == "As 1h, 4h, until resolved."
    assert fields(typed_form(Stop(), BOTS))["reason"].takes is Takes.TEXT
    assert fields(typed_form(Totp(), BOTS))["to"].options == ("off",)
    assert not fields(typed_form(GiveCode(code="123456"), BOTS))["code"].given


def test_a_field_is_called_what_it_takes_where_its_name_says_little() -> None:
    assert [one.label for one in fields(typed_form(Invite(), BOTS)).values()] == ["Role", "Name"]


def test_an_author_says_what_their_words_take() -> None:
    found = fields(typed_form(Payout(), ("alpha",)))
    assert [one.argument for one in found.values()] == ["venue", "usd", "parts", "fast", "of", "at", "risk_"]
    assert found["venue"] == Field("venue", "Venue", Takes.CHOICE, ("bybit", "OKX"), longest=64)
    assert found["usd"] == Field(
        "usd", "Usd (USD)", Takes.NUMBER, hint="A number over 0, at most 1,000 USD.", longest=64
    )
    assert found["fast"].options == ("yes", "no")
    assert (found["of"].takes, found["of"].optional) == (Takes.SUGGESTED, True)
    assert (found["risk_"].label, found["risk_"].longest) == ("Risk", 30)
    ask = parse("payout bybit 0.125", ("alpha",), WORDS)
    assert isinstance(ask, CustomAsk)
    assert Decimal(fields(typed_form(ask, ("alpha",)))["usd"].given) == Decimal("0.125")
