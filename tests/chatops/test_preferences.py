"""What rooms choose, kept in PostgreSQL."""

import pytest

from chatops.notices.kinds import USUAL, Loudness, NoticeKind
from chatops.preferences import Chosen, Preferences
from chatops.room import Room
from chatops.storage.database import Database
from chatops.storage.moving import move
from chatops.storage.preferences import PostgresPreferences

OPS, TOPIC = Room("telegram", "-100"), Room("telegram", "-100", "7")
ELSEWHERE = Room("telegram", "5")


@pytest.fixture
def store(database: Database) -> PostgresPreferences:
    return PostgresPreferences(database)


def loud(preferences: Preferences, room: Room, kind: NoticeKind) -> Loudness:
    return preferences.loudness(room, kind)


async def begun(store: PostgresPreferences, *standing: Room) -> Preferences:
    preferences = Preferences(store, dict.fromkeys(standing, USUAL))
    await preferences.load()
    return preferences


async def test_a_room_hears_what_the_settings_say_until_it_chooses(store: PostgresPreferences) -> None:
    preferences = await begun(store, OPS)
    assert loud(preferences, OPS, NoticeKind.FUNDING) is Loudness.SILENT
    assert loud(preferences, ELSEWHERE, NoticeKind.FUNDING) is Loudness.OFF
    await preferences.set_loudness(OPS, {NoticeKind.FUNDING: Loudness.OFF}, "ada")
    assert loud(preferences, OPS, NoticeKind.FUNDING) is Loudness.OFF
    assert loud(preferences, OPS, NoticeKind.OPENED) is Loudness.ON


async def test_what_a_room_chose_outlives_a_restart(store: PostgresPreferences) -> None:
    preferences = await begun(store)
    await preferences.set_loudness(TOPIC, {NoticeKind.MODE: Loudness.ON, NoticeKind.AWAY: Loudness.OFF}, "ada")
    await preferences.set_loudness(TOPIC, {NoticeKind.MODE: Loudness.SILENT}, "bob")
    again = await begun(store, OPS)
    assert again.told_of(NoticeKind.MODE) == ((OPS, Loudness.ON), (TOPIC, Loudness.SILENT))
    assert again.told_of(NoticeKind.AWAY) == ((OPS, Loudness.ON),)


async def test_who_changed_it_is_on_record(store: PostgresPreferences, database: Database) -> None:
    preferences = await begun(store)
    await preferences.set_loudness(TOPIC, {NoticeKind.MODE: Loudness.ON}, "ada")
    await preferences.set_loudness(TOPIC, {NoticeKind.MODE: Loudness.OFF}, "bob")
    (row,) = await database.fetch("SELECT platform, room, key, value, changed_by FROM room_preferences")
    assert tuple(row) == ("telegram", "-100/7", "notice:mode", "off", "bob")


async def test_a_choice_can_be_any_json_and_be_forgotten(store: PostgresPreferences) -> None:
    preferences = await begun(store)
    await preferences.choose(OPS, "pin", {"message_id": None}, "ada")
    assert (await begun(store)).choices("pin") == {OPS: {"message_id": None}}
    await preferences.forget(OPS, "pin")
    assert preferences.choices("pin") == {}
    assert (await begun(store)).choices("pin") == {}


@pytest.mark.parametrize("strange", ["loud", 3, ["on"], {"a": 1}])
async def test_what_another_version_stored_counts_as_not_chosen(store: PostgresPreferences, strange: object) -> None:
    await store.keep([Chosen(OPS, "notice:opened", strange)], "ada")
    assert loud(await begun(store, OPS), OPS, NoticeKind.OPENED) is Loudness.ON


async def test_a_chat_that_moved_keeps_what_it_chose_and_hears_it_once(
    store: PostgresPreferences, database: Database
) -> None:
    preferences = await begun(store, OPS)
    await preferences.set_loudness(OPS, {NoticeKind.OPENED: Loudness.SILENT}, "ada")
    await preferences.set_loudness(TOPIC, {NoticeKind.OPENED: Loudness.OFF}, "ada")
    await database.execute("INSERT INTO moved_chats (platform, old, new) VALUES ('telegram', '-100', '-100200')")
    await preferences.load()
    there = Room("telegram", "-100200")
    assert preferences.told_of(NoticeKind.OPENED) == ((there, Loudness.SILENT),)
    assert preferences.told_of(NoticeKind.CLOSED) == ((there, Loudness.ON),)
    await preferences.set_loudness(there, {NoticeKind.OPENED: Loudness.ON}, "bob")
    # What is chosen there goes before what was chosen when it had its old id.
    assert (await begun(store, OPS)).loudness(there, NoticeKind.OPENED) is Loudness.ON
    await preferences.forget(there, "notice:opened")
    assert (await begun(store)).told_of(NoticeKind.OPENED) == ()


async def test_what_a_room_chose_goes_with_it_to_its_new_id_at_once(
    store: PostgresPreferences, database: Database
) -> None:
    preferences = await begun(store, OPS)
    await preferences.set_loudness(TOPIC, {NoticeKind.MODE: Loudness.ON}, "ada")
    async with database.transaction() as connection:
        await move(connection, "telegram", "-100", "-200")
    preferences.moved("telegram", "-100", "-200")
    new, topic = Room("telegram", "-200"), Room("telegram", "-200", "7")
    assert preferences.told_of(NoticeKind.OPENED) == ((new, Loudness.ON),)
    assert loud(preferences, topic, NoticeKind.MODE) is loud(preferences, TOPIC, NoticeKind.MODE) is Loudness.ON
    # Who speaks of it by its old id means the same room.
    await preferences.set_loudness(new, {NoticeKind.OPENED: Loudness.SILENT}, "ada")
    await preferences.set_loudness(OPS, {NoticeKind.OPENED: Loudness.OFF}, "ada")
    assert loud(preferences, new, NoticeKind.OPENED) is Loudness.OFF
    await preferences.choose(TOPIC, "pin", {"by": "ada"}, "ada")
    await preferences.forget(TOPIC, "pin")
    again = await begun(store, OPS)
    assert again.told_of(NoticeKind.MODE) == preferences.told_of(NoticeKind.MODE)
    assert loud(again, new, NoticeKind.OPENED) is Loudness.OFF
    assert again.choices("pin") == {}


async def test_a_chat_may_move_on_and_come_back(store: PostgresPreferences) -> None:
    preferences = await begun(store, OPS)
    for old, new in (("-100", "-200"), ("-200", "-200"), ("-200", "-300"), ("-300", "-100")):
        preferences.moved("telegram", old, new)
    assert preferences.told_of(NoticeKind.OPENED) == ((OPS, Loudness.ON),)
