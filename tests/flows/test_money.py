"""Asking what was made: in words, with a picture, over any time, and without the database."""

import csv
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Protocol
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from bot_integration import Bot, BotController, Mode, Pnl, Portfolio, Session, Stage
from chatops.asks import Daily
from chatops.asks import Pnl as AskPnl
from chatops.charts import facts as drawn
from chatops.charts.studio import Studio
from chatops.charts.style import Style, Theme
from chatops.commands.money import MoneyCommands
from chatops.commands.registry import Asking
from chatops.fleet import Fleet
from chatops.habits import Habits
from chatops.history.figures import Figures
from chatops.history.rows import Batch
from chatops.layout import width
from chatops.messages import PHONE_COLUMNS, Table
from chatops.money.attribution import By
from chatops.money.books import Books
from chatops.money.facts import Booking, Gap, Origin
from chatops.money.spans import Calendar, Span, days, last
from chatops.people import Directory, Identity, Principal, Role
from chatops.storage.backlog import Backlog
from chatops.storage.database import Database
from chatops.storage.history import PostgresHistory
from chatops.storage.inbox import Inbox
from chatops.storage.lasting_inbox import LastingInbox
from chatops.views.format import change
from tests.earnings import Earnings, earned, record
from tests.flows.chats import Chat
from tests.flows.conftest import ADA, VIC, Clock, Trader, World, near_alone, on_memory, people, world_of
from tests.flows.pictures import Watched
from tests.plug import Plug

pytestmark = near_alone

UTC = ZoneInfo("UTC")
DAY = timedelta(days=1)


@pytest.fixture
async def studio() -> AsyncIterator[Watched]:
    """It draws, and has its process already: beside much else that starts slowly."""
    async with Watched() as studio:
        await Studio.picture(studio, "one to start with", drawn.Exposure("", 0.0, ()), Style())
        yield studio


@pytest.fixture
def closed_studio() -> Watched:
    """It draws nothing: what is asked of it is the point."""
    return Watched()


@pytest.fixture
def alpha(clock: Clock) -> Earnings:
    """What alpha made in forty days, looked at this minute."""
    made = earned("alpha", clock())
    made.look(clock())
    return made


@pytest.fixture
def inbox(database: Database, tmp_path: Path) -> Inbox:
    """As in a desk: what comes while the database is away is kept on disk."""
    return LastingInbox(database, Backlog(tmp_path / "backlog"))


class Opening(Protocol):
    """Opens a desk that knows what these bots made."""

    async def __call__(
        self,
        *known: Earnings,
        others: Sequence[Bot] = (),
        directory: Directory | None = None,
        studio: Studio | None = None,
    ) -> World: ...


@pytest.fixture
def knowing(database: Database, clock: Clock, trader: Trader, chat: Chat) -> Opening:
    async def opened(
        *known: Earnings,
        others: Sequence[Bot] = (),
        directory: Directory | None = None,
        studio: Studio | None = None,
    ) -> World:
        await record(PostgresHistory(database), known, clock())
        world = world_of(database, clock, trader, chat, others=others, directory=directory, studio=studio)
        chat.connect(world.desk.gateway.receive)
        return world

    return opened


@pytest.fixture
async def world(knowing: Opening, alpha: Earnings) -> World:
    """A desk that knows forty days of alpha, and draws nothing."""
    return await knowing(alpha)


async def test_pnl_tells_the_total_its_parts_and_what_time_it_is_of(
    world: World, alpha: Earnings, clock: Clock
) -> None:
    await world.chat.say(VIC, "/pnl 30d")
    text, total = world.chat.last.text, made(alpha, last(30 * DAY, clock()))
    assert world.chat.last.message.title == f"PnL 30d: {change(total)} USD"
    assert "4 Apr 12:00 – 4 May 12:00, UTC · 0 s old" in text
    assert f"Equity       {alpha.samples[-1].equity:,.2f}" in text
    assert "  expected       +9.30" in text
    assert "Worst drawdown" in text
    assert "Unrealized" in text
    assert world.chat.last.labels == ["24h", "7d", "· 30d ·", "90d", "By lane", "Daily", "Equity", "Refresh"]


