"""What the settings say of words, and to what they bind people: every fault named, with what may have been meant."""

from pathlib import Path

import pytest

from chatops.asks import Close, Pause, Resume
from chatops.guard.permissions import Denied, Permissions
from chatops.guard.policy import Terms, WordRule
from chatops.people import Role
from chatops.room import Room
from tests.chatops.test_settings import TELEGRAM, faults, read

ROOMS = f"""{TELEGRAM}
[[bots]]
name = "Alpha"
url = "paper"
[[rooms]]
name = "Ops"
platform = "telegram"
id = "-100"
topic = 7
"""


def test_a_word_may_need_another_role_a_code_a_second_person_and_have_its_limit(tmp_path: Path) -> None:
    said = """
[words.close]
role = "admin"
confirm = false
limit = 3
[words."pause all"]
approvals = 1
[words.resume]
approvals = 1
totp = true
[words.custom.cooldown]
role = "operator"
"""
    policy = read(tmp_path, said).policy()
    assert policy.terms(Close()) == Terms(Role.ADMIN, confirm=False, limit=3)
    assert policy.terms(Pause(scope="all")).approvals == 1
    assert policy.terms(Pause(scope="entry")).approvals == 0
    assert policy.terms(Resume(scope="entry")) == Terms(Role.OPERATOR, confirm=True, approvals=1, totp=True)
    assert policy.rules["cooldown"] == WordRule(role=Role.OPERATOR)


def test_without_words_everything_is_as_usual(tmp_path: Path) -> None:
    assert read(tmp_path, "").policy().rules == {}


@pytest.mark.parametrize(
    ("said", "key", "words"),
    [
        ("[words.clos]\n", "words.clos", 'is no word: did you mean [words.close] or [words."close all"]?'),
        ('[words."pause al"]\n', "words.pause al", 'did you mean [words."pause all"]'),
        ("[words.kil]\nrole = 'admin'\n", "words.kil", "did you mean [words.kill]"),
        ("[words.cooldown]\n", "words.cooldown", "What a bot declares stands as [words.custom.NAME]"),
        ("[words.cancel]\n", "words.cancel", "is no word"),
        ("[words.custom.close]\n", "words.custom.close", "is a word of the desk: [words.close]"),
        ("[words.close]\nrol = 'admin'\n", "words.close.rol", "is no key here: did you mean role?"),
        ("[words.close]\nrole = 'boss'\n", "words.close.role", "one of viewer, operator, admin"),
        ("[words.close]\napprovals = 2\n", "words.close.approvals", "0, or 1 for a second person"),
        ("[words.close]\napprovals = true\n", "words.close.approvals", "0, or 1 for a second person"),
        ("[words.close]\nlimit = 0\n", "words.close.limit", "from 1 to 10000"),
        ("[words]\nclose = 3\n", "words.close", "is no part with keys of its own"),
        ("words = 3\n", "words", "is no part with keys of its own"),
        ("[confirm]\nconfirm_tolerance = 2\n", "confirm.confirm_tolerance", "a fraction from 0 to 1"),
        ("[confirm]\napproval_seconds = 0\n", "confirm.approval_seconds", "whole seconds, from 1 to 86400"),
    ],
)
def test_what_is_wrong_is_named_with_what_may_have_been_meant(tmp_path: Path, said: str, key: str, words: str) -> None:
    (problem,) = faults(tmp_path, said).values()
    assert problem.key == key
    assert words in str(problem)


def test_a_word_may_be_set_from_the_environment(tmp_path: Path) -> None:
    settings = read(tmp_path, "", {"QUARTERDECK_WORDS__CLOSE__ROLE": "admin"})
    assert settings.policy().terms(Close()).role is Role.ADMIN
    settings = read(tmp_path, "", {"QUARTERDECK_WORDS": '{"pause all": {"approvals": 1}}'})
    assert settings.policy().terms(Pause(scope="all")).approvals == 1


def test_people_are_bound_to_bots_and_rooms_by_their_names(tmp_path: Path) -> None:
    said = f"""{ROOMS}
[[people]]
name = "bob"
role = "operator"
telegram = 2
bots = ["alpha"]
rooms = ["ops", "direct"]
[[people]]
name = "ada"
role = "admin"
telegram = 1
"""
    directory = read(tmp_path, said).directory()
    bob, ada = directory.named("bob"), directory.named("ada")
    assert bob is not None
    assert ada is not None
    assert bob.bots == frozenset({"alpha"})
    assert bob.rooms == frozenset({Room("telegram", "-100", "7"), Room("telegram", "2")})
    assert (ada.bots, ada.rooms) == (None, None)
    usual = Permissions()
    assert isinstance(usual.check(bob, Close(bot="beta"), Room("telegram", "2")), Denied)
    assert isinstance(usual.check(bob, Close(bot="alpha"), Room("telegram", "-200")), Denied)


@pytest.mark.parametrize(
    ("bound", "key", "words"),
    [
        ('bots = ["beta"]', "people.0.bots", "names what is in no [[bots]]: some of Alpha"),
        ('rooms = ["general"]', "people.0.rooms", "names what is in no [[rooms]]: some of Ops, direct"),
        ('rooms = "ops"', "people.0.rooms", "is no list"),
    ],
)
def test_a_binding_to_what_is_not_there_is_named(tmp_path: Path, bound: str, key: str, words: str) -> None:
    said = f'{ROOMS}\n[[people]]\nname = "bob"\nrole = "viewer"\ntelegram = 2\n{bound}\n'
    (problem,) = faults(tmp_path, said).values()
    assert (problem.key, problem.name) == (key, "bob")
    assert words in str(problem)


def test_where_a_room_has_the_name_of_where_somebody_alone_reads_nobody_can_be_bound_to_either(tmp_path: Path) -> None:
    said = ROOMS.replace('"Ops"', '"Direct"')
    assert read(tmp_path, said).rooms[0].name == "Direct"
    bound = f'{said}\n[[people]]\nname = "bob"\nrole = "viewer"\ntelegram = 2\nrooms = ["direct"]\n'
    assert "names direct, which is a room too" in str(faults(tmp_path, bound)["people.0.rooms"])


def test_how_long_an_approval_is_waited_for_and_how_much_may_change(tmp_path: Path) -> None:
    patience = read(tmp_path, "[confirm]\napproval_seconds = 120\nconfirm_tolerance = 0.05\n").confirm.patience
    assert (patience.approve.total_seconds(), patience.tolerance) == (120, 0.05)
    usual = read(tmp_path, "").confirm.patience
    assert (usual.approve.total_seconds(), usual.tolerance) == (600, 0.001)
