import asyncio
import random
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from alerts.severity import Severity
from chatops.asks import Close
from chatops.guard.audit import Asked, Step, StepName
from chatops.guard.presses import StoredPress
from chatops.ids import uuid7
from chatops.ledger import Entry
from chatops.messages import Attachment, Message
from chatops.owed import Kind, Lane, State
from chatops.room import Room
from chatops.storage.database import Database
from chatops.storage.deliveries import Claimed, Claims, Deliveries
from chatops.storage.ledger import PostgresLedger
from tests.chatops.storage.owing import HOUR, NOON, SECOND, owe, states, stored


class Desk:
    """One sender, at a moment that the test sets."""

    def __init__(self, database: Database) -> None:
        self.sender = uuid4()
        self.database = database
        self.deliveries = Deliveries(database, self.sender)
        self.now = NOON

    async def claims(self, limit: int = 100, **allowed: Any) -> Claims:
        return await self.deliveries.claim("telegram", now=self.now, limit=limit, **allowed)

    async def claim(self, limit: int = 100, **allowed: Any) -> list[str]:
        return titles((await self.claims(limit, **allowed)).claimed)

    async def send(self, message_id: str = "700") -> list[str]:
        """Claim what may go out, and send it."""
        claimed = (await self.claims()).claimed
        for one in claimed:
            await self.deliveries.sent(one.owed.id, message_id, self.now)
        return titles(claimed)


def titles(claimed: tuple[Claimed, ...] | list[Claimed]) -> list[str]:
    return [one.owed.posting.message.title for one in claimed]


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


@pytest.fixture
def other(database: Database) -> Desk:
    return Desk(database)


async def test_what_is_stored_goes_out_as_it_was_owed(desk: Desk) -> None:
    chart = Attachment("equity.png", b"\x89PNG\x00\xff", is_picture=True)
    owed = owe(
        "Equity",
        "-1001/7",
        kind=Kind.REPORT,
        severity=Severity.WARNING,
        card="report 1",
        hangs_on="position 2",
        ends=True,
        command_id=uuid4(),
        message=Message("Equity", silent=True, attachment=chart),
    )
    await desk.deliveries.store([owed])
    (claimed,) = (await desk.claims()).claimed
    assert claimed == Claimed(owed, attempts=1, repeat=False, reply_to=None, behind=0)


async def test_the_same_message_is_stored_once(desk: Desk, database: Database) -> None:
    owed = owe("once")
    await desk.deliveries.store([owed, owed])
    assert await desk.send() == ["once"]
    await desk.deliveries.store([owed])
    assert await states(database) == ["sent"]


async def test_a_chat_gets_one_at_a_time_in_order(desk: Desk) -> None:
    await desk.deliveries.store([owe("one"), owe("two"), owe("three", "-1001/7"), owe("elsewhere", "-1002")])
    first = await desk.claims()
    assert titles(first.claimed) == ["one", "elsewhere"]
    assert await desk.claim(busy=["-1001"]) == []
    for claimed in first.claimed:
        await desk.deliveries.sent(claimed.owed.id, "1", NOON)
    assert await desk.send() == ["two"]
    assert await desk.send() == ["three"]
    assert await desk.send() == []


async def test_an_emergency_goes_before_all_that_waits(desk: Desk) -> None:
    await desk.deliveries.store(
        [
            owe("report", kind=Kind.REPORT),
            owe("warning", severity=Severity.WARNING),
            owe("answer", kind=Kind.ANSWER),
            owe("critical", severity=Severity.CRITICAL),
            owe("emergency", severity=Severity.EMERGENCY),
        ]
    )
    sent = [await desk.send() for _ in range(5)]
    assert sent == [["emergency"], ["critical"], ["answer"], ["warning"], ["report"]]


async def test_the_most_urgent_chats_are_served_first(desk: Desk) -> None:
    await desk.deliveries.store(
        [owe("a", "1"), owe("b", "2", Severity.WARNING), owe("c", "3", Severity.EMERGENCY), owe("d", "4")]
    )
    assert await desk.claim(limit=2) == ["c", "b"]
    assert await desk.claim(limit=2, busy=["3", "2"]) == ["a", "d"]