@on_memory
async def test_a_button_shows_another_time_on_the_same_card(world: World, alpha: Earnings, clock: Clock) -> None:
    await world.chat.say(VIC, "/pnl")
    assert "· 24h ·" in world.chat.last.labels
    await world.chat.press(VIC, "7d")
    assert len(world.chat.shown) == 1
    assert world.chat.last.message.title == f"PnL 7d: {change(made(alpha, last(7 * DAY, clock())))} USD"
    assert world.chat.last.labels[:4] == ["24h", "· 7d ·", "30d", "90d"]
    await world.chat.press(VIC, "By lane")
    assert world.chat.last.message.title.startswith("Performance 7d: ")
    assert len(world.chat.shown) == 1


@on_memory
async def test_what_is_no_range_is_told_which_there_are(world: World) -> None:
    await world.chat.say(VIC, "/pnl 3 weeks")
    assert "24h|7d|30d|90d|1y|today|all" in world.chat.last.message.title
    await world.chat.say(VIC, "/pnl week")
    assert world.chat.last.message.title.startswith("PnL 7d: ")
    await world.chat.say(VIC, "/equity today")
    assert "4 May 00:00 – 4 May 12:00, UTC" in world.chat.last.text
    await world.chat.say(VIC, "/pnl all")
    assert world.chat.last.message.title.startswith("PnL all time: ")
    assert "25 Mar 12:00 – 4 May 12:00, UTC" in world.chat.last.text
    assert "Recorded since 25 Mar 12:00: alpha, with 10,000.00." in world.chat.last.text


@on_memory
async def test_days_weeks_and_months_add_up_to_their_title(world: World, alpha: Earnings, clock: Clock) -> None:
    for word, count in (("daily", 14), ("weekly", 12), ("monthly", 12)):
        await world.chat.say(VIC, f"/{word}")
        message = world.chat.last.message
        (table,) = [block for block in message.blocks if isinstance(block, Table)]
        assert len(table.lines) == 1 + count
        told = sum(Decimal(line.split()[-3]) for line in table.lines[1:] if line.split()[-3] != "–")
        assert abs(told - Decimal(message.title.split()[-2])) <= Decimal("0.005") * count
        assert f"· {word.capitalize()} ·" in world.chat.last.labels
    assert message.title == f"Monthly PnL, 12 months: {change(made(alpha, last(90 * DAY, clock())))} USD"


@on_memory
async def test_performance_tells_lanes_apart_and_takes_its_words_in_any_order(world: World, alpha: Earnings) -> None:
    await world.chat.say(VIC, "/performance 7d asset")
    text = world.chat.last.text
    assert world.chat.last.message.title.startswith("Performance 7d: ")
    assert {"SOL", "ETH", "BTC"} <= set(text.split())
    assert {"· 7d ·", "· Asset ·", "Lane", "Strategy"} <= set(world.chat.last.labels)
    await world.chat.press(VIC, "Lane")
    assert "other" in world.chat.last.text
    won = sum(trade.net > 0 for trade in alpha.trades if trade.closed_at >= world.clock() - 7 * DAY)
    assert f"of {len([1 for one in alpha.trades if one.closed_at >= world.clock() - 7 * DAY])} won" in text
    assert f"{100 * won / 7:.1f}%" in text


