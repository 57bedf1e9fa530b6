"""People look into what is owed, and have sent again what did not arrive."""

import asyncio
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest

from chatops.owed import Kind, Lane, State
from chatops.room import Room
from chatops.storage.database import Database
from chatops.storage.delivery_facts import Counts, Which
from chatops.storage.delivery_search import DeliverySearch
from chatops.storage.errors import CannotFind, CannotRetry
from tests.chatops.deliveries import owe

ALL = Which()


@pytest.fixture
def search(database: Database) -> DeliverySearch:
    return DeliverySearch(database)


async def row_of(database: Database, delivery: UUID) -> asyncpg.Record:
    row = await database.fetchrow("SELECT * FROM deliveries WHERE id = $1", delivery)
    assert row is not None
    return row


async def test_the_newest_are_listed_first_as_people_know_them(search: DeliverySearch, database: Database) -> None:
    await owe(database, "old", age=timedelta(hours=2), state=State.SENT)
    await owe(database, "", room="-100200/7", age=timedelta(hours=1), state=State.DEAD, reason="blocked", attempts=3)
    await owe(database, "new", kind=Kind.REPORT)
    listed = await search.newest(ALL, 10)
    assert [one.title for one in listed] == ["new", "The rest.", "old"]
    dead = listed[1]
    assert (dead.kind, dead.room, dead.state, dead.attempts, dead.reason) == (
        Kind.ALERT,
        Room("telegram", "-100200", "7"),
        State.DEAD,
        3,
        "blocked",
    )
    assert [one.title for one in await search.newest(ALL, 1)] == ["new"]


async def test_they_are_chosen_by_rooms_kind_and_state(search: DeliverySearch, database: Database) -> None:
    await owe(database, "here", room="1")
    await owe(database, "there", room="2", kind=Kind.ANSWER)
    await owe(database, "elsewhere", room="1", platform="slack", state=State.SENT)
    here = (Room("telegram", "1"),)
    assert [one.title for one in await search.newest(Which(here), 10)] == ["here"]
    assert [one.title for one in await search.newest(Which((*here, Room("slack", "1"))), 10)] == ["elsewhere", "here"]
    assert [one.title for one in await search.newest(Which(kind=Kind.ANSWER), 10)] == ["there"]
    assert [one.title for one in await search.newest(Which(state=State.SENT), 10)] == ["elsewhere"]
    assert await search.newest(Which(here, Kind.ANSWER), 10) == ()
    assert await search.rooms() == (Room("slack", "1"), Room("telegram", "2"), Room("telegram", "1"))


async def test_they_are_counted_by_state_and_what_waits_says_for_how_long(
    search: DeliverySearch, database: Database
) -> None:
    assert await search.counted(ALL) == Counts({}, None)
    await owe(database, state=State.SENT, age=timedelta(days=3))
    assert await search.counted(ALL) == Counts({State.SENT: 1}, None)
    await owe(database, state=State.PENDING, age=timedelta(minutes=1))
    await owe(database, state=State.SENDING, age=timedelta(minutes=5))
    await owe(database, state=State.PENDING, room="2")
    counted = await search.counted(ALL)
    assert counted.states == {State.PENDING: 2, State.SENDING: 1, State.SENT: 1}
    assert counted.oldest is not None
    assert timedelta(minutes=5) <= counted.oldest < timedelta(minutes=6)
    assert (await search.counted(Which((Room("telegram", "2"),)))).states == {State.PENDING: 1}


async def test_what_waits_is_told_by_platform_lane_and_state(search: DeliverySearch, database: Database) -> None:
    assert await search.waiting() == ()
    await owe(database, lane=Lane.EMERGENCY, age=timedelta(seconds=90))
    await owe(database, lane=Lane.EMERGENCY)
    await owe(database, platform="slack", state=State.SENDING)
    for over in (State.SENT, State.FOLDED, State.AMBIGUOUS, State.DEAD):
        await owe(database, state=over, age=timedelta(days=1))
    slack, telegram = sorted(await search.waiting(), key=lambda one: one.platform)
    assert (slack.platform, slack.lane, slack.state, slack.count) == ("slack", Lane.INFO, State.SENDING, 1)
    assert (telegram.lane, telegram.state, telegram.count) == (Lane.EMERGENCY, State.PENDING, 2)
    assert 90 <= telegram.oldest_s < 150