async def test_where_room_is_short_only_what_is_urgent_goes(desk: Desk) -> None:
    await desk.deliveries.store(
        [
            owe("info", "1"),
            owe("critical", "1", Severity.CRITICAL),
            owe("info", "2"),
            owe("emergency", "3", Severity.EMERGENCY),
        ]
    )
    assert await desk.claim(urgent_only=["1", "2"]) == ["emergency", "critical"]
    await desk.deliveries.store([owe("late", "4")])
    assert await desk.claim(all_urgent_only=True, busy=["1", "3"]) == []
    assert await desk.claim(busy=["1", "3"], urgent_only=["2"]) == ["late"]


async def test_what_waits_holds_its_lane_back_and_no_other(desk: Desk) -> None:
    await desk.deliveries.store([owe("first"), owe("second"), owe("warning", severity=Severity.WARNING)])
    (warning,) = (await desk.claims()).claimed
    await desk.deliveries.sent(warning.owed.id, "1", NOON)
    (first,) = (await desk.claims()).claimed
    await desk.deliveries.wait(first.owed.id, until=NOON + 30 * SECOND, reason="connection refused")
    assert await desk.claims() == Claims((), NOON + 30 * SECOND)
    await desk.deliveries.store([owe("new", severity=Severity.WARNING)])
    assert await desk.send() == ["new"]
    desk.now = NOON + 30 * SECOND
    (again,) = (await desk.claims()).claimed
    assert (titles([again]), again.attempts, again.repeat) == (["first"], 2, False)
    await desk.deliveries.sent(again.owed.id, "2", desk.now)
    assert await desk.send() == ["second"]


async def test_a_chat_is_left_alone_as_long_as_the_platform_says(desk: Desk) -> None:
    await desk.deliveries.store([owe("held", "1"), owe("free", "2")])
    await desk.deliveries.hold("telegram", "1", NOON + 30 * SECOND)
    await desk.deliveries.hold("telegram", "1", NOON + 10 * SECOND)
    assert await desk.send() == ["free"]
    assert await desk.claims() == Claims((), NOON + 30 * SECOND)
    desk.now = NOON + 29 * SECOND
    assert await desk.claim() == []
    desk.now = NOON + 30 * SECOND
    assert await desk.claims() != Claims((), None)


async def test_the_next_moment_is_one_at_which_something_may_go(desk: Desk) -> None:
    await desk.deliveries.store([owe("one", "1"), owe("two", "2")])
    one, two = (await desk.claims()).claimed
    await desk.deliveries.wait(one.owed.id, until=NOON + 5 * SECOND, reason="later")
    await desk.deliveries.wait(two.owed.id, until=NOON + 20 * SECOND, reason="later")
    assert (await desk.claims()).next_at == NOON + 5 * SECOND
    await desk.deliveries.hold("telegram", "1", NOON + 60 * SECOND)
    assert (await desk.claims()).next_at == NOON + 20 * SECOND
    assert (await desk.claims(busy=["2"])).next_at == NOON + 60 * SECOND
    assert (await desk.claims(busy=["1", "2"])).next_at is None


async def test_a_card_is_changed_and_not_posted_again(desk: Desk, database: Database) -> None:
    await desk.deliveries.store([owe("fired", card="alert 1")])
    assert await desk.send("700") == ["fired"]
    desk.now += HOUR
    await desk.deliveries.store([owe("worse", card="alert 1", created_at=desk.now)])
    assert await desk.send("705") == ["worse"]
    desk.now += HOUR
    over = owe("over", card="alert 1", in_place=True, hangs_on="alert 1", created_at=desk.now)
    elsewhere = owe("over", "-1002", card="alert 1", in_place=True, hangs_on="alert 1", created_at=desk.now)
    await desk.deliveries.store([over, elsewhere])
    changed, new = (await desk.claims()).claimed
    assert (changed.owed.replaces, changed.reply_to) == ("705", "700")
    assert (new.owed.replaces, new.reply_to) == (None, None)


