"""`kill -9` of the gateway while a bot trades on, again and again: no cent is lost or counted twice."""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from bot_integration.control import ControlServer
from bot_integration.paper import PaperBot, ReplayMarket
from chatops.money.attribution import parts
from chatops.money.spans import Span
from chatops.money.summary import equity
from chatops.storage.database import Database
from chatops.storage.history import PostgresHistory
from tests.chatops.history.lived import BEGAN, TRAITS
from tests.chatops.recording.keeper import keeper
from tests.material import market_file

TOKEN = "kill"
PATIENCE_S = 30.0
#: Hours of the market in a turn of the bot.
STEP_S = 4 * 3600.0
CENT = Decimal("0.01")


async def test_whenever_it_is_killed_the_books_are_the_bots_own(database: Database, database_url: str) -> None:
    began = datetime.now(UTC)
    bot = PaperBot("alpha", ReplayMarket.read(market_file(), BEGAN), settings=TRAITS)
    bot.tick(0)
    history = PostgresHistory(database)
    async with ControlServer(bot.controller, listen="127.0.0.1:0", token=TOKEN) as server:
        for turns in (40, 25):
            async with keeper(server.url, TOKEN, database_url):
                await trade(bot, turns)
            await trade(bot, 10)
        async with keeper(server.url, TOKEN, database_url):
            await trade(bot, 60)
            await until_stored(history, bot)
    whole = Span(began, datetime.now(UTC) + timedelta(seconds=1))
    books = await history.books(["alpha"], whole)
    said = bot.controller.snapshot()
    assert said is not None
    found = parts(books, whole)
    assert len(bot.trades) > 5
    assert abs(found.total - said.portfolio.pnl.total) < CENT
    assert abs(found.fees - said.portfolio.pnl.fees) < CENT
    assert abs(equity(books, whole).made - found.total) < CENT
    assert abs(equity(books, whole).deposits - TRAITS.capital_usd) < CENT


async def trade(bot: PaperBot, turns: int) -> None:
    for _ in range(turns):
        bot.tick(STEP_S)
        await asyncio.sleep(0.005)


async def until_stored(history: PostgresHistory, bot: PaperBot) -> None:
    newest = bot.controller.snapshot()
    assert newest is not None
    seq = -1
    async with asyncio.timeout(PATIENCE_S):
        while seq < newest.seq:
            await asyncio.sleep(0.02)
            seq = max([one.seq for one in (await history.heads(["alpha"])).values()], default=-1)
