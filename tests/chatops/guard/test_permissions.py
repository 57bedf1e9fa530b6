"""Who may ask what: every word and every role, with nobody let in by default."""

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot_integration import CommandRisk, Declaration
from chatops.asks import (
    ASKS,
    Ask,
    Close,
    Events,
    Help,
    Hold,
    Kill,
    Pause,
    Positions,
    Prefs,
    Reports,
    Resume,
    Rules,
    Set,
    ShowPosition,
    Totp,
    by_word,
)
from chatops.asks.custom import Gone, ask_of
from chatops.guard.permissions import Allowed, Denied, Permissions
from chatops.people import Principal, Role
from chatops.room import Room

VIC, BOB, ADA = (Principal(name, role) for name, role in zip(("vic", "bob", "ada"), Role, strict=True))
EVERYBODY = (VIC, BOB, ADA)
USUAL = Permissions()

#: Every word, and the least that one must be. Written out, so that a change of a class is seen here.
NEEDS = {
    "status": "viewer",
    "positions": "viewer",
    "position": "viewer",
    "events": "viewer",
    "pnl": "viewer",
    "daily": "viewer",
    "weekly": "viewer",
    "monthly": "viewer",
    "equity": "viewer",
    "performance": "viewer",
    "incident": "operator",
    "trades": "viewer",
    "funding": "viewer",
    "exposure": "viewer",
    "balance": "viewer",
    "health": "viewer",
    "export": "viewer",
    "bots": "anyone known",
    "system": "viewer",
    "alerts": "viewer",
    "alerts stats": "viewer",
    "ack": "operator",
    "ack all": "operator",
    "silence": "operator",
    "unsilence": "operator",
    "silences": "viewer",
    "rules": "viewer",
    "oncall": "viewer",
    "oncall take": "operator",
    "oncall give": "operator",
    "oncall end": "operator",
    "testalert": "admin",
    "drill": "admin",
    "drill end": "admin",
    "close": "operator",
    "pause": "operator",
    "resume": "operator",
    "rebalance": "operator",
    "close all": "admin",
    "stop": "admin",
    "kill": "admin",
    "hold": "admin",
    "set": "admin",
    "breaker reset": "admin",
    "config": "viewer",
    "breakers": "viewer",
    "pin": "operator",
    # To look; to change is an operator's.
    "prefs": "anyone known",
    "reports": "viewer",
    # Their own; those of others are an admin's.
    "totp": "anyone known",
    "code": "anyone known",
    "totp away": "anyone known",
    "audit": "admin",
    "users": "admin",
    "invite": "admin",
    "role": "admin",
    "revoke": "admin",
    "mute": "admin",
    "link": "anyone known",
    "help": "anyone known",
    "whoami": "anyone known",
    "private": "anyone known",
    "version": "anyone known",
    "start": "anyone known",
    "cancel": "anyone known",
}
#: What still goes while the database is away: to look at what is not there alone, and to reduce.
WORKS_AWAY = {
    *("pnl", "daily", "weekly", "monthly", "equity", "performance"),
    *("trades", "funding", "exposure", "balance", "health"),
    *("status", "positions", "position", "events", "config", "breakers", "prefs", "reports"),
    *("help", "private", "whoami", "version", "start", "cancel"),
    *("close", "close all", "stop", "pause", "kill"),
    *("bots", "system", "alerts", "rules", "oncall"),
    # Telling must be stopped by whoever answers.
    *("ack", "ack all"),
}
#: The same of what a word does besides: what it is asked for, who may, and whether while the database is away.
FORMS = {
    "pause all": (Pause(scope="all"), "admin", True),
    "pause venue": (Pause(scope="bybit"), "admin", True),
    "resume all": (Resume(scope="all"), "admin", False),
    "resume venue": (Resume(scope="bybit"), "admin", False),
    "kill on": (Kill(switch="on"), "admin", True),
    "kill off": (Kill(switch="off"), "admin", False),
    "hold off": (Hold(until="off"), "admin", True),
    "rules set": (Rules(rule="health_factor", key="dwell"), "admin", False),
    "totp new": (Totp(what="new"), "anyone known", False),
    "totp off": (Totp(what="off"), "anyone known", False),
    "totp who": (Totp(what="bob"), "admin", False),
}
ALLOWED = {
    "anyone known": ["vic", "bob", "ada"],
    "viewer": ["vic", "bob", "ada"],
    "operator": ["bob", "ada"],
    "admin": ["ada"],
}