async def test_of_the_states_of_a_card_the_newest_goes_at_most_once_a_second(desk: Desk, database: Database) -> None:
    await desk.deliveries.store([owe("fired", card="alert 1"), owe("other", card="alert 2")])
    await desk.send()
    await desk.send()
    await desk.deliveries.store([owe(f"state {number}", card="alert 1", in_place=True) for number in range(3)])
    await desk.deliveries.store([owe("state 3", card="alert 1", in_place=True), owe("behind")])
    assert await states(database) == ["sent", "sent", "folded", "folded", "folded", "pending", "pending"]
    reasons = await database.fetch(
        "SELECT DISTINCT reason, folded_into IS NULL AS alone FROM deliveries WHERE state = 'folded'"
    )
    assert [tuple(row) for row in reasons] == [("overtaken by a newer state", False)]
    # It has to wait, and nothing waits for it.
    assert await desk.send() == ["behind"]
    assert await desk.claims() == Claims((), NOON + SECOND)
    desk.now += SECOND
    (last,) = (await desk.claims()).claimed
    await desk.deliveries.store([owe("state 4", card="alert 1", in_place=True)])
    desk.now += SECOND / 2
    await desk.deliveries.sent(last.owed.id, "700", desk.now)
    assert await desk.claims() == Claims((), NOON + 2.5 * SECOND)


async def test_how_many_wait_behind_it_is_told(desk: Desk) -> None:
    picture = Message("chart", attachment=Attachment("a.png", b"x", is_picture=True))
    await desk.deliveries.store(
        [
            owe("first"),
            owe("second"),
            owe("chart", message=picture),
            owe("report", kind=Kind.REPORT),
            owe("third", kind=Kind.ALERT),
            owe("warning", "-1001/7", Severity.WARNING),
            owe("elsewhere", "-1002"),
        ]
    )
    warning, elsewhere = (await desk.claims()).claimed
    assert (warning.behind, elsewhere.behind) == (0, 0)
    await desk.deliveries.sent(warning.owed.id, "1", NOON)
    (first,) = (await desk.claims(busy=["-1002"])).claimed
    assert first.behind == 2
    # What cannot be folded is not overtaken.
    assert titles(await desk.deliveries.waiting(first.owed)) == ["second"]
    assert titles(await desk.deliveries.waiting(first.owed, 1)) == ["second"]


async def test_one_message_stands_for_others_at_the_place_of_the_first(
    desk: Desk, other: Desk, database: Database
) -> None:
    messages = [owe(f"number {number}") for number in range(4)]
    await desk.deliveries.store(messages)
    (first,) = (await desk.claims()).claimed
    ids = [one.id for one in messages[:3]]
    into = owe("3 messages", card="fold")
    assert await desk.deliveries.fold(into, ids, NOON) == tuple(ids)
    assert await desk.deliveries.fold(owe("again"), [first.owed.id], NOON) == ()
    row = await stored(database, into.id)
    assert (row["state"], row["attempts"], row["claimed_by"]) == ("sending", 1, desk.sender)
    assert {(await stored(database, id_))["folded_into"] for id_ in ids} == {into.id}
    assert (await stored(database, ids[1]))["reason"] == f"a newer message says it, with others: {str(into.id)[-12:]}"
    # Tried again it goes before what was owed after the first, and until then the chat is ours.
    assert await other.claim() == []
    await desk.deliveries.wait(into.id, until=NOON, reason="connection refused")
    assert await other.send() == ["3 messages"]
    assert await other.send() == ["number 3"]


async def test_what_another_sends_is_not_folded(desk: Desk, other: Desk, database: Database) -> None:
    theirs, mine = owe("theirs"), owe("mine")
    await desk.deliveries.store([theirs, mine])
    assert await other.claim() == ["theirs"]
    assert await desk.deliveries.fold(owe("both"), [theirs.id, mine.id], NOON) == (mine.id,)
    assert (await stored(database, theirs.id))["state"] == "sending"


async def test_a_chat_that_another_sends_to_is_theirs_until_they_are_done(desk: Desk, other: Desk) -> None:
    await desk.deliveries.store([owe("one"), owe("two")])
    (one,) = (await desk.claims()).claimed
    assert await other.claims() == Claims((), NOON + timedelta(seconds=60))
    await desk.deliveries.sent(one.owed.id, "1", NOON)
    assert await other.claim() == ["two"]


async def test_an_answer_on_the_short_way_gives_nobodys_chat_back(desk: Desk, other: Desk) -> None:
    """Only what a chat was taken for gives it back."""
    answer = owe("answer", kind=Kind.ANSWER)
    await desk.deliveries.store([answer])
    await desk.send()
    await desk.deliveries.store([owe("one"), owe("two")])
    assert await desk.claim() == ["one"]
    await desk.deliveries.sent(answer.id, "5", NOON)
    assert await other.claim() == []