@on_memory
async def test_money_that_was_put_in_is_named_and_not_counted(knowing: Opening, clock: Clock) -> None:
    alpha = earned("alpha", clock())
    alpha.put_in(clock() - timedelta(minutes=30), Decimal(2_500))
    alpha.look(clock())
    chat = (await knowing(alpha)).chat
    await chat.say(VIC, "/equity 24h")
    assert "Not counted, put in or taken out: +2,500.00 on 4 May 11:30." in chat.last.text
    assert ["Put", "in", "+2,500.00"] in [line.split() for line in chat.last.text.splitlines()]
    told = change(made(alpha, last(DAY, clock())))
    assert chat.last.message.title == f"Equity: {alpha.samples[-1].equity:,.2f} USD (24h: {told})"


@on_memory
async def test_a_time_in_which_a_bot_was_not_seen_says_so(knowing: Opening, clock: Clock) -> None:
    alpha = earned("alpha", clock())
    alpha.gaps.append(Gap("alpha", clock() - timedelta(hours=30), clock() - timedelta(hours=23)))
    chat = (await knowing(alpha)).chat
    await chat.say(VIC, "/pnl")
    assert "⚠ alpha was not seen for 1 h of it." in chat.last.text
    assert "⚠ alpha was last recorded 1 h ago." in chat.last.text
    await chat.say(VIC, "/daily")
    assert "Sun  3 May*" in chat.last.text
    assert "* not all of it was seen" in chat.last.text


@on_memory
async def test_everybody_is_told_of_the_bots_that_they_may_see(knowing: Opening, clock: Clock, alpha: Earnings) -> None:
    beta = earned("beta", clock(), days=20, luck=-2)
    directory = Directory(
        [
            Principal("ada", Role.ADMIN, frozenset({Identity("memory", ADA)})),
            Principal("vic", Role.VIEWER, frozenset({Identity("memory", VIC)}), bots=frozenset({"beta"})),
        ]
    )
    other = Trader(BotController("beta", now=clock), clock)
    chat = (await knowing(alpha, beta, others=[other.held], directory=directory)).chat
    span = last(30 * DAY, clock())
    await chat.say(ADA, "/pnl 30d")
    assert chat.last.message.title == f"PnL 30d: {change(made(alpha, span) + made(beta, span))} USD"
    assert f"alpha {change(made(alpha, span))}" in chat.last.text
    assert f"beta  {change(made(beta, span))}" in chat.last.text
    assert "Recorded since 14 Apr 12:00: beta, with 10,000.00." in chat.last.text
    await chat.say(ADA, "/pnl alpha 30d")
    assert chat.last.message.title == f"PnL 30d of alpha: {change(made(alpha, span))} USD"
    await chat.say(VIC, "/pnl 30d")
    assert chat.last.message.title == f"PnL 30d: {change(made(beta, span))} USD"
    assert "alpha" not in chat.last.text
    await chat.say(VIC, "/pnl alpha")
    assert chat.last.message.title == "You may not ask about alpha: the settings bind you to other bots."
    await chat.say(ADA, "/pnl gamma")
    assert "after the word a bot, if you like: alpha, beta" in chat.last.message.title


@on_memory
async def test_before_anything_is_recorded_it_tells_what_the_bot_says(knowing: Opening) -> None:
    chat = (await knowing()).chat
    await chat.say(VIC, "/pnl 30d")
    assert chat.last.message.title == "Nothing recorded yet: today +12.50 USD"
    assert "Equity          10,012.50" in chat.last.text
    assert chat.last.labels == ["Refresh"]


@on_memory
async def test_what_is_recorded_of_a_bot_is_told_from_its_first_moment_on(knowing: Opening, trader: Trader) -> None:
    session = Session(strategy="carry", mode=Mode.PAPER, started_at=trader.now() - 300 * DAY, stage=Stage.MONITORING)
    pnl = Pnl(realized=Decimal(5_000), unrealized=Decimal(12), total=Decimal(5_012))
    portfolio = Portfolio(equity=Decimal(15_012), pnl=pnl)
    trader.controller.publish({"session": session, "portfolio": portfolio, "positions": []})
    world = await knowing()
    # Where to go on, and then what there is.
    await world.desk.recording.store()
    await world.desk.recording.store()
    await world.chat.say(VIC, "/pnl")
    # What it made in those 300 days is not of this one; what is open is.
    assert world.chat.last.message.title == "PnL 24h: +12.00 USD"
    assert "Recorded since 4 May 12:00: alpha, with 15,000.00." in world.chat.last.text


