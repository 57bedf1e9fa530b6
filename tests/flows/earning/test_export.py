"""Days, trades and payments as files: exact, safe to open, and only of what one may see."""

import csv
import io
import json
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from bot_integration import Bot
from chatops.asks import Export
from chatops.commands.exports import ExportCommands
from chatops.commands.registry import Asking
from chatops.fleet import Fleet
from chatops.habits import Habits
from chatops.history.figures import Figures
from chatops.ids import uuid7
from chatops.money.spans import last
from chatops.people import Directory, Identity, Principal, Role
from chatops.room import Room
from chatops.views.format import change
from tests.earnings import Earnings
from tests.flows.accounts import Carry, Desks
from tests.flows.conftest import ADA, VIC, World, near_alone, on_memory

pytestmark = near_alone

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


@on_memory
async def test_days_as_a_file_add_up_to_what_pnl_says(desks: Desks, alpha: Earnings, tmp_path: Path) -> None:
    await desks.keep(alpha)
    world = desks.open()
    await world.chat.say(VIC, "/pnl 30d")
    total = world.chat.last.message.title.split()[-2]
    await world.chat.say(VIC, "/export pnl 30d csv")
    message = world.chat.last.message
    assert message.title == f"31 days of PnL, 30d: {total} USD"
    assert message.attachment is not None
    assert message.attachment.name == "pnl-30d-2026-05-04.csv"
    rows = list(csv.DictReader(io.StringIO(message.attachment.content.decode())))
    assert change(sum((Decimal(row["total"]) for row in rows), Decimal(0))) == total
    assert (rows[0]["day"], rows[0]["from"], rows[0]["to"]) == (
        "2026-04-04",
        "2026-04-04T12:00:00Z",
        "2026-04-05T00:00:00Z",
    )
    await world.chat.say(VIC, "/export pnl json 30d")
    assert world.chat.last.message.attachment is not None
    whole = json.loads(world.chat.last.message.attachment.content)
    assert (whole["zone"], whole["bots"], len(whole["rows"])) == ("UTC", ["alpha"], 31)
    assert whole["rows"][0]["total"] == rows[0]["total"]
    assert change(Decimal(whole["total"])) == total


@on_memory
async def test_trades_and_payments_as_files_are_exact(desks: Desks, alpha: Earnings) -> None:
    await desks.keep(alpha)
    world = desks.open()
    await world.chat.say(VIC, "/export trades 7d")
    closed = [one for one in alpha.trades if one.closed_at in last(7 * DAY, world.clock())]
    rows = rows_of(world)
    assert [Decimal(row["realized"]) for row in rows] == [one.realized for one in reversed(closed)]
    assert rows[0]["closed_at"] == "2026-05-03T12:00:00Z"
    await world.chat.say(VIC, "/export funding all csv")
    paid = rows_of(world)
    assert [Decimal(row["actual"]) for row in paid] == [one.actual for one in alpha.payments]
    assert world.chat.last.message.title == (
        f"{len(paid)} funding payments, all time: {change(sum_of_payments(alpha))} USD"
    )


async def test_without_a_word_what_there_is_to_export_is_offered(desks: Desks, alpha: Earnings) -> None:
    await desks.keep(alpha)
    world = desks.open()
    await world.chat.say(VIC, "/export")
    assert world.chat.last.message.title == "Export what, 30d?"
    await world.chat.press(VIC, "7d")
    await world.chat.press(VIC, "Trades CSV")
    assert world.chat.last.message.title.startswith("7 trades, 7d: ")
    await world.chat.say(VIC, "/export cows")
    assert "cows" in world.chat.last.message.title


@on_memory
async def test_more_than_goes_into_a_file_is_refused_with_what_to_ask_instead(desks: Desks, alpha: Earnings) -> None:
    await desks.keep(alpha)
    commands = ExportCommands(Figures(desks.history), habits(), desks.clock, most=10)
    reply = await commands.export(Export(what="funding", range="90d"), asking(desks, [desks.trader.held]))
    assert reply.message.title == "More than 10 funding payments, 90d: too many."
    assert "Ask for a shorter time, /export funding 7d csv, or for one bot alone." in reply.message.text
    assert reply.message.attachment is None
    reply = await commands.export(Export(what="funding", range="7d", bot="alpha"), asking(desks, [desks.trader.held]))
    assert "Ask for a shorter time, /export alpha funding 24h csv." in reply.message.text


@on_memory
async def test_nobody_is_sent_what_they_may_not_see(desks: Desks, beta: Carry, alpha: Earnings) -> None:
    await desks.keep(alpha)
    people = [
        Principal("ada", Role.ADMIN, frozenset({Identity("memory", ADA)})),
        Principal("vic", Role.VIEWER, frozenset({Identity("memory", VIC)}), bots=frozenset({"beta"})),
    ]
    world = desks.open(beta.controller, directory=Directory(people))
    for word in ("/trades", "/export trades", "/position SOL-3", "/funding", "/exposure", "/balance", "/health"):
        await world.chat.say(VIC, word)
        assert "alpha" not in world.chat.last.text, word
        assert "SOL-3 · closed" not in world.chat.last.text, word
    await world.chat.say(VIC, "/export alpha trades")
    assert world.chat.last.message.attachment is None
    await world.chat.say(ADA, "/export alpha trades")
    assert world.chat.last.message.attachment is not None


def sum_of_payments(made: Earnings) -> Decimal:
    return sum((one.actual for one in made.payments), Decimal(0))


def rows_of(world: World) -> list[dict[str, str]]:
    file = world.chat.last.message.attachment
    assert file is not None
    return list(csv.DictReader(io.StringIO(file.content.decode())))


def habits() -> Habits:
    return Habits(lambda room: ZoneInfo("UTC"))


def asking(desks: Desks, bots: Sequence[Bot]) -> Asking:
    ada = Principal("ada", Role.ADMIN)
    return Asking(ada, Identity("memory", ADA), Room("memory", "desk"), desks.clock(), uuid7(), Fleet(bots))