async def test_the_chat_of_a_sender_that_is_gone_is_free_after_a_while(desk: Desk, other: Desk) -> None:
    await desk.deliveries.store([owe("one"), owe("two")])
    assert await other.claim() == ["one"]
    desk.now += timedelta(seconds=59)
    assert await desk.claim() == []
    desk.now += SECOND
    assert await desk.claim() == ["two"]


async def test_what_is_urgent_is_claimed_as_it_is_stored_and_has_its_chat(
    desk: Desk, other: Desk, database: Database
) -> None:
    alarm, next_one = owe("alarm", severity=Severity.CRITICAL), owe("next", severity=Severity.EMERGENCY)
    claimed = await desk.deliveries.store_first(alarm, (), NOON)
    assert claimed == Claimed(alarm, attempts=1, repeat=False, reply_to=None, behind=0)
    row = await stored(database, alarm.id)
    assert (row["state"], row["attempts"], row["claimed_by"]) == ("sending", 1, desk.sender)
    assert await desk.deliveries.store_first(next_one, (), NOON) is None
    assert await other.claim() == []
    await desk.deliveries.sent(alarm.id, "7", NOON)
    assert await other.claim() == ["next"]


async def test_it_waits_behind_what_waits_in_its_chat(desk: Desk) -> None:
    await desk.deliveries.store([owe("before", severity=Severity.CRITICAL), owe("elsewhere", "2")])
    assert await desk.deliveries.store_first(owe("alarm", severity=Severity.CRITICAL), (), NOON) is None
    assert await desk.send() == ["before", "elsewhere"]
    assert await desk.send() == ["alarm"]


async def test_it_waits_where_its_chat_is_held_or_has_moved(desk: Desk, database: Database) -> None:
    await desk.deliveries.hold("telegram", "1", NOON + SECOND)
    assert await desk.deliveries.store_first(owe("held", "1", severity=Severity.CRITICAL), (), NOON) is None
    await desk.deliveries.move("telegram", "2", "-1002")
    moved = owe("moved", "2", severity=Severity.CRITICAL)
    assert await desk.deliveries.store_first(moved, (), NOON) is None
    assert (await stored(database, moved.id))["room"] == "-1002"
    assert await desk.claim() == ["moved"]
    desk.now += SECOND
    assert await desk.claim() == ["held"]


async def test_it_waits_where_it_changes_what_is_shown(desk: Desk) -> None:
    first = owe("fires", severity=Severity.CRITICAL, card="a", in_place=True)
    under = owe("more", severity=Severity.CRITICAL, hangs_on="a")
    worse = owe("worse", severity=Severity.EMERGENCY, card="a", in_place=True)
    assert await desk.deliveries.store_first(first, (), NOON) is not None
    await desk.deliveries.sent(first.id, "7", NOON)
    claimed = await desk.deliveries.store_first(under, (), NOON)
    assert claimed is not None
    assert claimed.reply_to == "7"
    await desk.deliveries.sent(under.id, "8", NOON)
    assert await desk.deliveries.store_first(worse, (), NOON) is None
    assert await desk.claims() == Claims((), NOON + SECOND)
    desk.now += SECOND
    (edit,) = (await desk.claims()).claimed
    assert edit.owed.replaces == "7"


async def test_what_has_ended_stays_so(desk: Desk, other: Desk, database: Database) -> None:
    dead, lost, shown = owe("dead", "1"), owe("lost", "2"), owe("shown", "3")
    await desk.deliveries.store([dead, lost, shown])
    assert len(await desk.claim()) == 3
    await other.deliveries.end(dead.id, State.DEAD, "not theirs to say")
    await other.deliveries.wait(dead.id, until=NOON, reason="not theirs to say")
    assert (await stored(database, dead.id))["state"] == "sending"
    await desk.deliveries.end(dead.id, State.DEAD, "bot was \x00 blocked \ud83d")
    await desk.deliveries.end(lost.id, State.AMBIGUOUS, "no answer")
    await desk.deliveries.sent(shown.id, "9", NOON, note="as plain text")
    for one in (dead, lost, shown):
        await desk.deliveries.wait(one.id, until=NOON, reason="again")
        await desk.deliveries.end(one.id, State.DEAD, "once more")
    rows = [await stored(database, one.id) for one in (dead, lost, shown)]
    assert [row["state"] for row in rows] == ["dead", "ambiguous", "sent"]
    assert [row["reason"] for row in rows] == ["bot was  blocked ?", "no answer", "as plain text"]
    assert (rows[2]["platform_message_id"], rows[2]["sent_at"]) == ("9", NOON)
    assert await desk.claims() == Claims((), None)


