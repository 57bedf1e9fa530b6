"""Who may approve what: over every pair of people, never oneself and nobody of less right."""

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatops.asks import Close, CloseAll, Kill, Resume, Revoke, Stop
from chatops.guard.approvals import Request, is_same, may_approve
from chatops.guard.permissions import Allowed, Denied, Permissions
from chatops.people import Identity, Principal, Role
from chatops.room import Room

USUAL = Permissions()
HERE = Room("telegram", "-100")
PHONE, DESK, OTHER = Identity("telegram", "1"), Identity("slack", "U1"), Identity("telegram", "2")

PEOPLE = st.builds(
    Principal,
    st.sampled_from(["ada", "Ada", "bob", "cyd"]),
    st.sampled_from(Role),
    st.frozensets(st.sampled_from([PHONE, DESK, OTHER]), max_size=2),
    st.sampled_from([None, frozenset({"alpha"}), frozenset({"beta"})]),
    st.sampled_from([None, frozenset({HERE}), frozenset({Room("telegram", "9")})]),
)
ASKED = st.sampled_from(
    [Close(bot="alpha"), Close(bot="beta"), Resume(scope="all", bot="alpha"), Resume(scope="entry"), CloseAll()]
)


@pytest.mark.parametrize(("asker", "approver"), [*product(Role, Role)])
def test_it_takes_a_role_at_least_as_high_as_the_askers_and_the_words(asker: Role, approver: Role) -> None:
    asked, other = Principal("ada", asker, frozenset({PHONE})), Principal("bob", approver, frozenset({OTHER}))
    decision = may_approve(other, Request(Close(bot="alpha"), asked, str(PHONE)), USUAL, HERE)
    assert isinstance(decision, Allowed) == (approver.rank >= max(asker.rank, Role.OPERATOR.rank))


@given(PEOPLE, PEOPLE, ASKED, st.sampled_from([PHONE, DESK, OTHER]), st.booleans())
def test_who_may_approve_is_another_who_might_have_asked_it(
    approver: Principal, asker: Principal, ask: Close | CloseAll | Resume, account: Identity, is_away: bool
) -> None:
    request = Request(ask, asker, str(account))
    allowed = isinstance(may_approve(approver, request, USUAL, HERE, database_is_away=is_away), Allowed)
    is_another = approver.name.casefold() != asker.name.casefold() and not approver.identities & asker.identities
    might = isinstance(USUAL.check(approver, ask, HERE, database_is_away=is_away), Allowed)
    fits = is_another and account not in approver.identities and approver.role.covers(asker.role) and might
    assert fits or not allowed


@pytest.mark.parametrize("ask", [CloseAll(), Stop(), Kill(switch="on"), Kill(switch="off")])
@pytest.mark.parametrize(
    ("askers", "approvers", "may"),
    [
        (None, None, True),
        ({"alpha"}, None, True),
        (None, {"alpha"}, False),
        ({"alpha"}, {"alpha", "beta"}, True),
        ({"alpha", "beta"}, {"beta"}, False),
        ({"alpha"}, {"beta"}, False),
    ],
)
def test_what_names_no_bot_is_approved_by_who_may_ask_about_every_bot_that_it_reaches(
    ask: CloseAll | Stop | Kill, askers: set[str] | None, approvers: set[str] | None, may: bool
) -> None:
    asker = Principal("ada", Role.ADMIN, frozenset({PHONE}), bots=None if askers is None else frozenset(askers))
    other = Principal("bob", Role.ADMIN, frozenset({OTHER}), bots=None if approvers is None else frozenset(approvers))
    assert isinstance(may_approve(other, Request(ask, asker, str(PHONE)), USUAL, HERE), Allowed) == may


def test_what_moves_no_bot_is_approved_by_who_is_bound_to_some() -> None:
    asker = Principal("ada", Role.ADMIN, frozenset({PHONE}))
    other = Principal("bob", Role.ADMIN, frozenset({OTHER}), bots=frozenset({"alpha"}))
    assert isinstance(may_approve(other, Request(Revoke(who="vic"), asker, str(PHONE)), USUAL, HERE), Allowed)


def test_one_is_the_same_under_every_name_and_account() -> None:
    ada = Principal("ada", Role.ADMIN, frozenset({PHONE, DESK}))
    assert is_same(ada, replace(ada, name="somebody", identities=frozenset({DESK})))
    assert is_same(ada, Principal("ADA", Role.ADMIN))
    assert not is_same(ada, Principal("bob", Role.ADMIN, frozenset({OTHER})))


def test_a_denial_says_why() -> None:
    ada, bob = Principal("ada", Role.ADMIN, frozenset({PHONE})), Principal("bob", Role.OPERATOR, frozenset({OTHER}))
    request = Request(Close(), ada, str(PHONE))
    assert may_approve(ada, request, USUAL, HERE) == Denied(
        "You asked for this yourself: somebody else has to approve it."
    )
    assert may_approve(bob, request, USUAL, HERE) == Denied(
        "ada is admin: only who is at least that may approve what they ask."
    )
