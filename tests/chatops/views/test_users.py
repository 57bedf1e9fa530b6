"""Who is here, as it reads on a phone."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from chatops.messages import PHONE_COLUMNS, Table
from chatops.people import Account, Directory, Identity, Principal, Revoked, Role, Source, StoredPeople
from chatops.views import users
from tests.chatops.views.readable import assert_readable

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
ADA = Principal("ada", Role.ADMIN, frozenset({Identity("telegram", "111")}))
LINKED = Account(Identity("slack", "U0123456789"), "ada", Source.FILE)
DAN = Account(Identity("telegram", "777"), "dan")
NAMES = st.from_regex(r"\w[\w.-]{0,31}", fullmatch=True)


def test_everybody_with_role_source_and_accounts() -> None:
    stored = StoredPeople((Principal("dan", Role.VIEWER), Principal("Ada", Role.VIEWER)), (LINKED, DAN))
    shown = users.users(Directory([ADA], stored), {"ada": NOW - timedelta(minutes=3)}, NOW)
    assert shown.text == (
        "2 people: 1 admin, 1 viewer\n\n"
        "name role   from  seen\n"
        "ada  admin  file 3 min\n"
        "dan  viewer here     –\n\n"
        "Accounts\n\n"
        "ada slack    U0123456789 here\n"
        "ada telegram         111\n"
        "dan telegram         777 here\n\n"
        "⚠ Ada of the settings file goes before the viewer Ada stored here.\n\n"
        "“file” is the settings file, and changed there; “here” came by a code."
    )


@given(st.lists(st.builds(Principal, NAMES, st.sampled_from(Role)), min_size=1, max_size=40))
def test_any_people_can_be_read(people: list[Principal]) -> None:
    shown = users.users(Directory(people), {}, NOW)
    assert_readable(shown)
    lines = [line for block in shown.blocks if isinstance(block, Table) for line in block.lines]
    assert max(map(len, lines)) <= PHONE_COLUMNS


def test_the_question_says_what_goes_and_what_stays() -> None:
    both = Principal("ada", Role.ADMIN, ADA.identities | {LINKED.identity})
    asked = users.really_revoke(both, ADA.identities)
    assert asked.title == "Take the linked accounts from ada?"
    assert "slack U0123456789: a stranger at once" in asked.text
    assert "telegram 111 is in the settings file, and stays" in asked.text
    done = users.revoked(Revoked(both, frozenset({LINKED.identity}), ADA.identities, 2))
    assert "2 of their questions are void." in done.text


def test_a_code_is_never_in_the_title_which_is_on_record() -> None:
    for shown in (
        users.invitation("7K3M-9PQR-2XWZ", Role.VIEWER, "dan", ["https://t.me/deck?start=7K3M-9PQR-2XWZ"]),
        users.link("7K3M-9PQR-2XWZ", ADA, []),
    ):
        assert "7K3M" not in shown.title
        assert "7K3M-9PQR-2XWZ" in shown.text