async def test_a_try_of_unknown_end_is_marked_when_it_goes_again(desk: Desk) -> None:
    await desk.deliveries.store([owe("liquidation", severity=Severity.CRITICAL)])
    (first,) = (await desk.claims()).claimed
    await desk.deliveries.wait(first.owed.id, until=NOON, reason="no answer", repeat=True)
    (second,) = (await desk.claims()).claimed
    assert second.repeat
    await desk.deliveries.wait(second.owed.id, until=NOON, reason="connection refused")
    (third,) = (await desk.claims()).claimed
    assert (third.repeat, third.attempts) == (True, 3)


async def test_a_chat_that_moved_takes_everything_along(desk: Desk, other: Desk, database: Database) -> None:
    press = StoredPress("t" * 22, Close(position="SOL"), None, Room("telegram", "-1", "7"), None, NOON, None)
    await desk.deliveries.store([owe("sent", "-1")])
    await desk.send()
    await desk.deliveries.store([owe("one", "-1"), owe("two", "-1/7"), owe("other", "-11")], [press])
    (one, _) = (await desk.claims()).claimed
    await desk.deliveries.move("telegram", "-1", "-1005")
    # Whoever sends there goes on doing so.
    assert await other.claim() == []
    await desk.deliveries.wait(one.owed.id, until=NOON, reason="it has another id now")
    (moved,) = (await desk.claims(busy=["-11"])).claimed
    assert moved.owed.room == Room("telegram", "-1005")
    await desk.deliveries.sent(moved.owed.id, "1", NOON)
    (two,) = (await other.claims()).claimed
    assert two.owed.room == Room("telegram", "-1005", "7")
    assert await database.fetchval("SELECT room FROM presses") == "-1005/7"
    assert await database.fetchval("SELECT count(*) FROM deliveries WHERE room = '-1' AND state = 'sent'") == 1


async def test_what_is_owed_to_a_chats_old_id_later_goes_to_the_new_one(desk: Desk) -> None:
    await desk.deliveries.move("telegram", "-1", "-2")
    await desk.deliveries.move("telegram", "-2", "-3")
    await desk.deliveries.store([owe("late", "-1/7"), owe("later", "-2"), owe("other", "-1x")])
    rooms = set()
    for _ in range(2):
        claimed = (await desk.claims()).claimed
        rooms |= {one.owed.room.key for one in claimed}
        for one in claimed:
            await desk.deliveries.sent(one.owed.id, "1", NOON)
    assert rooms == {"-3/7", "-3", "-1x"}


async def test_a_chat_may_come_back_to_an_id_that_it_had(desk: Desk) -> None:
    await desk.deliveries.move("telegram", "-1", "-2")
    await desk.deliveries.move("telegram", "-2", "-1")
    await desk.deliveries.store([owe("a", "-1"), owe("b", "-2")])
    (claimed,) = (await desk.claims()).claimed
    assert claimed.owed.room.key == "-1"


async def test_at_a_start_all_that_was_on_its_way_is_judged(desk: Desk, other: Desk, database: Database) -> None:
    await other.deliveries.store([owe("shown", "4", card="alert 4")])
    await other.send()
    other.now += HOUR
    told = [
        owe("critical", "1", Severity.CRITICAL),
        owe("answer", "2", kind=Kind.ANSWER),
        owe("report", "3", kind=Kind.REPORT),
        owe("card", "4", card="alert 4", in_place=True),
        owe("edit", "5", replaces="700"),
    ]
    await other.deliveries.store(told)
    assert len(await other.claim()) == 5
    await desk.deliveries.store([owe("ours", "6")])
    assert await desk.claim() == ["ours"]
    assert await desk.deliveries.recover(now=NOON, everyone=True) == 5
    rows = [await stored(database, one.id) for one in told]
    assert [(row["state"], row["repeat"]) for row in rows] == [
        ("pending", True),
        ("pending", True),
        ("ambiguous", False),
        ("pending", False),
        ("pending", False),
    ]
    assert {row["reason"] for row in rows} == {"the program stopped while this went out"}
    desk.now += HOUR
    assert await desk.claim(busy=["6"]) == ["critical", "answer", "card", "edit"]
    assert await desk.deliveries.recover(now=NOON, everyone=True) == 0