async def test_while_the_database_is_away_it_says_so_and_tells_what_is_so_now(world: World, plug: Plug) -> None:
    async with world.desk.outbox.open():
        await plug.pull()
        await world.chat.say(VIC, "/equity")
        await world.reads("No history now")
        assert world.chat.last.message.title == "⚠ No history now: today +12.50 USD"
        assert "The database does not answer" in world.chat.last.text
        assert "10,012.50" in world.chat.last.text
        await plug.put_back()


@on_memory
async def test_words_pictures_files_reports_and_figures_agree_to_the_cent(
    knowing: Opening, alpha: Earnings, closed_studio: Watched, clock: Clock
) -> None:
    world = await knowing(alpha, studio=closed_studio)
    chat, span = world.chat, last(30 * DAY, clock())
    figures = Figures(PostgresHistory(world.database))
    titles = []
    for word in ("pnl 30d", "performance 30d", "performance asset 30d", "equity 30d"):
        await chat.say(VIC, f"/{word}")
        titles.append(chat.last.message.title)
    bars, by_lane, by_asset, curve = closed_studio.asked
    total = change(made(alpha, span))
    assert [total in title for title in titles] == [True] * 4
    assert isinstance(bars, drawn.Daily)
    assert f"{sum(one.total for one in bars.days):+.2f}" == total
    assert isinstance(by_lane, drawn.Attribution)
    assert f"{sum(one.total for one in by_lane.shares):+.2f}" == total
    assert isinstance(by_asset, drawn.Attribution)
    assert f"{sum(one.total for one in by_asset.shares):+.2f}" == total
    assert isinstance(curve, drawn.Equity)
    assert f"{curve.made.values[-1]:+.2f}" == total
    await chat.say(VIC, "/export pnl 30d csv")
    assert chat.last.file is not None
    days_sent = list(csv.DictReader(chat.last.file.content.decode("utf-8-sig").splitlines()))
    assert change(sum((Decimal(row["total"]) for row in days_sent), Decimal(0))) == total
    assert sum(Decimal(row["total"]) for row in days_sent) == made(alpha, span)
    midnight = clock().replace(hour=0)
    for word in ("pnl today", "reports daily now", "equity today"):
        await chat.say(VIC, f"/{word}")
        assert change(made(alpha, Span(midnight, span.end))) in chat.last.message.title, word
    summary = await figures.summary(["alpha"], span, UTC)
    of_days = await figures.bars(["alpha"], Calendar(days(span, UTC)))
    of_venues = await figures.attributed(["alpha"], span, By.VENUE)
    assert change(summary.parts.total) == change(summary.equity.made) == total
    assert change(sum((one.parts.total for one in of_days if one.parts), Decimal(0))) == total
    assert change(sum((one.total for one in of_venues.values()), Decimal(0))) == total


class Growing(PostgresHistory):
    """A history of which more is stored as soon as somebody has read it."""

    async def books(
        self,
        bots: Collection[str],
        span: Span,
        *,
        step: timedelta | None = None,
        marks: Sequence[datetime] = (),
        apart: bool = True,
    ) -> Books:
        found = await super().books(bots, span, step=step, marks=marks, apart=apart)
        for bot, before in (await self.heads(bots)).items():
            earned_now = Booking(span.end - timedelta(seconds=1), Origin(bot), Decimal(77))
            assert not await self.keep(
                [Batch(bot, before, replace(before, seq=before.seq + 1), bookings=(earned_now,))]
            )
        return found