def who_may(ask: Ask) -> list[str]:
    return [person.name for person in EVERYBODY if isinstance(USUAL.check(person, ask), Allowed)]


def test_the_table_names_every_word() -> None:
    assert NEEDS.keys() == {ask.word for ask in ASKS}


@pytest.mark.parametrize(("word", "needs"), NEEDS.items())
def test_every_word_is_for_whom_the_table_says(word: str, needs: str) -> None:
    kind = by_word(word)
    assert kind is not None
    assert who_may(kind()) == ALLOWED[needs]


def rows() -> list[tuple[str, Ask, str, bool]]:
    """Every word and every form of one: how it is asked, who may, and whether while the database is away."""
    kinds = {kind.word: kind for kind in ASKS}
    plain = [(word, kinds[word](), needs, word in WORKS_AWAY) for word, needs in NEEDS.items()]
    return [*plain, *((form, ask, needs, away) for form, (ask, needs, away) in FORMS.items())]


def test_the_table_names_every_form() -> None:
    assert {form for kind in ASKS for form in kind.forms()} == {form for form, _, _, _ in rows()}
    assert all(ask.form == form for form, ask, _, _ in rows())


HERE, ELSEWHERE = Room("telegram", "-100", "7"), Room("telegram", "-200")
#: How somebody may be bound, and whether they may then ask about alpha in `HERE`.
BINDINGS = {
    "not at all": (None, None, True),
    "to this bot": (frozenset({"alpha"}), None, True),
    "to another bot": (frozenset({"beta"}), None, False),
    "to no bot": (frozenset[str](), None, False),
    "to this room": (None, frozenset({HERE}), True),
    "to the chat of this room": (None, frozenset({HERE.without_topic}), True),
    "to another room": (None, frozenset({ELSEWHERE}), False),
    "to another topic": (None, frozenset({Room("telegram", "-100", "8")}), False),
    "to no room": (None, frozenset[Room](), False),
    "to this room and another bot": (frozenset({"beta"}), frozenset({HERE}), False),
}


@pytest.mark.parametrize("bound", BINDINGS)
@pytest.mark.parametrize("is_away", [False, True])
@pytest.mark.parametrize("role", Role)
def test_every_word_by_role_database_and_binding(role: Role, is_away: bool, bound: str) -> None:
    bots, rooms_, fits = BINDINGS[bound]
    person = Principal(ALLOWED["anyone known"][role.rank], role, bots=bots, rooms=rooms_)
    for form, plain, needs, works_away in rows():
        names_a_bot = "bot" in type(plain).model_fields
        ask = plain.model_copy(update={"bot": "ALPHA"}) if names_a_bot else plain
        # What names no bot is bound by the room alone.
        fits_it = fits if names_a_bot else rooms_ is None or person.may_ask_in(HERE)
        expected = person.name in ALLOWED[needs] and (works_away or not is_away) and fits_it
        assert isinstance(USUAL.check(person, ask, HERE, database_is_away=is_away), Allowed) == expected, form


#: What a bot declares: whether it goes while the database is away, by its risk.
RISKS = {
    None: True,
    CommandRisk.REDUCES: True,
    CommandRisk.NEUTRAL: False,
    CommandRisk.INCREASES: False,
}


@pytest.mark.parametrize("bound", BINDINGS)
@pytest.mark.parametrize("is_away", [False, True])
@pytest.mark.parametrize("risk", RISKS)
@pytest.mark.parametrize("needs", ["viewer", "operator", "admin"])
def test_every_word_of_a_bot_by_what_it_declares(
    needs: Literal["viewer", "operator", "admin"], risk: CommandRisk | None, is_away: bool, bound: str
) -> None:
    bots, rooms_, fits = BINDINGS[bound]
    kind = ask_of("drain", Declaration(name="drain", role=needs, risk=risk), ("alpha", "beta"), "Drain.")
    for role in Role:
        person = Principal("somebody", role, bots=bots, rooms=rooms_)
        expected = role.covers(Role(needs)) and (RISKS[risk] or not is_away) and fits
        may = isinstance(USUAL.check(person, kind(bot="Alpha"), HERE, database_is_away=is_away), Allowed)
        assert may == expected, role


