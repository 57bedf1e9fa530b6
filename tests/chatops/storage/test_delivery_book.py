"""People look into what is owed, and have sent again what did not arrive."""

import asyncio
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest

from chatops.messages import Room
from chatops.owed import Kind, Lane, State
from chatops.storage.database import Database
from chatops.storage.delivery_book import Counted, DeliveryBook, Which
from chatops.storage.errors import CannotRetry
from tests.chatops.deliveries import owe

ALL = Which()


@pytest.fixture
def book(database: Database) -> DeliveryBook:
    return DeliveryBook(database)


async def row_of(database: Database, delivery: UUID) -> asyncpg.Record:
    row = await database.fetchrow("SELECT * FROM deliveries WHERE id = $1", delivery)
    assert row is not None
    return row


async def test_the_newest_are_listed_first_as_people_know_them(book: DeliveryBook, database: Database) -> None:
    await owe(database, "old", age=timedelta(hours=2), state=State.SENT)
    await owe(database, "", room="-100200/7", age=timedelta(hours=1), state=State.DEAD, reason="blocked", attempts=3)
    await owe(database, "new", kind=Kind.REPORT)
    listed = await book.newest(ALL, 10)
    assert [one.title for one in listed] == ["new", "The rest.", "old"]
    dead = listed[1]
    assert (dead.kind, dead.room, dead.state, dead.attempts, dead.reason) == (
        Kind.ALERT,
        Room("telegram", "-100200", "7"),
        State.DEAD,
        3,
        "blocked",
    )
    assert [one.title for one in await book.newest(ALL, 1)] == ["new"]


async def test_they_are_chosen_by_rooms_kind_and_state(book: DeliveryBook, database: Database) -> None:
    await owe(database, "here", room="1")
    await owe(database, "there", room="2", kind=Kind.ANSWER)
    await owe(database, "elsewhere", room="1", platform="slack", state=State.SENT)
    here = (Room("telegram", "1"),)
    assert [one.title for one in await book.newest(Which(here), 10)] == ["here"]
    assert [one.title for one in await book.newest(Which((*here, Room("slack", "1"))), 10)] == ["elsewhere", "here"]
    assert [one.title for one in await book.newest(Which(kind=Kind.ANSWER), 10)] == ["there"]
    assert [one.title for one in await book.newest(Which(state=State.SENT), 10)] == ["elsewhere"]
    assert await book.newest(Which(here, Kind.ANSWER), 10) == ()
    assert await book.rooms() == (Room("slack", "1"), Room("telegram", "2"), Room("telegram", "1"))


async def test_they_are_counted_by_state_and_what_waits_says_for_how_long(
    book: DeliveryBook, database: Database
) -> None:
    assert await book.counted(ALL) == Counted({}, None)
    await owe(database, state=State.SENT, age=timedelta(days=3))
    assert await book.counted(ALL) == Counted({State.SENT: 1}, None)
    await owe(database, state=State.PENDING, age=timedelta(minutes=1))
    await owe(database, state=State.SENDING, age=timedelta(minutes=5))
    await owe(database, state=State.PENDING, room="2")
    counted = await book.counted(ALL)
    assert counted.states == {State.PENDING: 2, State.SENDING: 1, State.SENT: 1}
    assert counted.oldest is not None
    assert timedelta(minutes=5) <= counted.oldest < timedelta(minutes=6)
    assert (await book.counted(Which((Room("telegram", "2"),)))).states == {State.PENDING: 1}


async def test_what_waits_is_told_by_platform_lane_and_state(book: DeliveryBook, database: Database) -> None:
    assert await book.waiting() == ()
    await owe(database, lane=Lane.EMERGENCY, age=timedelta(seconds=90))
    await owe(database, lane=Lane.EMERGENCY)
    await owe(database, platform="slack", state=State.SENDING)
    for over in (State.SENT, State.FOLDED, State.AMBIGUOUS, State.DEAD):
        await owe(database, state=over, age=timedelta(days=1))
    slack, telegram = sorted(await book.waiting(), key=lambda one: one.platform)
    assert (slack.platform, slack.lane, slack.state, slack.count) == ("slack", Lane.INFO, State.SENDING, 1)
    assert (telegram.lane, telegram.state, telegram.count) == (Lane.EMERGENCY, State.PENDING, 2)
    assert 90 <= telegram.oldest_s < 150


