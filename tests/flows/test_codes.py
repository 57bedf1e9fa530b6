"""Codes that prove who one is: enrolled in a direct message, each used once, and on no record."""

import logging
import re
from pathlib import Path

import pytest

from chatops.adapters.base import Fault, SendError
from chatops.adapters.memory import MemoryAdapter, Shown
from chatops.guard.permissions import Permissions
from chatops.guard.policy import Policy, WordRule
from chatops.storage.database import Database
from chatops.storage.totp_key import TotpKey
from chatops.views.qr import qr
from tests.flows.authenticator import Someone
from tests.flows.chats import Chat
from tests.flows.conftest import ADA, BOB, VIC, Clock, Trader, World, near_alone, on_memory, world_of

#: /resume waits for a code; everything else is as usual.
RESUME_BY_CODE = Permissions(Policy({"resume": WordRule(totp=True)}))
NAMES = {ADA: "ada", BOB: "bob", VIC: "vic"}


@pytest.fixture
def key(tmp_path: Path) -> TotpKey:
    return TotpKey.under(tmp_path)


@pytest.fixture
def world(database: Database, clock: Clock, trader: Trader, chat: Chat, key: TotpKey) -> World:
    return opened(database, clock, trader, chat, key)


def opened(database: Database, clock: Clock, trader: Trader, chat: Chat, key: TotpKey) -> World:
    world = world_of(database, clock, trader, chat, permissions=RESUME_BY_CODE, totp_key=key)
    chat.connect(world.desk.gateway.receive)
    return world


@pytest.fixture
def ada(world: World) -> Someone:
    return Someone(world, ADA)


@pytest.fixture
def bob(world: World) -> Someone:
    return Someone(world, BOB)


async def waits(bob: Someone) -> Shown:
    """Bob has paused, and asked to go on: that waits for a code."""
    bob.world.bot.scopes.add("entry")
    bob.world.bot.publish()
    assert "code 123456" in await bob.says("/resume entry")
    return bob.shown[-1]


# ------------------------------------------------------------------------ enrolling


@near_alone
async def test_the_picture_comes_directly_and_goes_when_the_first_code_has_come(bob: Someone) -> None:
    assert "first code" in await bob.says("/totp")
    card = bob.shown[-2]
    assert card.message.title == "Scan this with your authenticator app"
    await bob.scan()
    said = f"otpauth://totp/Quarterdeck%20main:bob?secret={bob.secret}&issuer=Quarterdeck%20main"
    assert card.file is not None
    assert card.file.content == qr(said, "totp.png").content
    assert "Enrolled" in await bob.says(f"/code {bob.code}")
    assert card.id not in [shown.id for shown in bob.shown]
    assert not [shown for shown in bob.shown if bob.secret[:4] in shown.text]


@near_alone
async def test_six_digits_alone_are_a_code(bob: Someone) -> None:
    await bob.says("/totp")
    await bob.scan()
    assert "Enrolled" in await bob.says(f"{bob.code[:3]} {bob.code[3:]}")


@near_alone
async def test_in_a_group_nothing_secret_is_said(bob: Someone) -> None:
    said = await bob.says("/totp", bob.world.chat.room)
    assert said.startswith("Write to me directly")
    assert bob.shown == []
    assert len(bob.world.chat.in_room(bob.world.chat.room)) == 1


@near_alone
async def test_the_first_code_is_not_taken_in_a_group(bob: Someone) -> None:
    await bob.says("/totp")
    await bob.scan()
    assert "directly" in await bob.says(f"/code {bob.code}", bob.world.chat.room)
    assert "Enrolled" in await bob.says(f"/code {bob.code}")


@near_alone
async def test_another_picture_takes_the_place_of_the_first(bob: Someone) -> None:
    await bob.says("/totp")
    first = bob.shown[-2]
    await bob.scan()
    old = bob.code
    await bob.says("/totp")
    assert first.id not in [shown.id for shown in bob.shown]
    assert "wrong" in await bob.says(f"/code {old}")
    await bob.scan()
    assert "Enrolled" in await bob.says(f"/code {bob.code}")


@near_alone
async def test_recovery_codes_are_shown_once_and_taken_away_when_they_are_saved(bob: Someone) -> None:
    await bob.enrol()
    assert len(set(bob.recovery_codes)) == 10
    await bob.world.chat.press(BOB, "Saved: take them away", room=bob.room)
    assert not [shown for shown in bob.shown if bob.recovery_codes[0] in shown.text]


@near_alone
@on_memory
async def test_a_message_with_a_secret_that_cannot_go_at_once_does_not_go_later(bob: Someone, chat: Chat) -> None:
    assert isinstance(chat, MemoryAdapter)
    async with bob.world.desk.outbox.open():
        chat.broken = SendError("away", Fault.BACKOFF)
        await chat.say(BOB, "/totp", room=bob.room)
        chat.broken = None
        await bob.world.in_time(lambda: bool(bob.shown))
    assert [shown.message.title for shown in bob.shown] == [
        "I could not show it to you just now. Say /totp again in a moment."
    ]
    await bob.enrol()


