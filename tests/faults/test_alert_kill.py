"""`kill -9` of the desk at every step from a snapshot to the message: nothing is lost, nothing twice unless marked."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.faults.desk import DeskFiles, wait_for_row
from tests.faults.falling import Falling, alerts_of, falling, subjects
from tests.faults.owing import wait_until_all_is_over
from tests.faults.program import PATIENCE_S
from tests.servers.telegram import StallAfterAccept, StallBeforeAccept, Status

#: More than ten that wait in a room are told in one message: less to wait for.
POSITIONS = [f"P{number}" for number in range(1, 13)]
_WAITS_FOR_A_LOCK = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


@pytest.fixture
async def bot(desk: DeskFiles) -> AsyncIterator[Falling]:
    """Three rooms are told of what becomes of twelve positions."""
    chats = {name: desk.platform.group(-number) for number, name in enumerate(("ops", "spare", "desk"), 201)}
    async with falling(desk, chats, *POSITIONS) as bot:
        yield bot


async def test_killed_before_an_alert_is_stored_it_is_told_once(bot: Falling) -> None:
    async with bot.desk.gateway() as gateway, bot.desk.database() as database:
        async with database.transaction() as connection:
            await connection.execute("LOCK TABLE alert_worker IN ACCESS EXCLUSIVE MODE")
            bot.fall("P1")
            await wait_for_row(database, _WAITS_FOR_A_LOCK)
            await gateway.kill()
            # Else PostgreSQL would store it for the dead.
            await connection.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                "WHERE wait_event_type = 'Lock' AND datname = current_database()"
            )
        assert await alerts_of(database) == []
    async with bot.desk.gateway() as gateway, bot.desk.database() as database:
        await wait_for_row(database, "SELECT FROM alerts")
        await wait_until_all_is_over(database)
        assert await alerts_of(database) == [(1, "P1/bybit")]
        assert [bot.told(chat) for chat in bot.chats] == [[(1, False)]] * 3
        assert "Traceback" not in gateway.said


async def test_killed_when_it_is_stored_and_while_it_goes_out_all_rooms_are_told_and_repeats_are_marked(
    bot: Falling,
) -> None:
    waiting, going, gone = bot.chats
    released = asyncio.Event()
    async with bot.desk.gateway() as gateway, bot.desk.database() as database:
        rules = [
            bot.desk.platform.fail(StallBeforeAccept(released), method="sendMessage", chat=going),
            bot.desk.platform.fail(StallAfterAccept(released), method="sendMessage", chat=gone),
        ]
        await database.execute(
            "INSERT INTO delivery_chats (platform, chat) VALUES ('telegram', $1) ON CONFLICT DO NOTHING",
            str(waiting.id),
        )
        async with database.transaction() as connection:
            # Nobody can take this chat, so that what it is owed is stored and no more.
            await connection.execute("SELECT FROM delivery_chats WHERE chat = $1 FOR UPDATE", str(waiting.id))
            bot.fall("P1")
            await bot.desk.platform.wait_for(
                lambda: all(rule.met for rule in rules) and bool(gone.from_bot), PATIENCE_S
            )
            await gateway.kill()
    bot.desk.platform.heal()
    async with bot.desk.gateway() as gateway, bot.desk.database() as database:
        await wait_until_all_is_over(database)
        assert await alerts_of(database) == [(1, "P1/bybit")]
        assert bot.told(waiting) == [(1, False)]
        assert bot.told(going) == [(1, True)]
        assert bot.told(gone) == [(1, False), (1, True)]
        assert "Traceback" not in gateway.said


async def test_of_twelve_alerts_in_an_outage_none_is_lost_by_a_kill_and_an_acknowledgement_after_it_is_taken(
    bot: Falling,
) -> None:
    wanted = {f"{name}/bybit" for name in POSITIONS}
    async with bot.desk.gateway() as gateway, bot.desk.database() as database:
        bot.desk.platform.fail(Status(502), times=None)
        bot.fall(*POSITIONS)
        await wait_for_row(database, "SELECT FROM alerts HAVING count(*) = 12")
        await gateway.kill()
    bot.desk.platform.heal()
    async with bot.desk.gateway() as gateway, bot.desk.database() as database:
        await bot.desk.platform.wait_for(lambda: all(subjects(chat) == wanted for chat in bot.chats), PATIENCE_S)
        await bot.desk.hears_after("/ack 1", "You have alert 1 in hand")
        assert {subject for _, subject in await alerts_of(database)} == wanted
        assert await database.fetchval("SELECT ack_by FROM alerts WHERE number = 1") == "ada"
        assert "Traceback" not in gateway.said