async def test_where_it_is_found_again_all_that_was_on_its_way_goes_again(other: Desk, database: Database) -> None:
    told = [owe("report", "1", kind=Kind.REPORT), owe("notice", "2"), owe("edit", "3", replaces="700")]
    await other.deliveries.store(told)
    assert len(await other.claim()) == 3
    finding = Deliveries(database, uuid4(), ["telegram"])
    assert await finding.recover(now=NOON, everyone=True) == 3
    rows = [await stored(database, one.id) for one in told]
    assert [(row["state"], row["repeat"]) for row in rows] == [("pending", True), ("pending", True), ("pending", False)]


async def test_what_nobody_has_sent_for_a_minute_is_taken_back(desk: Desk, other: Desk) -> None:
    await desk.deliveries.store([owe("critical", "1", Severity.CRITICAL), owe("fresh", "2", Severity.CRITICAL)])
    assert await other.claim(busy=["2"]) == ["critical"]
    other.now += 30 * SECOND
    assert await other.claim(busy=["1"]) == ["fresh"]
    assert await desk.deliveries.recover(now=NOON + 59 * SECOND, everyone=False) == 0
    assert await desk.deliveries.recover(now=NOON + 60 * SECOND, everyone=False) == 1
    desk.now += 60 * SECOND
    (again,) = (await desk.claims()).claimed
    assert (titles([again]), again.repeat) == (["critical"], True)


async def test_what_we_are_slow_to_send_is_ours_for_longer(desk: Desk) -> None:
    await desk.deliveries.store([owe("slow", severity=Severity.CRITICAL)])
    assert await desk.claim() == ["slow"]
    assert await desk.deliveries.recover(now=NOON + timedelta(seconds=299), everyone=False) == 0
    assert await desk.deliveries.recover(now=NOON + timedelta(seconds=300), everyone=False) == 1


@pytest.mark.parametrize("seed", range(4))
async def test_two_senders_never_both_have_a_message_nor_change_the_order(
    database: Database, desk: Desk, other: Desk, seed: int
) -> None:
    chance = random.Random(seed)
    chats, each = 6, 25
    await desk.deliveries.store([owe(f"{number}", f"{chat}") for number in range(each) for chat in range(chats)])
    shown: dict[str, list[int]] = {f"{chat}": [] for chat in range(chats)}
    on_its_way: set[str] = set()

    async def work(sender: Desk) -> None:
        while sum(map(len, shown.values())) < chats * each:
            for claimed in (await sender.claims(chance.randint(1, chats))).claimed:
                owed = claimed.owed
                assert owed.room.id not in on_its_way
                on_its_way.add(owed.room.id)
                fails = chance.random() < 0.2
                if not fails:
                    shown[owed.room.id].append(int(owed.posting.message.title))
                on_its_way.discard(owed.room.id)
                if fails:
                    await sender.deliveries.wait(owed.id, until=NOON, reason="again")
                else:
                    await sender.deliveries.sent(owed.id, "1", NOON)

    async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
        for sender in (desk, other):
            tasks.create_task(work(sender))
    assert all(numbers == list(range(each)) for numbers in shown.values())


async def test_senders_that_claim_at_one_instant_share_the_chats(database: Database) -> None:
    senders = [Desk(database) for _ in range(4)]
    for round_ in range(50):
        await senders[0].deliveries.store([owe("one", f"{round_}-{chat}") for chat in range(3)])
        await senders[0].deliveries.store([owe("two", f"{round_}-{chat}") for chat in range(3)])
        claims = await asyncio.gather(*(sender.claims() for sender in senders))
        taken = [(sender, one.owed) for sender, claim in zip(senders, claims, strict=True) for one in claim.claimed]
        assert sorted(owed.room.id for _, owed in taken) == [f"{round_}-{chat}" for chat in range(3)]
        assert {owed.posting.message.title for _, owed in taken} == {"one"}
        # Whoever found one locked comes again soon.
        assert all(claim.claimed or claim.next_at is not None for claim in claims)
        for sender, owed in taken:
            await sender.deliveries.sent(owed.id, "1", NOON)
        while await senders[0].send():
            pass


