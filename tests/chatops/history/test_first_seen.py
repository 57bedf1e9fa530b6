"""What a bot made before it was first seen is no day's profit, and nothing of what it makes from then on is missing."""

from datetime import timedelta

from chatops.money.facts import Origin
from tests.chatops.history.bots import NOON, Told, leg, pnl, position, usd

SOL = Origin("alpha", "SOL-1", "SOL", "carry", "main")
LONG_AGO = NOON - timedelta(days=200)


def test_what_a_bot_made_before_it_was_first_seen_is_a_part_of_what_it_began_with() -> None:
    held = position(realized="40", funding="5", fees="2", unrealized="12", opened_at=LONG_AGO, legs=(leg(funding="5"),))
    bot = Told(started_at=LONG_AGO)
    first = bot.say("15012", held, pnl=pnl("5000", unrealized="12", funding="5", fees="2"))
    assert not (*first.bookings, *first.payments)
    assert [(one.amount, one.reason) for one in first.transfers] == [(usd(15_000), "began with")]
    assert [(one.deposits, one.made) for one in first.samples] == [(usd(15_000), usd(12))]
    # From then on it counts to the cent.
    then = bot.say("15010", pnl=pnl("5011", funding="5", fees="3"))
    assert [(one.of, one.realized, one.fees) for one in then.bookings] == [(SOL, usd(11), usd(1))]
    assert [one.realized for one in then.trades] == [usd(51)]
    assert not then.transfers


def test_what_was_opened_just_before_a_bot_was_first_seen_counts_and_what_it_made_before_does_not() -> None:
    batch = Told().say("1007.50", position(realized="10", fees="2.50"), pnl=pnl("510", fees="2.50"))
    assert [one.amount for one in batch.transfers] == [usd(1000)]
    assert [(one.of, one.realized, one.fees) for one in batch.bookings] == [(SOL, usd(10), usd("2.50"))]
    assert [(one.deposits, one.made) for one in batch.samples] == [(usd(1000), usd("7.50"))]
    assert batch.before is None


def test_of_a_bot_whose_profit_counts_since_a_moment_ago_all_of_it_counts() -> None:
    batch = Told().say("1003", pnl=pnl("5", fees="2"), pnl_since=NOON)
    assert [(one.of, one.realized, one.fees) for one in batch.bookings] == [(Origin("alpha"), usd(5), usd(2))]
    assert [one.amount for one in batch.transfers] == [usd(1000)]
    a_day_ago = Told().say("1003", pnl=pnl("5", fees="2"), pnl_since=NOON - timedelta(days=1))
    assert not a_day_ago.bookings
    assert [one.amount for one in a_day_ago.transfers] == [usd(1003)]


def test_of_a_bot_that_counts_each_day_anew_what_is_held_brings_no_earlier_day_with_it() -> None:
    held = position(realized="40", fees="2", opened_at=LONG_AGO)
    batch = Told(started_at=LONG_AGO).say("1003", held, pnl=pnl("3"), pnl_since=NOON)
    assert [(one.of, one.realized, one.fees) for one in batch.bookings] == [(Origin("alpha"), usd(3), usd(0))]
    assert [one.amount for one in batch.transfers] == [usd(1000)]