async def test_a_moment_ahead_of_the_database_makes_nothing_younger_than_now(
    book: DeliveryBook, database: Database
) -> None:
    await owe(database, age=timedelta(seconds=-30))
    (waiting,) = await book.waiting()
    assert waiting.oldest_s == 0


@pytest.mark.parametrize(("state", "repeats"), [(State.DEAD, False), (State.AMBIGUOUS, True)])
async def test_what_did_not_arrive_goes_again_in_its_old_place_and_wakes_the_desk(
    book: DeliveryBook, database: Database, state: State, repeats: bool
) -> None:
    delivery = await owe(database, state=state, reason="no answer", attempts=2)
    before = await row_of(database, delivery)
    heard: asyncio.Queue[object] = asyncio.Queue()

    def hear(*said: object) -> None:
        heard.put_nowait(said[-1])

    async with database.acquire() as connection:
        await connection.add_listener("deliveries", hear)
        assert (await book.retry(str(delivery))).state is state
        async with asyncio.timeout(5):
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
        (State.FOLDED, "stands for it"),
    ],
)
async def test_anything_else_is_refused_with_what_it_is(
    book: DeliveryBook, database: Database, state: State, why: str
) -> None:
    delivery = await owe(database, state=state, reason="so it is")
    with pytest.raises(CannotRetry, match=rf"{delivery} is {state} \(so it is\): .*{why}"):
        await book.retry(str(delivery))
    assert (await row_of(database, delivery))["state"] == state


async def test_twice_at_once_it_goes_again_once(book: DeliveryBook, database: Database) -> None:
    delivery = await owe(database, state=State.DEAD)
    await book.retry(str(delivery))
    with pytest.raises(CannotRetry, match=r"is pending \(asked again by hand\)"):
        await book.retry(str(delivery))


async def test_an_old_state_of_a_card_does_not_hide_a_newer_one(book: DeliveryBook, database: Database) -> None:
    old = await owe(database, card="alert 7", in_place=True, state=State.DEAD)
    alone = await owe(database, card="alert 8", in_place=True, state=State.DEAD)
    message = await owe(database, card="alert 7", state=State.AMBIGUOUS)
    await owe(database, card="alert 7", in_place=True, state=State.SENT)
    with pytest.raises(CannotRetry, match="a newer state of its card"):
        await book.retry(str(old))
    assert (await book.retry(str(alone))).id == alone
    assert (await book.retry(str(message))).id == message


async def test_what_was_owed_to_a_group_that_moved_goes_where_it_is_now(book: DeliveryBook, database: Database) -> None:
    await database.execute("INSERT INTO moved_chats (platform, old, new) VALUES ('telegram', '-7', '-1007')")
    delivery = await owe(database, room="-7/3", state=State.DEAD)
    await book.retry(str(delivery))
    assert (await row_of(database, delivery))["room"] == "-1007/3"
    assert await book.moved(Room("telegram", "-7")) == Room("telegram", "-1007")
    assert await book.moved(Room("telegram", "-8")) == Room("telegram", "-8")


async def test_an_id_is_known_by_either_end(book: DeliveryBook, database: Database) -> None:
    first = await owe(database, state=State.DEAD, id_=UUID("01900000-aaaa-7000-8000-000000000001"))
    second = await owe(database, state=State.DEAD, id_=UUID("01900000-bbbb-7000-8000-000000000002"))
    with pytest.raises(CannotRetry, match=f"01900000 may mean several: {first}, {second}. Give more of it"):
        await book.retry("01900000")
    assert (await book.retry("01900000-AAAA")).id == first
    with pytest.raises(CannotRetry, match="is pending"):
        await book.retry("7000-8000-000000000001")
    assert (await book.retry(" 000000000002 ")).id == second


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
async def test_what_is_no_id_of_any_is_told(book: DeliveryBook, typed: str, why: str) -> None:
    with pytest.raises(CannotRetry, match=why):
        await book.retry(typed)