async def test_a_moment_ahead_of_the_database_makes_nothing_younger_than_now(
    search: DeliverySearch, database: Database
) -> None:
    await owe(database, age=timedelta(seconds=-30))
    (waiting,) = await search.waiting()
    assert waiting.oldest_s == 0


@pytest.mark.parametrize(("state", "repeats"), [(State.DEAD, False), (State.AMBIGUOUS, True)])
async def test_what_did_not_arrive_goes_again_in_its_old_place_and_wakes_the_desk(
    search: DeliverySearch, database: Database, state: State, repeats: bool
) -> None:
    delivery = await owe(database, state=state, reason="no answer", attempts=2)
    before = await row_of(database, delivery)
    heard: asyncio.Queue[object] = asyncio.Queue()

    def hear(*said: object) -> None:
        heard.put_nowait(said[-1])

    async with database.acquire() as connection:
        await connection.add_listener("deliveries", hear)
        assert (await search.retry(str(delivery))).state is state
        async with asyncio.timeout(30):
            assert await heard.get() == "telegram"
        await connection.remove_listener("deliveries", hear)
    after = await row_of(database, delivery)
    assert (after["state"], after["reason"], after["attempts"]) == ("pending", "asked again by hand", 2)
    assert (after["repeat"], after["seq"]) == (repeats, before["seq"])


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (State.PENDING, "goes out by itself"),
        (State.SENDING, "goes out by itself"),
        (State.SENT, "has arrived"),
        (State.FOLDED, "a newer message says it"),
    ],
)
async def test_anything_else_is_refused_with_what_it_is(
    search: DeliverySearch, database: Database, state: State, why: str
) -> None:
    delivery = await owe(database, state=state, reason="so it is")
    with pytest.raises(CannotRetry, match=rf"{delivery} is {state} \(so it is\): .*{why}"):
        await search.retry(str(delivery))
    assert (await row_of(database, delivery))["state"] == state


async def test_twice_at_once_it_goes_again_once(search: DeliverySearch, database: Database) -> None:
    delivery = await owe(database, state=State.DEAD)
    await search.retry(str(delivery))
    with pytest.raises(CannotRetry, match=r"is pending \(asked again by hand\)"):
        await search.retry(str(delivery))


async def test_an_old_state_of_a_card_does_not_hide_a_newer_one(search: DeliverySearch, database: Database) -> None:
    old = await owe(database, card="alert 7", in_place=True, state=State.DEAD)
    alone = await owe(database, card="alert 8", in_place=True, state=State.DEAD)
    message = await owe(database, card="alert 7", state=State.AMBIGUOUS)
    await owe(database, card="alert 7", in_place=True, state=State.SENT)
    with pytest.raises(CannotRetry, match="a newer state of its card"):
        await search.retry(str(old))
    assert (await search.retry(str(alone))).id == alone
    assert (await search.retry(str(message))).id == message


async def test_what_was_owed_to_a_group_that_moved_goes_where_it_is_now(
    search: DeliverySearch, database: Database
) -> None:
    await database.execute("INSERT INTO moved_chats (platform, old, new) VALUES ('telegram', '-7', '-1007')")
    delivery = await owe(database, room="-7/3", state=State.DEAD)
    await search.retry(str(delivery))
    assert (await row_of(database, delivery))["room"] == "-1007/3"
    assert await search.moved(Room("telegram", "-7")) == Room("telegram", "-1007")
    assert await search.moved(Room("telegram", "-8")) == Room("telegram", "-8")


async def test_an_id_is_known_by_either_end(search: DeliverySearch, database: Database) -> None:
    first = await owe(database, state=State.DEAD, id_=UUID("01900000-aaaa-7000-8000-000000000001"))
    second = await owe(database, state=State.DEAD, id_=UUID("01900000-bbbb-7000-8000-000000000002"))
    with pytest.raises(CannotFind, match=f"01900000 may mean several: {first}, {second}. Give more of it"):
        await search.retry("01900000")
    assert (await search.retry("01900000-AAAA")).id == first
    with pytest.raises(CannotRetry, match="is pending"):
        await search.retry("7000-8000-000000000001")
    assert (await search.retry(" 000000000002 ")).id == second


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("0190000", "is no id of a delivery"),
        ("", "is no id of a delivery"),
        ("SOL-1 closed", "is no id of a delivery"),
        ("0" * 33, "is no id of a delivery"),
        ("01900000", "No delivery has the id 01900000"),
        ("01900000-aaaa-7000-8000-000000000001", "No delivery has the id"),
    ],
)
async def test_what_is_no_id_of_any_is_told(search: DeliverySearch, typed: str, why: str) -> None:
    with pytest.raises(CannotFind, match=why):
        await search.retry(typed)