@on_memory
async def test_what_is_recorded_while_an_answer_is_made_stands_in_all_of_it_or_in_nothing(
    knowing: Opening, alpha: Earnings, closed_studio: Watched
) -> None:
    world = await knowing(alpha)
    figures = Figures(Growing(world.database))
    commands = MoneyCommands(figures, closed_studio, Habits(lambda room: UTC), world.clock)
    vic = people().identify(Identity("memory", VIC))
    assert vic is not None
    fleet = Fleet([world.bot.held])
    asking = Asking(vic, Identity("memory", VIC), world.chat.room, world.clock(), uuid4(), fleet)
    first = await commands.pnl(AskPnl(range="30d"), asking)
    second = await commands.lately(Daily(), asking)
    for reply, picture in zip((first, second), closed_studio.asked, strict=True):
        assert isinstance(picture, drawn.Daily)
        assert f"{sum(one.total for one in picture.days):+.2f} USD" in reply.message.title


@on_memory
async def test_a_picture_comes_with_it_and_its_words_stand_under_it(
    knowing: Opening, alpha: Earnings, studio: Watched
) -> None:
    chat = (await knowing(alpha, studio=studio)).chat
    for word in ("pnl", "daily", "monthly", "performance"):
        await chat.say(VIC, f"/{word}")
        message = chat.last.message
        assert message.attachment is not None, word
        assert message.attachment.content.startswith(b"\x89PNG"), word
        assert len(message.text) <= 900, word
        lines = [line for block in message.blocks if isinstance(block, Table) for line in block.lines]
        assert max(map(width, lines)) <= PHONE_COLUMNS, word


@on_memory
async def test_everybody_reads_it_in_their_own_zone_and_on_their_own_ground(
    knowing: Opening, alpha: Earnings, closed_studio: Watched
) -> None:
    chat = (await knowing(alpha, studio=closed_studio)).chat
    await chat.say(VIC, "/prefs dark")
    await chat.say(VIC, "/prefs zone Asia/Tokyo")
    await chat.say(VIC, "/pnl today")
    assert "4 May 00:00 – 4 May 21:00, Asia/Tokyo" in chat.last.text
    await chat.say(ADA, "/pnl today")
    assert "4 May 00:00 – 4 May 12:00, UTC" in chat.last.text
    tokyo = ZoneInfo("Asia/Tokyo")
    assert closed_studio.styles == [Style(Theme.DARK, tokyo), Style(Theme.LIGHT, UTC)]


# The way in plays no part, and drawing takes long: once on each platform that holds pictures itself.
@pytest.mark.parametrize("chat", ["telegram", "slack"], indirect=True)
async def test_on_real_platforms_another_time_is_another_picture_on_the_same_message(
    knowing: Opening, alpha: Earnings, studio: Watched
) -> None:
    chat = (await knowing(alpha, studio=studio)).chat
    await chat.say(VIC, "/pnl")
    first = chat.last
    await chat.press(VIC, "30d")
    assert [shown.id for shown in chat.shown] == [first.id]
    assert chat.last.message.title.startswith("PnL 30d: ")
    assert [type(one) for one in studio.asked] == [drawn.Equity, drawn.Daily]


@on_memory
async def test_without_a_picture_in_time_the_words_go_alone(
    world: World,
) -> None:
    await world.chat.say(VIC, "/pnl")
    assert world.chat.last.message.attachment is None
    assert "The chart took too long; ask again." in world.chat.last.text


def made(bot: Earnings, span: Span) -> Decimal:
    """What it made by the lists of what it did, with nothing of ours between."""
    booked = sum(one.realized - one.fees for one in bot.bookings if span.start <= one.at < span.end)
    paid = sum(one.actual for one in bot.payments if span.start <= one.at < span.end)
    before = [one.unrealized for one in bot.samples if one.at < span.start]
    after = [one.unrealized for one in bot.samples if one.at < span.end]
    return Decimal(booked + paid + after[-1] - (before[-1] if before else 0))
