import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot_integration import CommandRisk
from chatops.asks import ASKS, Ask, Cancel, Close, Help, Pause, Pin, Positions, Prefs, Resume, Status, TakeAway, by_word
from chatops.people import Role

every_ask = pytest.mark.parametrize("ask", ASKS, ids=lambda ask: ask.word)
README = (Path(__file__).parents[2] / "README.md").read_text()


def test_no_two_asks_have_one_word() -> None:
    words = [ask.word for ask in ASKS]
    assert len(set(words)) == len(words)


@every_ask
def test_an_ask_is_found_by_its_word_which_can_be_typed_on_every_platform(ask: type[Ask]) -> None:
    assert by_word(ask.word) is ask
    # What Telegram takes as a command; behind it may stand which of several things is meant.
    assert re.fullmatch(r"[a-z][a-z0-9_]{0,31}( [a-z]+)?", ask.word)


@every_ask
def test_an_ask_says_in_one_sentence_what_it_shows_or_does(ask: type[Ask]) -> None:
    assert re.fullmatch(r"[A-Z].{10,90}\.", ask.summary())


@pytest.mark.parametrize("word", [ask.word for ask in ASKS if not ask.hidden])
def test_a_word_stands_in_the_table_of_the_readme(word: str) -> None:
    assert re.search(rf"^\|.*`{word}[ `]", README, flags=re.MULTILINE)


@every_ask
def test_usage_begins_with_the_word_and_leaves_out_the_bot(ask: type[Ask]) -> None:
    assert f"{ask.usage()} ".startswith(f"{ask.word} ")
    assert "[bot]" not in ask.usage()


@every_ask
def test_an_ask_can_be_made_of_its_word_alone_and_needs_what_its_class_says(ask: type[Ask]) -> None:
    made = ask()
    assert made.arguments == {}
    assert made.needs is ask.role


@every_ask
def test_what_acts_on_a_bot_is_asked_twice(ask: type[Ask]) -> None:
    assert ask.confirm or ask.risk is None


@every_ask
def test_what_acts_on_a_bot_is_not_for_viewers(ask: type[Ask]) -> None:
    made = ask()
    assert made.needs in {Role.OPERATOR, Role.ADMIN} or ask.risk is None
    assert made.reads is (ask.risk is None and not ask.changes)


def test_looking_at_what_a_room_hears_is_for_anyone_and_changing_it_for_operators() -> None:
    assert (Prefs(what="funding").needs, Prefs(what="funding").reads) == (None, True)
    assert (Prefs(what="funding", to="off").needs, Prefs(what="funding", to="off").reads) == (Role.OPERATOR, False)


@every_ask
def test_nothing_is_taken_that_an_ask_has_no_name_for(ask: type[Ask]) -> None:
    with pytest.raises(ValidationError):
        ask.model_validate({"surprise": "1"})


def test_what_only_buttons_make() -> None:
    assert [ask for ask in ASKS if ask.hidden] == [TakeAway, Cancel]


def test_an_ask_says_what_was_said_beyond_its_word() -> None:
    assert Close(position="SOL", percent=50).arguments == {"position": "SOL", "percent": 50.0}
    assert Close.usage() == "close [position] [percent]"
    assert Help.usage() == "help [about]"


def test_where_little_may_be_typed_it_is_named() -> None:
    assert Pin.usage() == "pin [on|off]"
    assert Prefs.usage() == "prefs [kind|zone|theme|quiet|all|usual] [on|silent|off|usual] [room]"
    assert Pause.usage() == "pause [entry|exit|all|venue] [reason]"


@pytest.mark.parametrize("typed", ["usual", "Off", "silent", "on"])
def test_how_loud_alone_is_for_every_kind_and_an_operators_to_say(typed: str) -> None:
    ask = Prefs(what=typed)
    assert (ask.what, ask.to, ask.needs) == ("all", typed.casefold(), Role.OPERATOR)


@pytest.mark.parametrize(
    ("typed", "kind", "to", "needed"),
    [
        (("zone", "room"), "zone", "", None),
        (("room", "zone"), "zone", "", None),
        (("dark", "room"), "theme", "dark", Role.OPERATOR),
        (("zone", "New", "York"), "zone", "New_York", None),
        (("zone", "UTC", "Room"), "zone", "UTC", Role.OPERATOR),
    ],
)
def test_whose_zone_and_theme_is_meant_may_stand_first_or_last(
    typed: tuple[str, ...], kind: str, to: str, needed: Role | None
) -> None:
    ask = Prefs.model_validate(dict(zip(("what", "to", "whose"), typed, strict=False)))
    assert (ask.what, ask.to, ask.needs) == (kind, to, needed)
    assert ask.of_room is ("room" in [word.casefold() for word in typed])


@pytest.mark.parametrize("kind", [Pause, Resume])
@pytest.mark.parametrize(
    ("scope", "needed"),
    [
        ("", Role.OPERATOR),
        ("entry", Role.OPERATOR),
        ("exit", Role.OPERATOR),
        # Phones write a capital of their own accord.
        ("Entry", Role.OPERATOR),
        ("all", Role.ADMIN),
        ("ALL", Role.ADMIN),
        ("hyperliquid", Role.ADMIN),
        ("entry ", Role.ADMIN),
    ],
)
def test_holding_all_or_a_venue_is_for_admins(kind: type[Pause | Resume], scope: str, needed: Role) -> None:
    assert kind(scope=scope).needs is needed


def test_letting_go_on_is_the_risk_and_holding_back_is_not() -> None:
    assert (Close.risk, Pause.risk, Resume.risk) == (
        CommandRisk.REDUCES,
        CommandRisk.REDUCES,
        CommandRisk.INCREASES,
    )


@pytest.mark.parametrize("percent", [0, -1, 100.1, float("nan"), float("inf"), "half", "50%%", ""])
def test_a_percentage_is_more_than_nothing_and_at_most_all(percent: object) -> None:
    with pytest.raises(ValidationError):
        Close.model_validate({"position": "SOL", "percent": percent})


def test_pages_and_names_have_an_end() -> None:
    with pytest.raises(ValidationError):
        Positions(page=0)
    with pytest.raises(ValidationError):
        Status(bot="x" * 65)


def test_an_ask_behind_a_button_cannot_change() -> None:
    ask = Close(position="SOL")
    with pytest.raises(ValidationError, match="frozen"):
        ask.__setattr__("position", "BTC")