async def test_a_notice_tells_that_something_is_owed(desk: Desk, database_url: str) -> None:
    told: asyncio.Queue[str] = asyncio.Queue()
    async with Database.open(database_url) as listening, listening.acquire() as connection:
        await connection.add_listener("deliveries", lambda *notice: told.put_nowait(str(notice[-1])))
        await desk.deliveries.store([owe("one"), owe("two")])
        async with asyncio.timeout(30):
            assert await told.get() == "telegram"
        (one,) = (await desk.claims()).claimed
        await desk.deliveries.wait(one.owed.id, until=NOON, reason="again")
        async with asyncio.timeout(30):
            assert await told.get() == "telegram"
        await connection.reset()


async def test_an_answer_that_is_recorded_is_on_its_way_by_us(desk: Desk, other: Desk, database: Database) -> None:
    id_ = uuid7()
    asked = Asked(id_, NOON, "telegram", "ada", "1", "-1001", None, "status", {}, None, None)
    picture = Message("part 1", attachment=Attachment("a.png", b"\x00\xff", is_picture=True))
    parts = [owe("part 1", kind=Kind.ANSWER, command_id=id_, card=str(id_), message=picture)]
    parts.append(owe("part 2", kind=Kind.ANSWER, command_id=id_, card=str(id_)))
    step = Step(id_, NOON, StepName.RECEIVED, "ada", asked.facts())
    assert await PostgresLedger(database, desk.sender).record(Entry((step,), asked=asked, owed=tuple(parts)))
    rows = [await stored(database, one.id) for one in parts]
    assert [(row["state"], row["attempts"], row["claimed_by"], row["lane"]) for row in rows] == [
        ("sending", 1, desk.sender, Lane.ANSWER)
    ] * 2
    assert rows[0]["seq"] < rows[1]["seq"]
    assert await other.claims() == Claims((), None)
    await desk.deliveries.sent(parts[1].id, "5", NOON)
    # Killed here: of the first nobody knows whether it arrived, and the second does not overtake it.
    await other.deliveries.give_up_overtaken()
    assert await states(database) == ["sending", "sent"]
    await other.deliveries.recover(now=NOON, everyone=True)
    (again,) = (await other.claims()).claimed
    assert (again.owed, again.repeat) == (parts[0], True)


async def test_a_row_that_cannot_be_read_is_dead_and_stops_none_behind_it(desk: Desk) -> None:
    broken, sound = owe("HF 0.14"), owe("HF 0.11")
    await desk.deliveries.store([broken, sound])
    await desk.database.execute("UPDATE deliveries SET payload = '{\"title\": 7}' WHERE id = $1", broken.id)
    assert await desk.claims() == Claims((), desk.now)
    row = await stored(desk.database, broken.id)
    assert (row["state"], row["reason"]) == ("dead", "it cannot be read, see the log")
    assert await desk.claim() == ["HF 0.11"]


async def test_a_list_of_old_messages_is_ours_for_as_long_as_a_new_one(desk: Desk, database: Database) -> None:
    messages = [owe("one"), owe("two")]
    await desk.deliveries.store(messages)
    desk.now += HOUR
    await desk.claims()
    into = owe("2 messages")
    await desk.deliveries.fold(into, [one.id for one in messages], desk.now)
    assert (await stored(database, into.id))["claimed_until"] == desk.now + 60 * SECOND
    assert await Desk(database).deliveries.recover(now=desk.now + 30 * SECOND, everyone=False) == 0


async def test_a_list_may_be_a_repeat_where_one_of_its_messages_may(desk: Desk, database: Database) -> None:
    maybe, never = owe("maybe shown"), owe("never tried")
    await desk.deliveries.store([maybe, never])
    await desk.claims()
    await desk.deliveries.wait(maybe.id, until=NOON, reason="no answer", repeat=True)
    await desk.claims()
    into = owe("2 messages")
    await desk.deliveries.fold(into, [maybe.id, never.id], NOON)
    await desk.deliveries.wait(into.id, until=NOON, reason="connection refused")
    (again,) = (await desk.claims()).claimed
    assert (again.owed, again.repeat) == (into, True)


