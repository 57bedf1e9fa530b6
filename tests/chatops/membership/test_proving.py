"""Codes tried on a real database: each once, few wrong ones, over a restart and with the key gone."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
import pytest

from chatops.membership.proving import CodeVerdict, Proving
from chatops.storage.database import Database
from chatops.storage.totp import Enrolments
from chatops.storage.totp_key import TOTP_KEY, TotpKey
from chatops.storage.wrong_codes import WrongCodes

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


@dataclass
class Desk:
    """What tries codes, and a clock to move. `restart` forgets all that is in memory."""

    database: Database
    key: Path
    now: datetime = NOON

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        self.proving = Proving(
            Enrolments(self.database),
            WrongCodes(self.database),
            TotpKey(self.key),
            now=lambda: self.now,
            desk="main",
        )

    async def enrol(self, person: str = "ada") -> "Phone":
        """All of it; gives the phone that shows the codes from now on."""
        begun = await self.proving.enrol(person)
        assert begun is not None
        _, secret, _ = begun
        phone = Phone(self, person, secret)
        tried = await self.proving.attempt(person, phone.code)
        assert tried.verdict is CodeVerdict.ENROLLED
        phone.recovery_codes = tried.recovery_codes
        self.now += timedelta(seconds=30)
        return phone


@dataclass
class Phone:
    """Somebody with an authenticator app."""

    desk: Desk
    person: str
    secret: str
    recovery_codes: tuple[str, ...] = ()

    @property
    def code(self) -> str:
        """What it shows now."""
        return pyotp.TOTP(self.secret).at(self.desk.now)

    @property
    def wrong(self) -> str:
        """Six digits that are the code of no step near now."""
        near = {pyotp.TOTP(self.secret).at(self.desk.now + timedelta(seconds=off)) for off in (-30, 0, 30)}
        return next(code for code in ("000000", "111111", "222222", "333333") if code not in near)

    async def says(self, code: str) -> CodeVerdict:
        return (await self.desk.proving.attempt(self.person, code)).verdict


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Desk:
    return Desk(database, tmp_path / TOTP_KEY)


async def test_a_code_proves_and_works_once(desk: Desk) -> None:
    phone = await desk.enrol()
    code = phone.code
    assert await phone.says(code) is CodeVerdict.RIGHT
    assert await phone.says(code) is CodeVerdict.USED


async def test_the_code_that_enrolled_proves_nothing_more(desk: Desk) -> None:
    phone = await desk.enrol()
    desk.now -= timedelta(seconds=30)
    assert await phone.says(phone.code) is CodeVerdict.USED


async def test_of_one_code_in_two_places_at_once_only_one_works(desk: Desk) -> None:
    phone = await desk.enrol()
    other = Desk(desk.database, desk.key, desk.now)
    both = await asyncio.gather(desk.proving.attempt("ada", phone.code), other.proving.attempt("ada", phone.code))
    assert sorted(tried.verdict for tried in both) == [CodeVerdict.RIGHT, CodeVerdict.USED]


async def test_a_code_before_one_that_was_used_works_no_more(desk: Desk) -> None:
    phone = await desk.enrol()
    desk.now += timedelta(seconds=60)
    before = pyotp.TOTP(phone.secret).at(desk.now - timedelta(seconds=30))
    assert await phone.says(phone.code) is CodeVerdict.RIGHT
    assert await phone.says(before) is CodeVerdict.USED


async def test_a_code_works_once_also_after_a_restart(desk: Desk) -> None:
    phone = await desk.enrol()
    code = phone.code
    assert await phone.says(code) is CodeVerdict.RIGHT
    desk.restart()
    assert await phone.says(code) is CodeVerdict.USED
    desk.now += timedelta(seconds=30)
    assert await phone.says(phone.code) is CodeVerdict.RIGHT


async def test_five_wrong_codes_lock_and_five_minutes_open(desk: Desk) -> None:
    phone = await desk.enrol()
    for _ in range(4):
        assert await phone.says(phone.wrong) is CodeVerdict.WRONG
        desk.now += timedelta(seconds=30)
    locked = await desk.proving.attempt("ada", phone.wrong)
    assert (locked.verdict, locked.until) == (CodeVerdict.LOCKED, desk.now + timedelta(minutes=5))
    desk.now += timedelta(minutes=4, seconds=59)
    assert await phone.says(phone.wrong) is CodeVerdict.UNHEARD
    assert await phone.says(phone.code) is CodeVerdict.UNHEARD
    assert await phone.says(phone.recovery_codes[0]) is CodeVerdict.UNHEARD
    desk.now += timedelta(seconds=1)
    assert await phone.says(phone.code) is CodeVerdict.RIGHT


async def test_a_restart_forgives_no_wrong_code(desk: Desk) -> None:
    phone = await desk.enrol()
    for _ in range(4):
        assert await phone.says(phone.wrong) is CodeVerdict.WRONG
        desk.restart()
    assert await phone.says(phone.wrong) is CodeVerdict.LOCKED
    desk.restart()
    assert await phone.says(phone.code) is CodeVerdict.UNHEARD


async def test_wrong_ones_of_more_than_five_minutes_ago_do_not_count(desk: Desk) -> None:
    phone = await desk.enrol()
    for _ in range(12):
        assert await phone.says(phone.wrong) is CodeVerdict.WRONG
        desk.now += timedelta(seconds=76)
    assert await phone.says(phone.code) is CodeVerdict.RIGHT


async def test_of_a_hundred_guesses_at_once_five_are_tried(desk: Desk) -> None:
    phone = await desk.enrol()
    tried = await asyncio.gather(*(phone.says(phone.wrong) for _ in range(100)))
    assert [tried.count(one) for one in (CodeVerdict.WRONG, CodeVerdict.LOCKED, CodeVerdict.UNHEARD)] == [4, 1, 95]


async def test_one_person_does_not_lock_another(desk: Desk) -> None:
    ada, bob = await desk.enrol("ada"), await desk.enrol("bob")
    for _ in range(5):
        await ada.says(ada.wrong)
    assert await bob.says(bob.code) is CodeVerdict.RIGHT


async def test_a_code_of_somebody_else_proves_nothing(desk: Desk) -> None:
    ada, bob = await desk.enrol("ada"), await desk.enrol("bob")
    assert await ada.says(bob.code) is CodeVerdict.WRONG
    assert await ada.says(bob.recovery_codes[0]) is CodeVerdict.WRONG
    assert await bob.says(bob.recovery_codes[0]) is CodeVerdict.RECOVERY


async def test_a_recovery_code_works_once_however_it_is_typed(desk: Desk) -> None:
    phone = await desk.enrol()
    first, second, *_ = phone.recovery_codes
    tried = await desk.proving.attempt("ada", first)
    assert (tried.verdict, tried.left) == (CodeVerdict.RECOVERY, 9)
    assert await phone.says(first.upper().replace("-", " ")) is CodeVerdict.WRONG
    assert await phone.says(second.upper().replace("-", "")) is CodeVerdict.RECOVERY


async def test_wrong_recovery_codes_are_counted_with_the_others(desk: Desk) -> None:
    phone = await desk.enrol()
    for code in ("aaaa-aaaa-aaaa", phone.wrong, "bbbb-bbbb-bbbb", phone.wrong):
        assert await phone.says(code) is CodeVerdict.WRONG
    assert await phone.says("cccc-cccc-cccc") is CodeVerdict.LOCKED


async def test_what_is_no_code_is_not_counted(desk: Desk) -> None:
    phone = await desk.enrol()
    for said in ("", "hello", "12345", "1234567", "help me", "x" * 64):
        assert await phone.says(said) is CodeVerdict.SHAPELESS
    assert await phone.says(phone.code) is CodeVerdict.RIGHT


async def test_what_nothing_waits_for_is_not_tried(desk: Desk) -> None:
    phone = await desk.enrol()
    for code in (phone.code, phone.wrong, phone.recovery_codes[0]):
        assert (await desk.proving.attempt("ada", code, to_prove=False)).verdict is CodeVerdict.NEEDLESS
    assert await phone.says(phone.recovery_codes[0]) is CodeVerdict.RECOVERY
    assert await phone.says(phone.code) is CodeVerdict.RIGHT


async def test_nobody_enrols_with_a_wrong_code_or_a_recovery_code(desk: Desk) -> None:
    begun = await desk.proving.enrol("ada")
    assert begun is not None
    phone = Phone(desk, "ada", begun[1])
    assert await phone.says(phone.wrong) is CodeVerdict.WRONG
    assert await phone.says("aaaa-bbbb-cccc") is CodeVerdict.SHAPELESS
    assert not await desk.proving.is_enrolled("ada")
    assert await phone.says(phone.code) is CodeVerdict.ENROLLED
    assert await desk.proving.is_enrolled("ada")


async def test_only_the_last_picture_counts(desk: Desk) -> None:
    first = await desk.proving.enrol("ada")
    second = await desk.proving.enrol("ada")
    assert first is not None
    assert second is not None
    assert await Phone(desk, "ada", first[1]).says(pyotp.TOTP(first[1]).at(desk.now)) is CodeVerdict.WRONG
    assert await Phone(desk, "ada", second[1]).says(pyotp.TOTP(second[1]).at(desk.now)) is CodeVerdict.ENROLLED


async def test_who_is_enrolled_begins_anew_only_instead(desk: Desk) -> None:
    phone = await desk.enrol()
    assert await desk.proving.enrol("ada") is None
    assert await desk.proving.enrol("ada", instead=True) is not None
    assert not await desk.proving.is_enrolled("ada")
    assert await phone.says(phone.recovery_codes[0]) is CodeVerdict.SHAPELESS


async def test_who_has_ended_it_begins_with_nothing_of_before(desk: Desk) -> None:
    phone = await desk.enrol()
    assert await desk.proving.end("ada")
    assert not await desk.proving.end("ada")
    assert await phone.says(phone.code) is CodeVerdict.NOT_ENROLLED
    again = await desk.enrol()
    assert await again.says(phone.recovery_codes[0]) is CodeVerdict.WRONG
    assert await again.says(again.code) is CodeVerdict.RIGHT


async def test_with_another_key_no_code_matches(desk: Desk) -> None:
    phone = await desk.enrol()
    desk.key.write_text("another key, of whoever copied the database alone")
    desk.restart()
    assert await phone.says(phone.code) is CodeVerdict.WRONG
    assert await phone.says(phone.recovery_codes[0]) is CodeVerdict.WRONG


async def test_without_the_key_nothing_is_tried_and_nobody_is_locked(desk: Desk) -> None:
    phone = await desk.enrol()
    kept = desk.key.read_text()
    desk.key.unlink()
    desk.restart()
    for _ in range(6):
        assert await phone.says(phone.code) is CodeVerdict.NO_KEY
    desk.key.write_text(kept)
    assert await phone.says(phone.code) is CodeVerdict.RIGHT


async def test_whoever_gets_the_name_of_somebody_who_is_gone_is_asked_for_no_codes(desk: Desk) -> None:
    await desk.database.execute("INSERT INTO people (name, role, created_by) VALUES ('zoe', 'operator', 'ada')")
    await desk.enrol("zoe")
    await desk.database.execute("DELETE FROM people WHERE name = 'zoe'")
    assert not await desk.proving.is_enrolled("zoe")


def test_the_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / TOTP_KEY
    assert TotpKey(path).read() is None
    made = TotpKey(path).read_or_make()
    assert made == TotpKey(path).read_or_make() == TotpKey(path).read()
    assert len(bytes.fromhex(made.decode())) == 32
    assert path.stat().st_mode & 0o777 == 0o600
    assert [found.name for found in path.parent.iterdir()] == [TOTP_KEY]


def test_a_key_of_the_settings_goes_before_the_file(tmp_path: Path) -> None:
    key = TotpKey(tmp_path / TOTP_KEY, "of the settings")
    assert key.read() == key.read_or_make() == b"of the settings"
    assert not list(tmp_path.iterdir())