# ------------------------------------------------------------------------ proving


async def test_what_needs_a_code_waits_for_it_and_is_done_when_it_comes(bob: Someone) -> None:
    await bob.enrol()
    question = await waits(bob)
    assert "Confirm" not in question.labels
    await bob.says(f"/code {bob.code}")
    assert bob.world.bot.scopes == set()
    assert "Resumed entry" in next(shown for shown in bob.shown if shown.id == question.id).text


async def test_a_code_may_come_from_another_room_than_the_question(bob: Someone) -> None:
    await bob.enrol()
    bob.world.bot.scopes.add("entry")
    bob.world.bot.publish()
    await bob.says("/resume entry", bob.world.chat.room)
    await bob.says(bob.code)
    assert bob.world.bot.scopes == set()


async def test_who_has_no_codes_is_told_how_to_get_some(bob: Someone) -> None:
    bob.world.bot.scopes.add("entry")
    bob.world.bot.publish()
    assert "totp sets it up" in await bob.says("/resume entry")
    assert "You have no codes yet." in await bob.says("/code 123456")
    assert bob.world.bot.scopes == {"entry"}


async def test_a_code_works_once(bob: Someone) -> None:
    await bob.enrol()
    code = bob.code
    await waits(bob)
    await bob.says(f"/code {code}")
    await waits(bob)
    assert "used before" in await bob.says(f"/code {code}")
    assert bob.world.bot.scopes == {"entry"}


async def test_a_code_works_once_also_over_a_restart(bob: Someone, key: TotpKey) -> None:
    before = bob.world
    await bob.enrol()
    code = bob.code
    await waits(bob)
    await bob.says(f"/code {code}")
    bob.world = opened(before.database, before.clock, before.bot, before.chat, TotpKey(key.path))
    await waits(bob)
    assert "used before" in await bob.says(f"/code {code}")
    bob.next_code()
    await bob.says(f"/code {bob.code}")
    assert bob.world.bot.scopes == set()


async def test_a_code_for_nothing_is_not_used_up(bob: Someone) -> None:
    await bob.enrol()
    assert "Nothing of yours waits" in await bob.says(f"/code {bob.code}")
    await waits(bob)
    await bob.says(f"/code {bob.code}")
    assert bob.world.bot.scopes == set()


async def test_a_code_of_another_confirms_nothing_of_mine(ada: Someone, bob: Someone) -> None:
    await ada.enrol()
    await bob.enrol()
    await waits(bob)
    assert "Nothing of yours waits" in await ada.says(f"/code {ada.code}")
    assert "wrong" in await bob.says(f"/code {ada.code}")
    assert bob.world.bot.scopes == {"entry"}


async def test_a_code_that_comes_too_late_does_nothing(bob: Someone) -> None:
    await bob.enrol()
    await waits(bob)
    bob.world.clock.pass_by(seconds=61)
    await bob.says(f"/code {bob.code}")
    assert bob.world.bot.scopes == {"entry"}


async def test_a_recovery_code_works_once_in_place_of_a_code(bob: Someone) -> None:
    await bob.enrol()
    await waits(bob)
    assert "Recovery codes left: 9." in await bob.says(f"/code {bob.recovery_codes[0].upper()}")
    assert bob.world.bot.scopes == set()
    await waits(bob)
    assert "wrong" in await bob.says(f"/code {bob.recovery_codes[0]}")
    await bob.says(f"/code {bob.recovery_codes[1]}")
    assert bob.world.bot.scopes == set()


# ------------------------------------------------------------------------ guessing


async def test_five_wrong_codes_are_answered_then_there_is_silence_for_five_minutes(ada: Someone, bob: Someone) -> None:
    world = bob.world
    await ada.says("/prefs zone Asia/Tokyo")
    await bob.enrol()
    await waits(bob)
    async with world.desk.outbox.open():
        for _ in range(4):
            assert "wrong" in await bob.says(f"/code {bob.wrong}")
        locked = await bob.says(f"/code {bob.wrong}")
        assert locked == "Too many wrong codes. I take none from you before 12:05:30 UTC, right or wrong."
        await world.until(lambda: len(ada.shown) > 1)
        count = len(bob.shown)
        for said in (bob.wrong, bob.code, bob.recovery_codes[0]):
            await bob.says(f"/code {said}")
        assert len(bob.shown) == count
        assert world.bot.scopes == {"entry"}
        world.clock.pass_by(minutes=5)
        await waits(bob)
        await bob.says(f"/code {bob.code}")
    assert world.bot.scopes == set()
    _, told = ada.shown
    assert told.message.title == f"⚠ Too many wrong codes from bob on {world.chat.platform}"
    assert "21:00:30 JST" in told.text
    assert "21:05:30" in told.text


