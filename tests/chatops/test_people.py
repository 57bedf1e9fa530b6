"""Everybody we know: the settings file goes before the database, and nobody becomes somebody by a name."""

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatops.people import Account, Directory, Identity, Principal, Role, Source, StoredPeople, may_be_called

ADA1, ADA2, BOB1, BOB2 = (Identity("telegram", id_) for id_ in ("11", "12", "21", "22"))
ADA = Principal("ada", Role.ADMIN, frozenset({ADA1}), bots=frozenset({"alpha"}))


def stored(*people: Principal, accounts: tuple[Account, ...] = ()) -> StoredPeople:
    return StoredPeople(people, accounts)


BOB_HERE = stored(Principal("bob", Role.OPERATOR), accounts=(Account(BOB1, "bob"),))


def test_people_of_the_file_stand_beside_those_of_the_database() -> None:
    directory = Directory([ADA], BOB_HERE)
    bob = directory.identify(BOB1)
    assert bob == Principal("bob", Role.OPERATOR, frozenset({BOB1}))
    assert [directory.source(one) for one in directory.people] == [Source.FILE, Source.HERE]
    assert directory.clashes == ()
    assert directory.admins == (ADA,)


def test_a_linked_account_is_the_person_of_the_file_with_all_that_binds_them() -> None:
    directory = Directory([ADA], stored(accounts=(Account(ADA2, "ada", Source.FILE),)))
    ada = directory.identify(ADA2)
    assert ada is directory.identify(ADA1)
    assert ada is not None
    assert ada.bots == frozenset({"alpha"})
    assert directory.fixed(ada) == {ADA1}


def test_by_name_the_file_wins_and_the_accounts_of_the_other_are_strangers() -> None:
    directory = Directory([Principal("Bob", Role.ADMIN, frozenset({BOB2}))], BOB_HERE)
    assert directory.identify(BOB1) is None
    assert directory.clashes == ("bob of the settings file goes before the operator bob stored here",)


def test_by_account_the_file_wins() -> None:
    directory = Directory([Principal("ada", Role.VIEWER, frozenset({BOB1}))], BOB_HERE)
    somebody, bob = directory.identify(BOB1), directory.named("bob")
    assert somebody is not None
    assert somebody.name == "ada"
    assert bob is not None
    assert bob.identities == frozenset()
    assert directory.clashes == ("telegram:21 is ada's by the settings file, and not bob's",)


def test_an_account_linked_to_who_left_the_file_is_nobodys_not_even_a_namesakes() -> None:
    left = Account(ADA2, "ada", Source.FILE)
    namesake = stored(Principal("ada", Role.VIEWER), accounts=(left, Account(BOB1, "ada")))
    directory = Directory([], namesake)
    assert directory.identify(ADA2) is None
    assert directory.identify(BOB1) == Principal("ada", Role.VIEWER, frozenset({BOB1}))
    assert "who is not in the settings file any more" in directory.clashes[0]


def test_watchers_hear_of_a_change_and_clashes_are_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    directory = Directory([Principal("bob", Role.VIEWER, frozenset({BOB2}))])
    heard: list[int] = []
    directory.watch(lambda: heard.append(len(directory.people)))
    directory.take_in(stored(Principal("eve", Role.VIEWER)))
    directory.take_in(stored(Principal("eve", Role.VIEWER)))
    assert heard == [2]
    directory.take_in(BOB_HERE)
    directory.take_in(BOB_HERE)
    assert heard == [2, 1]
    assert caplog.text.count("goes before") == 1


def test_what_was_taken_in_before_is_forgotten() -> None:
    directory = Directory([ADA], BOB_HERE)
    directory.take_in(StoredPeople())
    assert directory.identify(BOB1) is None
    assert directory.people == (ADA,)


def test_an_admin_without_an_account_is_none_who_can_be_heard() -> None:
    assert Directory([Principal("ada", Role.ADMIN)]).admins == ()


@pytest.mark.parametrize("name", ["", "two words", "a" * 33, "-a", "@ada", "a:b", "quarterdeck", "QuarterDeck", "a\n"])
def test_what_nobody_may_be_called(name: str) -> None:
    assert not may_be_called(name)


NAMES = st.sampled_from(["ada", "Ada", "bob", "eve"])
IDENTITIES = st.sampled_from([ADA1, ADA2, BOB1, BOB2])
PEOPLE = st.lists(st.builds(Principal, NAMES, st.sampled_from(Role)), max_size=3, unique_by=lambda one: one.name)
ACCOUNTS = st.lists(
    st.builds(Account, IDENTITIES, NAMES, st.sampled_from(Source)), max_size=4, unique_by=lambda one: one.identity
)


@given(PEOPLE, ACCOUNTS)
def test_nothing_stored_takes_anything_from_the_file(people: list[Principal], accounts: list[Account]) -> None:
    directory = Directory([ADA], stored(*people, accounts=tuple(accounts)))
    ada = directory.identify(ADA1)
    assert ada is directory.named("ada")
    assert ada is not None
    assert (ada.name, ada.role) == ("ada", Role.ADMIN)
    # Whoever else is admin by an account is so by a row of theirs, never by another's name.
    for account in accounts:
        somebody = directory.identify(account.identity)
        own = {(Source.HERE, one.name): one.role for one in people} | {(Source.FILE, "ada"): Role.ADMIN}
        assert somebody is None or account.identity == ADA1 or somebody.role == own[account.source, account.person]
