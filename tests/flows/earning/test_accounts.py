"""Asking what there is: trades, funding, exposure, balances, danger."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from alerts.severity import Severity
from chatops.charts import facts as drawn
from chatops.history.rows import Metric
from chatops.layout import width
from chatops.messages import PHONE_COLUMNS
from chatops.money.facts import Trade
from chatops.money.spans import last
from chatops.views.format import change
from tests.earnings import Earnings, earned
from tests.flows.accounts import Carry, Desks, measured, table
from tests.flows.conftest import VIC, Clock, near_alone, on_memory
from tests.plug import Plug

pytestmark = near_alone

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


# ------------------------------------------------------------------------ trades


@on_memory
async def test_trades_are_told_newest_first_with_what_they_made_and_when(desks: Desks, alpha: Earnings) -> None:
    await desks.keep(alpha)
    world = desks.open()
    await world.chat.say(VIC, "/trades 5")
    newest = sorted(alpha.trades, key=lambda one: one.closed_at, reverse=True)[:5]
    assert world.chat.last.message.title == f"The last 5 trades: {change(sum_of(newest))} USD"
    lines = table(world.chat)
    assert [line.split()[0] for line in lines[::2]] == [one.of.position for one in newest]
    assert [line.split()[1] for line in lines[::2]] == [change(one.net) for one in newest]
    assert lines[1] == "  3 May 12:00"
    assert "won" in world.chat.last.text
    assert world.chat.last.labels[-2:] == ["Refresh", "As a file"]


@on_memory
async def test_a_trade_of_the_list_leads_to_its_card(desks: Desks, alpha: Earnings) -> None:
    await desks.keep(alpha)
    world = desks.open()
    await world.chat.say(VIC, "/trades 3")
    newest = max(alpha.trades, key=lambda one: one.closed_at)
    await world.chat.press(VIC, newest.of.position)
    assert world.chat.last.message.title == f"{newest.of.position} · closed, {change(newest.net)} USD"
    assert "2 May 13:00 opened\n3 May 04:00 funding +0.67 USD in 2 payments, expected +0.31\n" in world.chat.last.text


@on_memory
async def test_before_a_trade_was_closed_there_is_none(desks: Desks) -> None:
    world = desks.open()
    await world.chat.say(VIC, "/trades")
    assert world.chat.last.message.title == "No trade has been closed yet."
    await world.chat.say(VIC, "/trades gamma")
    assert "gamma" in world.chat.last.message.title


# ------------------------------------------------------------------------ funding


@on_memory
async def test_funding_tells_rates_the_next_payment_and_what_came(desks: Desks, beta: Carry, alpha: Earnings) -> None:
    await desks.keep(alpha)
    world = desks.open(beta.controller)
    await world.chat.say(VIC, "/funding")
    came = sum(one.actual for one in alpha.payments if one.at in last(7 * DAY, world.clock()))
    assert world.chat.last.message.title == f"Funding 7d: {change(Decimal(came))} USD · next in 2 h 13 min"
    text = world.chat.last.text
    # 0.01 % every 8 hours; what is held comes first.
    assert "● SOL drift  +10.95% 2 h 13 min\n● SOL kamino  -5.48% 2 h 13 min\n  BTC drift  +98.55%" in text
    # Of what came in a week a part was predicted.
    assert "received expected of that in all\nbots say   +12.50  +12.31      –\n" in text
    assert "7d          +2.17   +2.34  +4.67" in text
    assert world.chat.last.labels == ["24h", "· 7d ·", "30d", "90d", "· SOL ·", "BTC", "Refresh"]


@on_memory
async def test_funding_of_one_asset_is_of_that_alone_and_a_range_may_stand_first(
    desks: Desks, beta: Carry, alpha: Earnings
) -> None:
    await desks.keep(alpha)
    world = desks.open(beta.controller)
    await world.chat.say(VIC, "/funding sol 30d")
    came = [one for one in alpha.payments if one.at in last(30 * DAY, world.clock()) and one.of.asset == "SOL"]
    paid = sum(one.actual for one in came)
    assert world.chat.last.message.title.startswith(f"Funding of SOL 30d: {change(Decimal(paid))} USD")
    assert "BTC drift" not in world.chat.last.text
    await world.chat.press(VIC, "All")
    assert "BTC drift" in world.chat.last.text
    await world.chat.say(VIC, "/funding 24h")
    assert "· 24h ·" in world.chat.last.labels


@on_memory
async def test_the_picture_of_funding_has_a_line_for_each_venue_of_the_asset(
    desks: Desks, beta: Carry, alpha: Earnings, clock: Clock
) -> None:
    rates = tuple(
        measured("beta", Metric.FUNDING_RATE, f"SOL/{venue}", clock() - minutes * MINUTE, value)
        for venue, value in (("drift", 10.0), ("kamino", -5.0))
        for minutes in (1, 2, 3)
    )
    made = earned("beta", clock(), days=2)
    await desks.keep(made, measured=rates)
    world = desks.open(beta.controller)
    await world.chat.say(VIC, "/funding beta 24h")
    (facts,) = desks.studio.asked
    assert isinstance(facts, drawn.FundingRates)
    assert facts.asset == "SOL"
    assert [(line.name, [round(one, 2) for one in line.values]) for line in facts.rates] == [
        ("drift", [10.0, 10.0, 10.0, 10.95]),
        ("kamino", [-5.0, -5.0, -5.0, -5.48]),
    ]


# ------------------------------------------------------------------------ exposure, balance


@on_memory
async def test_exposure_tells_what_is_net_by_venue_and_asset(desks: Desks, beta: Carry) -> None:
    world = desks.open(beta.controller)
    await world.chat.say(VIC, "/exposure beta")
    assert world.chat.last.message.title == "Exposure of beta: net +0.00 USD, gross 37,301.22"
    assert "kamino 18,650.61         – +18,650.61" in world.chat.last.text
    assert "drift          – 18,650.61 -18,650.61" in world.chat.last.text
    assert "SOL   37,301.22 +0.00 0.0%" in world.chat.last.text
    (facts,) = desks.studio.asked
    assert isinstance(facts, drawn.Exposure)
    assert [(one.venue, one.long, one.short, one.balance) for one in facts.held] == [
        ("drift", 0.0, 18650.61, 1000.0),
        ("kamino", 18650.61, 0.0, 3000.0),
    ]


@on_memory
async def test_balance_tells_what_lies_where_what_is_locked_and_how_old_that_is(
    desks: Desks, beta: Carry, clock: Clock
) -> None:
    world = desks.open(beta.controller)
    clock.pass_by(seconds=2)
    await world.chat.say(VIC, "/balance beta")
    assert world.chat.last.message.title == "Balance of beta: 4,000.00 USD, 2,500.00 locked"
    assert "kamino 3,000.00 2,500.00 84.6%" in world.chat.last.text
    assert "drift  1,000.00        – 15.4%" in world.chat.last.text
    assert "2 s old; ⚠ heard badly: drift" in world.chat.last.text
    clock.pass_by(seconds=60)
    await world.chat.press(VIC, "Refresh")
    assert world.chat.last.message.title.startswith("⚠ STALE · Balance of beta: ")


# ------------------------------------------------------------------------ health


@on_memory
async def test_health_is_a_ladder_of_every_leg_the_worst_first(desks: Desks, beta: Carry) -> None:
    world = desks.open(beta.controller)
    await world.chat.say(VIC, "/health")
    lines = table(world.chat)
    assert lines[0].split() == ["leg", "now", "alert", "to", "liq"]
    # The figure, the threshold that comes next, and how far the price may go.
    assert [line.split() for line in lines[1:]] == [
        ["SOL-1", "kamino", "beta", "HF", "0.228", "0.2", "19.0%"],
        ["ETH-1", "bybit", "alpha", "HF", "0.228", "0.2", "20.8%"],
        ["SOL-1", "bybit", "alpha", "HF", "0.400", "0.2", "20.8%"],
        ["SOL-1", "drift", "beta", "MF", "0.120", "0.1", "24.7%"],
    ]
    assert all(width(line) <= PHONE_COLUMNS for line in lines)
    assert world.chat.last.message.title == "4 legs, worst SOL-1 kamino: HF 0.228, 19.0% to liquidation"
    assert "No chart yet" in world.chat.last.text
    # Two bots may each have one of this id.
    await world.chat.press(VIC, "SOL-1 alpha")
    assert world.chat.last.labels[3:6] == ["SOL-1 beta", "ETH-1 alpha", "· SOL-1 alpha ·"]


@on_memory
async def test_a_leg_past_its_threshold_is_marked_and_the_next_one_is_named(desks: Desks, clock: Clock) -> None:
    desks.trader.health["ETH-1"] = 0.14
    desks.trader.publish()
    world = desks.open()
    await world.chat.say(VIC, "/health")
    assert world.chat.last.message.title.startswith("🔴 1 of 2 legs, worst ETH-1 bybit: HF 0.140, 20.8% to liquidation")
    (line,) = [one for one in table(world.chat) if "ETH-1" in one]
    assert line.split() == ["!!", "ETH-1", "bybit", "HF", "0.140", "0.1", "20.8%"]


@on_memory
async def test_the_picture_of_health_is_of_the_position_asked_for_with_thresholds(
    desks: Desks, clock: Clock, alpha: Earnings
) -> None:
    figures = tuple(
        measured("alpha", Metric.HEALTH_FACTOR, "SOL-1/bybit/SOL-1 spot", clock() - minutes * MINUTE, 0.3)
        for minutes in range(1, 30)
    )
    await desks.keep(alpha, measured=figures)
    world = desks.open()
    await world.chat.say(VIC, "/health sol-1")
    facts = desks.studio.asked[-1]
    assert isinstance(facts, drawn.Danger)
    assert facts.subject == "SOL-1"
    assert [(line.name, len(line.at), line.values[-1]) for line in facts.health_factors] == [("bybit", 30, 0.4)]
    assert dict(facts.health_thresholds)[Severity.WARNING] == 0.2
    assert "· SOL-1 ·" in world.chat.last.labels
    await world.chat.press(VIC, "7d")
    assert "· 7d ·" in world.chat.last.labels
    await world.chat.say(VIC, "/health nothing")
    assert world.chat.last.message.title == "There is no position “nothing”. The most endangered are:"


# ------------------------------------------------------------------------ without the database


@on_memory
async def test_all_that_is_so_now_is_told_while_the_database_is_away(desks: Desks, beta: Carry, plug: Plug) -> None:
    world = desks.open(beta.controller)
    async with world.desk.outbox.open():
        await plug.pull()
        for word, told in (
            ("/exposure", "net "),
            ("/balance", "Balance: "),
            ("/health", "The database does not answer: no chart."),
            ("/funding", "what came is stored there"),
            ("/position ETH-1", "its life is stored there"),
            ("/trades", "No history now"),
        ):
            await world.chat.say(VIC, word)
            await world.reads(told)
        await plug.put_back()


def sum_of(trades: Sequence[Trade]) -> Decimal:
    return sum((one.net for one in trades), Decimal(0))