@near_alone
async def test_what_was_not_heard_is_on_record_as_denied(bob: Someone) -> None:
    await bob.enrol()
    await waits(bob)
    for _ in range(7):
        await bob.says(f"/code {bob.wrong}")
    tries = [row for row in await bob.world.log() if row["word"] == "code"][1:]
    assert [row["state"] for row in tries] == ["denied"] * 7
    assert all(row["arguments"] == {} for row in tries)
    why = await bob.world.database.fetch(
        "SELECT data ->> 'reason' AS reason FROM command_events WHERE step = 'denied' ORDER BY seq"
    )
    assert [row["reason"] for row in why] == [
        *["a wrong code"] * 4,
        "too many wrong codes",
        *["a code after too many wrong ones"] * 2,
    ]


# ------------------------------------------------------------------------ ending


@near_alone
async def test_turning_it_off_needs_a_code(bob: Someone) -> None:
    await bob.enrol()
    await bob.says("/totp off")
    question = bob.shown[-1]
    assert "Confirm" not in question.labels
    assert "wrong" in await bob.says(f"/code {bob.wrong}")
    await bob.says(f"/code {bob.code}")
    assert "off" in next(shown for shown in bob.shown if shown.id == question.id).text
    assert "no codes" in await bob.says(f"/code {bob.code}")


@near_alone
async def test_a_new_one_needs_a_code_of_the_old_one(bob: Someone) -> None:
    await bob.enrol()
    old = bob.secret
    await bob.says("/totp")
    await bob.world.chat.press(BOB, "Make a new one", room=bob.room)
    await bob.says(f"/code {bob.recovery_codes[0]}")
    await bob.scan()
    assert bob.secret != old
    assert "Enrolled" in await bob.says(f"/code {bob.code}")


@near_alone
async def test_an_admin_turns_it_off_for_who_has_lost_the_phone(ada: Someone, bob: Someone) -> None:
    await bob.enrol()
    await ada.says("/totp bob off")
    await ada.world.chat.press(ADA, "Confirm", room=ada.room)
    assert "The codes of bob are off" in ada.shown[-1].text
    assert "no codes" in await bob.says(f"/code {bob.code}")


async def test_an_admin_turns_off_their_own_with_a_code_alone(ada: Someone) -> None:
    await ada.enrol()
    assert "That is you" in await ada.says("/totp ADA off")
    assert ada.shown[-1].labels == ["Turn it off"]
    await waits(ada)
    await ada.says(f"/code {ada.code}")
    assert ada.world.bot.scopes == set()


async def test_nobody_else_turns_off_the_codes_of_another(ada: Someone, bob: Someone) -> None:
    await ada.enrol()
    assert "for admins" in await bob.says("/totp ada off")
    await waits(ada)
    await ada.says(f"/code {ada.code}")
    assert ada.world.bot.scopes == set()


# ------------------------------------------------------------------------ on record


async def test_no_table_and_no_log_has_a_seed_or_a_code(
    ada: Someone, bob: Someone, key: TotpKey, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await bob.says("/totp")
    card = bob.shown[-2]
    await bob.scan()
    first = bob.code
    # What a platform hands over may quote the message with the seed.
    await bob.world.chat.say(BOB, f"/code {first}", room=bob.room, reply_to=card.id)
    bob.recovery_codes = [line for line in bob.shown[-2].text.splitlines() if line.count("-") == 2]
    bob.next_code()
    await waits(bob)
    wrong, right, in_group = bob.wrong, bob.code, bob.recovery_codes[2]
    await bob.says(f"/code {wrong}")
    await bob.says(f"/cod {right}")
    await bob.says(f"/totp {right}")
    await bob.says(right)
    await waits(bob)
    await bob.says(f"/code {bob.recovery_codes[0].upper()}")
    await bob.says(f"/code {in_group}", bob.world.chat.room)
    await bob.says(bob.recovery_codes[1])
    await bob.world.chat.say("666", f"/code {right}", room=bob.world.chat.room)
    made = key.read()
    assert made is not None
    fours = " ".join(bob.secret[at : at + 4] for at in range(0, 32, 4))
    canaries = [bob.secret, fours, first, wrong, right, *bob.recovery_codes, made.decode()]
    canaries += [code.upper() for code in bob.recovery_codes] + [code.replace("-", "") for code in bob.recovery_codes]
    stored = await whole(database)
    assert "bob" in stored
    everything = "\n".join([stored, *(record.getMessage() for record in caplog.records)])
    # Six digits may stand by chance in bytes, ids, digests and fractions of a second, which are no text of anybody's.
    texts = re.sub(r"\\+x[0-9a-f]+|[0-9a-f]{8}(?:-[0-9a-f]{4,12}){4}|\b[0-9a-f]{32,}\b|:\d\d\.\d+", "", everything)
    told = [one for one in canaries if one in (texts if one.isdecimal() else everything)]
    assert told == []


async def whole(database: Database) -> str:
    """Every row of every table, as text."""
    tables = await database.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    rows = [row[0] for table in tables for row in await database.fetch(f'SELECT t::text FROM "{table[0]}" AS t')]
    return "\n".join(rows)
