"""Thousands of updates of any kind and form, by anybody: nothing acts but what its asker confirmed and may do.

They are Telegram's updates, made up and mangled: what Slack sends is read elsewhere, and its hypothesis test is in
`tests/chatops/adapters/slack/test_inbound.py`.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from bot_integration import ClosePosition, Command, Pause, Rebalance, Resume
from chatops.guard.verifying import Whole
from chatops.storage.database import Database
from chatops.storage.record import verify_record
from tests.examples import examples
from tests.flows.chats import TelegramChat
from tests.flows.conftest import ADA, BOB, VIC, Trader, World
from tests.flows.storm import Storm

UPDATES = examples(10_000)
SEED = 4
#: So many come at once; then some time goes by.
AT_ONCE = 40
NAMES = {ADA: "ada", BOB: "bob", VIC: "vic"}
MINUTE = timedelta(seconds=60)
#: Marks of what its sender did not write, or not now.
FOREIGN = {"forward_origin", "via_bot", "sender_chat", "edit_date"}
STEPS = ["received", "asked to confirm", "confirmed", "running", "finished"]


def who_may(command: Command) -> set[str]:
    """SPEC 4, for what can be told to a bot."""
    match command:
        case ClosePosition() | Rebalance() | Pause(scope="entry" | "exit") | Resume(scope="entry" | "exit"):
            return {"ada", "bob"}
        case _:
            return {"ada"}


def noting(trader: Trader) -> list[Command]:
    """What the bot is told from now on, of any kind."""
    told: list[Command] = []
    handlers = trader.controller._handlers
    for kind, handle in list(handlers.items()):

        async def noted(command: Any, handle: Callable[[Any], Awaitable[Any]] = handle) -> Any:
            told.append(command)
            return await handle(command)

        handlers[kind] = noted
    return told


_ACT = """
SELECT (SELECT update_id::int FROM inbox WHERE command_id = $1) AS update_id,
    (SELECT array_agg(token) FROM presses WHERE command_id = $1 AND word <> 'cancel') AS tokens,
    (SELECT max(at) - min(at) FROM command_events
        WHERE command_id = $1 AND step IN ('asked to confirm', 'confirmed')) AS took,
    (SELECT array_agg(step ORDER BY seq) FROM command_events WHERE command_id = $1) AS steps
"""


async def why_not(database: Database, command: Command, sent: Mapping[int, Mapping[str, Any]]) -> str | None:
    """What is wrong with an act, judged by what the platform handed over; None where it was asked for rightly."""
    act = await database.fetchrow(_ACT, command.id)
    assert act is not None
    asked = sent[act["update_id"]]
    asker = "somebody else" if FOREIGN & (asked.get("message") or {}).keys() else sender_of(asked)
    confirming = {
        sender_of(update)
        for update in sent.values()
        if isinstance(query := update.get("callback_query"), dict) and query.get("data") in act["tokens"]
    }
    if NAMES.get(asker) != command.by or asker not in confirming:
        return f"{command} was asked for by {asker} and confirmed by {confirming}"
    if command.by not in who_may(command):
        return f"{command} is not for {command.by}"
    if act["took"] > MINUTE or act["steps"] != STEPS:
        return f"{command} took {act['took']} and the steps {act['steps']}"
    return None


def sender_of(update: Mapping[str, Any]) -> str:
    """Who wrote or pressed, as the platform says it."""
    try:
        return str((update.get("message") or update["callback_query"])["from"]["id"])
    except (TypeError, KeyError):
        return "nobody"


@pytest.mark.parametrize("chat", ["telegram"], indirect=True)
async def test_of_thousands_of_updates_none_acts_but_as_its_asker_confirmed(
    world: World, chat: TelegramChat, caplog: pytest.LogCaptureFixture
) -> None:
    # Half of it is warned of, as it should be: not worth the time to keep.
    caplog.set_level(logging.ERROR)
    chance = Random(SEED)
    storm, told = Storm(chat.server, chance, world.clock), noting(world.bot)
    sent: dict[int, dict[str, Any]] = {}
    async with world.desk.outbox.open():
        for _ in range(UPDATES // AT_ONCE):
            for _ in range(AT_ONCE):
                update = storm.update()
                sent[chat.server.push(update)] = update
            await chat.server.wait_for(lambda: not chat.server.updates.pending)
            world.bot.open[:] = ["SOL-1", "ETH-1"]
            world.clock.pass_by(seconds=chance.choice((1, 1, 5, 20)))
            world.bot.publish()
            storm.look()
        await until_handled(world.database)
    assert [wrong for command in told if (wrong := await why_not(world.database, command, sent))] == []
    assert len({command.id for command in told}) == len(told)
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
    assert isinstance(await verify_record(world.database), Whole)
    # Everybody who may has acted, or all this would show nothing.
    assert {command.by for command in told} == {"ada", "bob"}
    assert len(told) > UPDATES / 500


async def until_handled(database: Database) -> None:
    """Wait until every update is stored and handled."""
    async with asyncio.timeout(60):
        # Its rows set no event.
        while await database.fetchval("SELECT count(*) FROM inbox WHERE handled_at IS NOT NULL") < UPDATES:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