@pytest.mark.parametrize(
    ("ask", "needs", "goes_away"),
    [
        # What only nearly is the gentler form is the other one.
        (Kill(switch="ON"), "admin", True),
        (Kill(switch="On "), "admin", False),
        (Kill(switch="no"), "admin", False),
        (Hold(position="SOL-1", until="OFF"), "admin", True),
        (Hold(position="SOL-1", until="off at six"), "admin", False),
        (Hold(position="off"), "admin", False),
        (Set(key="max_positions", to=4), "admin", False),
        (Totp(what="NEW"), "anyone known", False),
        (Totp(what="new", to="off"), "admin", False),
        (Totp(what="ada", to="off"), "admin", False),
        (Prefs(what="trade"), "anyone known", True),
        (Prefs(what="off"), "operator", False),
        (Prefs(what="zone", to="UTC"), "anyone known", False),
        (Prefs(what="zone", to="UTC", whose="room"), "operator", False),
        (Prefs(what="room", to="zone"), "anyone known", True),
        (Reports(kind="daily", to="on"), "operator", False),
        (Reports(kind="daily", to="now"), "viewer", True),
        (Prefs(what="trade", to="off"), "operator", False),
        # A word that nobody has any more does nothing, and may be pressed by whoever is known.
        (Gone(said_word="drain"), "anyone known", True),
    ],
    ids=repr,
)
def test_an_ask_is_judged_by_what_it_would_do(ask: Ask, needs: str, goes_away: bool) -> None:
    assert who_may(ask) == ALLOWED[needs]
    assert isinstance(USUAL.check(ADA, ask, HERE, database_is_away=True), Allowed) == goes_away


@pytest.mark.parametrize("kind", ASKS)
def test_a_stranger_may_nothing(kind: type[Ask]) -> None:
    assert USUAL.check(None, kind()) == Denied("I do not know you.")


@pytest.mark.parametrize("kind", [Pause, Resume])
@pytest.mark.parametrize(
    ("scope", "needs"),
    [
        ("entry", "operator"),
        ("exit", "operator"),
        ("ENTRY", "operator"),
        ("Exit", "operator"),
        ("all", "admin"),
        ("ALL", "admin"),
        ("bybit", "admin"),
        ("entry exit", "admin"),
        ("entry\u200b", "admin"),
        ("entrу", "admin"),  # noqa: RUF001 - with a Cyrillic letter
        (" entry", "admin"),
    ],
)
def test_a_scope_is_for_operators_only_where_it_is_entry_or_exit(
    kind: type[Pause | Resume], scope: str, needs: str
) -> None:
    assert who_may(kind(scope=scope)) == ALLOWED[needs]
    assert who_may(kind(scope=scope, reason="entry", bot="exit")) == ALLOWED[needs]


@given(st.text(max_size=64).filter(lambda scope: scope.casefold() not in ("", "entry", "exit")))
def test_any_other_scope_is_for_admins(scope: str) -> None:
    assert who_may(Pause(scope=scope)) == ["ada"]
    assert who_may(Resume(scope=scope)) == ["ada"]


@given(st.sampled_from([kind for kind in ASKS if kind not in (Pause, Resume)]), st.text(max_size=64))
def test_what_is_named_changes_nothing_of_who_may(kind: type[Ask], named: str) -> None:
    fields = {name: named for name in ("position", "bot", "about") if name in kind.model_fields}
    assert who_may(kind.model_validate(fields)) == who_may(kind())


def test_a_denial_says_for_whom_it_is_and_who_one_is() -> None:
    assert USUAL.check(VIC, Close()) == Denied("/close is for operators and above; you are a viewer.")
    assert USUAL.check(BOB, Pause(scope="all")) == Denied("/pause all is for admins; you are an operator.")


def test_each_role_covers_those_below_it_and_none_above() -> None:
    covers = {(one, other) for one in Role for other in Role if one.covers(other)}
    assert covers == {
        (Role.VIEWER, Role.VIEWER),
        (Role.OPERATOR, Role.VIEWER),
        (Role.OPERATOR, Role.OPERATOR),
        (Role.ADMIN, Role.VIEWER),
        (Role.ADMIN, Role.OPERATOR),
        (Role.ADMIN, Role.ADMIN),
    }


def test_help_and_menus_show_what_one_may_and_never_what_is_hidden() -> None:
    shown = {role: [kind for kind in ASKS if USUAL.may_ever(role, kind)] for role in Role}
    assert {Positions, ShowPosition, Events, Help} <= set(shown[Role.VIEWER])
    assert Close not in shown[Role.VIEWER]
    assert Close in shown[Role.OPERATOR]
    assert not [kind for kinds in shown.values() for kind in kinds if kind.hidden]