async def test_a_clock_that_was_set_back_holds_nothing_new_up(desk: Desk) -> None:
    await desk.deliveries.store([owe("shown", "1", card="status", in_place=True)])
    assert await desk.send() == ["shown"]
    await desk.deliveries.store([owe("before", "2")])
    desk.now -= HOUR
    changed = owe("changed", "1", card="status", in_place=True, created_at=desk.now)
    await desk.deliveries.store([changed])
    claims = await desk.claims()
    assert titles(claims.claimed) == ["before"]
    # Once a second, and not in an hour.
    assert claims.next_at == desk.now + SECOND
    desk.now += SECOND
    assert await desk.claim() == ["changed"]


async def test_where_many_chats_are_known_the_same_goes_out(desk: Desk, database: Database) -> None:
    dice = random.Random(7)
    lanes = (Severity.INFO, Severity.WARNING, Severity.CRITICAL, Severity.EMERGENCY)

    def chat() -> str:
        return f"{dice.randrange(12)}"

    for number in range(150):
        await desk.deliveries.store([owe(f"{number}", chat(), dice.choice(lanes), card=f"{number % 30}")])
        if number % 5 == 0:
            for claimed in (await desk.claims(limit=dice.randrange(9))).claimed:
                if dice.random() < 0.5:
                    await desk.deliveries.sent(claimed.owed.id, "700", desk.now)
                else:
                    until = desk.now + dice.randrange(9) * SECOND
                    await desk.deliveries.wait(claimed.owed.id, until=until, reason="later")
            state = owe(f"state {number}", chat(), card=f"{number % 30}", in_place=True, created_at=desk.now)
            await desk.deliveries.store([state])
        if number % 20 == 0:
            await desk.deliveries.hold("telegram", chat(), desk.now + 8 * SECOND)
        desk.now += SECOND / 4

    async def outcome(sender: Desk, **allowed: Any) -> list[object]:
        """What would be claimed, and when more may be: all of it undone."""
        async with database.transaction() as connection:
            rows = await connection.fetch(
                "SELECT * FROM claim_deliveries('telegram', $1, $2, 7, $3, $4, false)",
                sender.sender,
                desk.now,
                allowed.get("busy", []),
                allowed.get("urgent_only", []),
            )
            await connection.execute("ROLLBACK AND CHAIN")
        return [(row["id"], row["reply_to"], row["behind"], row["next_at"]) for row in rows]

    known = "SELECT 'telegram', 'known ' || g FROM generate_series(1, 1001) AS g"
    allowances: list[dict[str, list[str]]] = [{}, {"busy": ["1", "2", "3"]}, {"urgent_only": ["4", "5", "6", "7"]}]
    for turn in range(8):
        few = [await outcome(one, **allowed) for one in (desk, Desk(database)) for allowed in allowances]
        await database.execute(f"INSERT INTO delivery_chats (platform, chat) {known}")
        many = [await outcome(one, **allowed) for one in (desk, Desk(database)) for allowed in allowances]
        assert few == many
        assert len(few[0]) > 1, turn
        await database.execute("DELETE FROM delivery_chats WHERE chat LIKE 'known %'")
        await desk.send()
        desk.now += 2 * SECOND


async def test_a_file_is_kept_until_it_is_sent(desk: Desk, database: Database) -> None:
    chart = Attachment("equity.png", b"\x89PNG\x00\xff", is_picture=True)
    picture = owe("Equity", message=Message("Equity", attachment=chart), kind=Kind.REPORT)
    urgent = owe("Loss", message=Message("Loss", attachment=chart), severity=Severity.CRITICAL)
    plain = owe("Words", kind=Kind.REPORT)
    claimed = await desk.deliveries.store_first(urgent, (), NOON)
    assert claimed is not None
    await desk.deliveries.store([plain, picture])
    assert [bytes((await stored(database, one.id))["file"] or b"") for one in (urgent, plain, picture)] == [
        chart.content,
        b"",
        chart.content,
    ]
    await desk.deliveries.sent(urgent.id, "1", NOON)
    assert await desk.send() == ["Words"]
    assert await desk.send() == ["Equity"]
    assert await database.fetchval("SELECT count(file) FROM deliveries") == 0
