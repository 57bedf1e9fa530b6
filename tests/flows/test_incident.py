"""A post-mortem of an alert, asked for in a chat: what happened, who was told, who did what, and who may not know."""

from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import uuid4

import pytest

from bot_integration import Snapshot
from chatops.adapters.memory import Shown
from chatops.history.rows import Batch, Head, Kept, Why
from chatops.people import Directory, Identity, Principal, Role
from chatops.storage.database import Database
from chatops.storage.history import PostgresHistory
from tests.flows.chats import Chat
from tests.flows.conftest import ADA, BOB, VIC, Clock, Trader, World, near_alone, on_memory
from tests.flows.nights import a_night, answered, falls

pytestmark = [near_alone, on_memory]


@pytest.fixture
async def night(database: Database, clock: Clock, trader: Trader, chat: Chat) -> AsyncIterator[World]:
    async with a_night(database, clock, trader, chat) as night:
        yield night


def now_of(night: World) -> Snapshot:
    snapshot = night.bot.controller.snapshot()
    assert snapshot is not None
    return snapshot


async def keep(night: World, *snapshots: Snapshot) -> None:
    """As a recorder does."""
    last = snapshots[-1]
    batch = Batch(last.bot, None, Head(last.session_id, last.seq, last, {}))
    kept = tuple(Kept(Why.ALERT, one) for one in snapshots)
    assert await PostgresHistory(night.database).keep([replace(batch, kept=kept)]) == frozenset()


def file_of(shown: Shown) -> str:
    file = shown.message.attachment
    assert file is not None
    assert file.name == "incident-1.md"
    return file.content.decode()


async def test_a_post_mortem_has_the_path_who_was_told_and_who_did_what(night: World) -> None:
    await falls(night, 0.19)
    first = now_of(night)
    night.clock.pass_by(minutes=2)
    await falls(night, 0.148)
    await keep(night, first, now_of(night))
    await answered(night, BOB, "/ack 1")
    await answered(night, VIC, "/positions")
    shown = await answered(night, BOB, "/incident 1")
    assert "Incident: " in shown.message.title
    assert "HF 0.190 → 0.148 (bybit, 12:02:00) → 0.148" in shown.text
    assert "Taken in hand by bob after 2 min" in shown.text
    told = file_of(shown)
    assert told.startswith("# Incident 1: ")
    for words in (
        "| 2037-05-04 12:00:00 | fired warning",
        "| 2037-05-04 12:02:00 | rose critical",
        "| 2037-05-04 12:02:00 | bybit SOL-1 spot | 0.148 |",
        "| 2037-05-04 12:02:00 | bob | /ack 1 | done |",
        "| sent |",
    ):
        assert words in told
    # What only looks is nobody's act.
    assert "/positions" not in told


async def test_what_a_bot_said_before_and_after_it_was_started_anew_is_told_apart(night: World) -> None:
    await falls(night, 0.148)
    first = now_of(night)
    night.clock.pass_by(minutes=1)
    # It counts from the beginning again, and stands at the same number.
    anew = first.model_copy(update={"session_id": uuid4(), "at": night.clock()})
    head = Head(anew.session_id, anew.seq, anew, {})
    kept = (Kept(Why.ALERT, first), Kept(Why.START, anew))
    assert await PostgresHistory(night.database).keep([Batch("alpha", None, head, kept=kept)]) == frozenset()
    told = file_of(await answered(night, BOB, "/incident 1"))
    assert [line.split("|")[-2].strip() for line in told.splitlines() if "bybit SOL-1 spot" in line] == [
        "alert",
        "start",
    ]


async def test_it_is_for_operators_and_for_those_who_may_see_the_bot(night: World) -> None:
    await falls(night, 0.148)
    assert "operator" in (await answered(night, VIC, "/incident 1")).text
    assert "There is no alert 7" in (await answered(night, ADA, "/incident 7")).text


async def test_what_was_done_to_other_bots_stands_in_no_post_mortem_of_who_may_not_see_them(
    database: Database, clock: Clock, trader: Trader, chat: Chat
) -> None:
    bob = Principal("bob", Role.OPERATOR, frozenset({Identity("memory", BOB)}), bots=frozenset({"beta"}))
    ada = Principal("ada", Role.ADMIN, frozenset({Identity("memory", ADA)}))
    async with a_night(database, clock, trader, chat, Directory([ada, bob])) as night:
        # A drill is of no bot: everybody may see it.
        await answered(night, ADA, "/drill health_factor warning")
        await night.chat.press(ADA, "Confirm")
        await night.in_time(lambda: any(one.message.title.startswith("DRILL") for one in night.chat.shown))
        await answered(night, ADA, "/rebalance SOL-1")
        await night.chat.press(ADA, "Confirm")
        assert "/rebalance alpha SOL-1 |" in file_of(await answered(night, ADA, "/incident 1"))
        assert "alpha" not in file_of(await answered(night, BOB, "/incident 1"))


async def test_without_a_number_those_that_stand_are_offered(night: World) -> None:
    await falls(night, 0.148)
    choice = await answered(night, BOB, "/incident")
    assert len(choice.labels) == 1
    await night.chat.press(BOB, choice.labels[0])
    await night.in_time(lambda: night.chat.shown[-1].message.attachment is not None)
    # Of what nobody recorded there is no path, and the rest stands there.
    assert "Nothing is on record." in file_of(night.chat.shown[-1])