async def test_what_a_card_said_before_is_left_out_unless_it_is_asked_for(
    search: DeliverySearch, database: Database
) -> None:
    for minutes, state in ((9, State.SENT), (8, State.FOLDED), (7, State.SENT), (6, State.DEAD), (5, State.SENT)):
        age = timedelta(minutes=minutes)
        sent = await owe(database, f"{minutes}", state=state, age=age, card="status", in_place=True)
        await database.execute("UPDATE deliveries SET sent_at = created_at WHERE id = $1 AND state = 'sent'", sent)
    # Each of these is a message of its own.
    await owe(database, "opened", state=State.SENT, age=timedelta(hours=1), card="sol")
    await owe(database, "closed", state=State.SENT, card="sol")
    listed = await search.newest(ALL, 10)
    assert [one.title for one in listed] == ["closed", "5", "6", "opened"]
    assert await search.counted(ALL) == Counts({State.SENT: 3, State.DEAD: 1}, None, 3)
    everything = Which(former=True)
    assert len(await search.newest(everything, 10)) == 7
    assert await search.counted(everything) == Counts({State.SENT: 5, State.FOLDED: 1, State.DEAD: 1}, None)


async def test_a_state_that_a_newer_one_overtook_before_it_went_out_is_a_former_one(
    search: DeliverySearch, database: Database
) -> None:
    old = await owe(database, "old", state=State.FOLDED, card="status", in_place=True)
    new = await owe(database, "new", card="status", in_place=True)
    await database.execute("UPDATE deliveries SET folded_into = $2 WHERE id = $1", old, new)
    assert [one.title for one in await search.newest(ALL, 10)] == ["new"]


@pytest.mark.parametrize("state", [State.DEAD, State.AMBIGUOUS])
async def test_what_is_urgent_and_was_given_up_is_counted_by_when_that_was(
    search: DeliverySearch, database: Database, state: State
) -> None:
    lately = timedelta(hours=1)
    old = await owe(database, lane=Lane.EMERGENCY, age=timedelta(hours=5))
    await owe(database, lane=Lane.CRITICAL, state=State.SENT)
    await owe(database, lane=Lane.WARNING, state=state)
    assert await search.lost(lately) == 0
    await database.execute("UPDATE deliveries SET state = $2 WHERE id = $1", old, state)
    assert await search.lost(lately) == 1
    await database.execute("UPDATE deliveries SET ended_at = now() - interval '61 minutes' WHERE id = $1", old)
    assert await search.lost(lately) == 0


async def test_one_is_read_whole(search: DeliverySearch, database: Database) -> None:
    delivery = await owe(database, "SOL near liquidation", card="sol", state=State.DEAD, reason="blocked")
    await database.execute(
        "UPDATE deliveries SET file = 'abc', payload = payload || "
        """'{"keys": [[["Close", "t1"], ["Later", "t2"]]], "attachment": {"name": "a.png", "is_picture": true}}' """
        "WHERE id = $1",
        delivery,
    )
    whole = await search.whole(delivery.hex[-12:])
    assert (whole.listed.id, whole.message.text) == (delivery, "SOL near liquidation\n\nThe rest.")
    assert (whole.buttons, whole.file, whole.file_size) == ((("Close", "Later"),), "a.png", 3)
    assert whole.facts["card"] == "sol"
    # No token that a button works by.
    assert "t1" not in repr(whole)
    with pytest.raises(CannotFind, match="No delivery has the id 00000000"):
        await search.whole("00000000")


async def test_one_that_cannot_be_read_is_shown_all_the_same(search: DeliverySearch, database: Database) -> None:
    delivery = await owe(database)
    await database.execute("UPDATE deliveries SET payload = '{}' WHERE id = $1", delivery)
    assert "cannot be read" in (await search.whole(str(delivery))).message.text
