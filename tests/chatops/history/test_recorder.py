"""What is recorded of a bot's life: each snapshot against the one before."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot_integration import EventCategory, TimelineEvent
from chatops.history.pending import MANY_KEPT, MANY_SAMPLES, Pending
from chatops.history.recorder import THIN_EVERY, Recorder
from chatops.history.rows import Metric, Why
from chatops.money.facts import Gap, Origin, Sample, TradeLeg, Transfer
from tests.chatops.history.bots import FIRST_RUN, NOON, Told, leg, pnl, position, usd

SOL = Origin("alpha", "SOL-1", "SOL", "carry", "main")
OKX, BYBIT = (Origin("alpha", "SOL-1", "SOL", "carry", "main", venue) for venue in ("okx", "bybit"))


def test_a_position_is_opened_paid_and_closed() -> None:
    bot = Told()
    bot.say()
    opened = bot.say("999", position(fees="1", legs=(leg(), leg("bybit"))), pnl=pnl(fees="1"))
    paid = bot.say(
        "1001",
        position(
            fees="1",
            funding="2",
            legs=(leg(funding="3", funding_expected=usd("2.5")), leg("bybit", "-1", health_factor=0.3)),
        ),
        pnl=pnl(funding="2", fees="1"),
    )
    gone = (
        leg(funding="3", funding_expected=usd("2.5"), realized=usd(9), fees=usd("1.5"), size=0),
        leg("bybit", "-1", realized=usd(-4), fees=usd("0.5"), size=0, side="short"),
    )
    closed = bot.say(
        "1005",
        position(stage="closed", realized="5", fees="2", funding="2", closed_legs=gone, slippage=usd("0.3")),
        pnl=pnl("5", funding="2", fees="2"),
    )
    assert [(one.of, one.realized, one.fees) for one in opened.bookings] == [(SOL, usd(0), usd(1))]
    assert [(one.of, one.actual, one.expected) for one in paid.payments] == [
        (OKX, usd(3), usd("2.5")),
        (BYBIT, usd(-1), None),
    ]
    assert [(one.of, one.realized, one.fees) for one in closed.bookings] == [(SOL, usd(5), usd(1))]
    (trade,) = closed.trades
    assert (trade.realized, trade.funding, trade.fees, trade.net) == tuple(map(usd, (5, 2, 2, 5)))
    assert (trade.deployed, trade.slippage) == (usd(100), usd("0.3"))
    assert trade.legs == (
        TradeLeg("okx", "SOL-PERP", "long", usd(9), usd(3), usd("1.5")),
        TradeLeg("bybit", "SOL-PERP", "short", usd(-4), usd(-1), usd("0.5")),
    )
    assert not any((*opened.transfers, *paid.transfers, *closed.transfers))


def test_what_was_expected_of_a_bot_that_says_it_by_market_alone_is_shared_by_what_came() -> None:
    bot = Told()
    bot.say("1000", position(legs=(leg(),)))
    told = bot.snapshot("1002", position(funding="2", legs=(leg(funding="2"),)), pnl=pnl(funding="2"))
    market = {"venue": "okx", "asset": "SOL", "rate": 0.0001, "accrued_expected": 3, "accrued_actual": 4}
    bot.recorder.take(type(told).model_validate({**told.model_dump(), "seq": 9, "funding": [market]}))
    batch = bot.recorder.batch()
    assert batch is not None
    assert [(one.actual, one.expected) for one in batch.payments] == [(usd(2), usd("1.5"))]


def test_what_was_expected_and_did_not_come_is_told() -> None:
    bot = Told()
    bot.say("1000", position(legs=(leg(funding_expected=usd(0)),)))
    batch = bot.say("1000", position(legs=(leg(funding_expected=usd(3)),)))
    assert [(one.of, one.actual, one.expected) for one in batch.payments] == [(OKX, usd(0), usd(3))]


def test_nobody_foretold_the_interest_of_a_leg_that_was_closed() -> None:
    bot = Told()
    bot.say("1000", position(legs=(leg(), leg("bybit"))))
    legs: dict[str, Any] = {"legs": (leg(funding="2", funding_expected=usd(1)),), "closed_legs": (leg("bybit", "-1"),)}
    told = bot.snapshot("1001", position(funding="1", **legs), pnl=pnl(funding="1"))
    markets = [
        {"venue": venue, "asset": "SOL", "rate": 0.0001, "accrued_expected": 3, "accrued_actual": 4}
        for venue in ("okx", "bybit")
    ]
    bot.recorder.take(type(told).model_validate({**told.model_dump(), "seq": 9, "funding": markets}))
    batch = bot.recorder.batch()
    assert batch is not None
    assert [(one.of, one.actual, one.expected) for one in batch.payments] == [
        (OKX, usd(2), usd(1)),
        (BYBIT, usd(-1), None),
    ]


def test_interest_that_accrues_every_second_waits_for_a_cent_or_for_its_quarter_of_an_hour() -> None:
    bot = Told()
    bot.say("1000", position(legs=(leg(),)))
    told = [
        bot.say("1000", position(funding=amount, legs=(leg(funding=amount),)), after=after).payments
        for amount, after in (("-0.004", 1), ("-0.008", 1), ("-0.012", 1), ("-0.013", 1), ("-0.014", 900))
    ]
    assert [[one.actual for one in some] for some in told] == [[], [], [usd("-0.012")], [], [usd("-0.001")]]
    assert told[4][0].at == NOON + timedelta(seconds=5)


def test_what_a_leg_got_last_that_went_without_a_word_is_of_its_venue() -> None:
    bot = Told()
    bot.say("1000", position(funding="1", legs=(leg(funding="2"), leg("bybit", "-1"))), pnl=pnl(funding="1"))
    batch = bot.say("1000", position(funding="5", legs=(leg("bybit", "-1"),)), pnl=pnl(funding="5"))
    assert [(one.of, one.actual) for one in batch.payments] == [(OKX, usd(4))]


def test_a_position_that_is_gone_has_made_what_the_portfolio_says() -> None:
    bot = Told()
    bot.say("1000", position(fees="1", unrealized="7", legs=(leg(),)), pnl=pnl(unrealized="7", fees="1"))
    batch = bot.say("1000.5", pnl=pnl("8", fees="1.5"))
    assert [(one.of, one.realized, one.fees) for one in batch.bookings] == [(SOL, usd(8), usd("0.5"))]
    assert [(one.realized, one.fees) for one in batch.trades] == [(usd(8), usd("1.5"))]
    assert [(one.message, one.position) for one in batch.happened] == [("gone", "SOL-1")]
    assert not batch.transfers


def test_of_several_that_are_gone_each_realized_what_it_would_have_and_the_rest_is_of_none() -> None:
    bot = Told()
    bot.say("1009", position(unrealized="7"), position("ETH-1", unrealized="2"), pnl=pnl(unrealized="9"))
    batch = bot.say("1008", pnl=pnl("8.5", fees="0.5"))
    made = {one.of.position: (one.realized, one.fees) for one in batch.bookings}
    assert made == {"SOL-1": (usd(7), usd(0)), "ETH-1": (usd(2), usd(0)), "": (usd("-0.5"), usd("0.5"))}
    assert {one.of.position for one in batch.trades} == {"SOL-1", "ETH-1"}
    assert {one.of.strategy for one in batch.bookings} == {"carry"}


def test_where_another_was_opened_and_closed_meanwhile_the_rest_is_not_all_of_the_one_that_is_gone() -> None:
    bot = Told()
    bot.say("1007", position(unrealized="7"), pnl=pnl(unrealized="7"), trades=4)
    batch = bot.say("1010", after=200, pnl=pnl("10"), trades=6)
    assert {one.of.position: one.realized for one in batch.bookings} == {"SOL-1": usd(7), "": usd(3)}
    assert [one.realized for one in batch.trades] == [usd(7)]


def test_of_a_portfolio_that_says_no_profit_a_position_that_is_gone_realized_what_it_would_have() -> None:
    bot = Told()
    bot.say("1000", position(unrealized="7"))
    batch = bot.say("1000")
    assert [(one.of, one.realized) for one in batch.bookings] == [(SOL, usd(7))]


def test_a_cost_of_no_position_is_booked_where_equity_shows_it() -> None:
    bot = Told()
    bot.say("1000", position(), pnl=pnl("1"))
    batch = bot.say("998", position(), pnl=pnl("1", fees="2"))
    assert [(one.of, one.fees) for one in batch.bookings] == [(Origin("alpha"), usd(2))]


def test_a_portfolio_that_says_other_things_than_positions_and_equity_is_not_heeded() -> None:
    bot = Told()
    bot.say("1000", position(), pnl=pnl("100"))
    begins_its_day = bot.say("1000", position(unrealized="3"), pnl=pnl("0", unrealized="3"))
    gone = bot.say("1000", pnl=pnl("50"))
    assert not begins_its_day.bookings
    assert [(one.of, one.realized) for one in gone.bookings] == [(SOL, usd(3))]


def test_a_jump_of_equity_that_no_profit_explains_is_money_put_in() -> None:
    bot = Told()
    bot.say("1000", position())
    put_in = bot.say("1500", position())
    assert [(one.amount, one.reason) for one in put_in.transfers] == [(usd(500), "put in")]
    assert put_in.samples[-1].deposits == 1500
    assert not bot.say("1501", position()).transfers
    assert [one.amount for one in bot.say("901", position()).transfers] == [-600]


def test_a_bot_that_says_what_was_put_in_is_believed_to_the_cent() -> None:
    bot = Told()
    bot.say("1000", deposits=usd(1000))
    batch = bot.say("1700.25", deposits=usd("1000.25"))
    assert batch.transfers == (Transfer(bot.at, "alpha", usd("0.25"), "put in"),)


def test_a_run_that_begins_from_nothing_is_money_moved_and_its_ids_are_other_positions() -> None:
    bot = Told()
    began: dict[str, Any] = {"deposits": usd(1000), "pnl_since": NOON}
    bot.say("1000", position(), **began)
    first = bot.say("1050", position(stage="closed", realized="50"), pnl=pnl("50"), **began)
    bot.restart()
    began = {"deposits": usd(1000), "pnl_since": bot.at}
    anew = bot.say("1000", **began)
    bot.say("1000", position(opened_at=bot.at), **began)
    second = bot.say("1020", position(stage="closed", realized="20", opened_at=bot.at), pnl=pnl("20"), **began)
    assert [(one.amount, one.reason) for one in anew.transfers] == [(usd(-50), "began anew")]
    assert not anew.bookings
    assert [one.realized for one in second.bookings] == [20]
    assert first.trades[0].id != second.trades[0].id
    assert second.samples[-1].made == 70


def test_an_id_that_another_run_gives_to_another_position_counts_from_nothing() -> None:
    bot = Told()
    bot.say("1000", position(realized="50", fees="3", funding="5", legs=(leg(funding="5"),)))
    bot.restart()
    other = position(realized="60", fees="4", funding="2", legs=(leg(funding="2"),), opened_at=bot.at)
    batch = bot.say("1000", other)
    assert [(one.realized, one.fees) for one in batch.bookings if one.realized] == [(usd(60), usd(4))]
    assert [one.actual for one in batch.payments] == [usd(2)]


def test_what_waits_outlives_a_restart_of_ours() -> None:
    bot = Told()
    bot.say("1000", position(legs=(leg(),)))
    before = bot.say("1000", position(funding="-0.006", legs=(leg(funding="-0.006"),)))
    bot.recorder = Recorder("alpha", replace(before.head, known=json.loads(json.dumps(before.head.known))))
    after = bot.say("1000", position(funding="-0.012", legs=(leg(funding="-0.012"),)))
    assert not before.payments
    assert [(one.of, one.actual) for one in after.payments] == [(OKX, usd("-0.012"))]


def test_a_portfolio_that_counts_each_day_anew_loses_no_position_that_goes_in_that_moment() -> None:
    bot = Told()
    bot.say("1000", position(realized="5", unrealized="7"), pnl=pnl("40", unrealized="7"), pnl_since=NOON)
    midnight = bot.at + timedelta(milliseconds=500)
    batch = bot.say("1001", pnl=pnl("8"), pnl_since=midnight)
    assert [(one.of, one.realized) for one in batch.bookings] == [(SOL, usd(8))]
    assert [one.realized for one in batch.trades] == [usd(13)]


def test_a_run_that_goes_on_with_what_is_held_books_nothing_twice() -> None:
    bot = Told()
    bot.say("1000", position(realized="5", fees="1", legs=(leg(funding="3"),), funding="3"), pnl=pnl("5"))
    bot.restart()
    same = position(realized="6", fees="1", legs=(leg(funding="3"),), funding="3")
    batch = bot.say("1001", same, pnl=pnl("6"))
    assert [(one.of, one.realized, one.fees) for one in batch.bookings] == [(SOL, usd(1), usd(0))]
    assert not batch.payments
    assert not batch.transfers


def test_both_runs_are_told_and_the_last_of_the_old_one_is_kept() -> None:
    bot = Told()
    bot.say()
    bot.restart()
    batch = bot.say()
    old, new = sorted(batch.runs, key=lambda one: one.started_at)
    assert (old.session_id.int, old.ended_at, old.seen_at) == (1, NOON + timedelta(seconds=1), old.ended_at)
    assert (new.session_id.int, new.ended_at, new.seen_at) == (2, None, bot.at)
    assert [(one.why, one.snapshot.session_id.int) for one in batch.kept] == [(Why.STOP, 1), (Why.START, 2)]


def test_what_is_older_than_the_last_is_left_out() -> None:
    bot = Told()
    bot.say("1000", position(realized="5"))
    bot.recorder.take(bot.snapshot("1", position(realized="99")))
    assert bot.recorder.batch() is None
    bot.restart()
    bot.say("1000", position(realized="5"))
    bot.run, bot.started_at = FIRST_RUN, NOON
    bot.seq = 70
    bot.recorder.take(bot.snapshot("1", position(realized="99")).model_copy(update={"at": NOON}))
    assert bot.recorder.batch() is None


def test_a_time_in_which_nobody_saw_it_is_a_gap() -> None:
    bot = Told()
    bot.say()
    assert not bot.say(after=90).gaps
    seen = bot.at
    assert bot.say(after=91).gaps == (Gap("alpha", seen, bot.at),)


def test_a_silence_that_goes_on_is_told_each_minute_and_whole_when_it_is_over() -> None:
    bot = Told()
    seen = bot.say().head
    for seconds in range(0, 240, 10):
        bot.recorder.silent(timedelta(seconds=seconds))
    batch = bot.recorder.batch()
    assert batch is not None
    assert (batch.before, batch.head) == (seen, seen)
    assert [(one.end - one.start).total_seconds() for one in batch.gaps] == [100, 160, 220]
    assert bot.recorder.batch() is None
    over = bot.say(after=250)
    assert over.gaps == (Gap("alpha", seen.snapshot.at, bot.at),)
    assert over.before == seen


def test_the_last_of_each_minute_is_a_sample() -> None:
    bot = Told()
    for equity in ("1000", "1001", "1002", "1003"):
        bot.take(equity, position(unrealized="1", legs=(leg(unrealized=usd(1)),)), after=25)
    batch = bot.recorder.batch()
    assert batch is not None
    assert [(one.at - NOON, one.equity) for one in batch.samples] == [
        (timedelta(seconds=50), usd(1001)),
        (timedelta(seconds=100), usd(1003)),
    ]
    assert [(one.of, one.unrealized) for one in batch.samples[0].legs] == [(OKX, usd(1))]


def test_snapshots_are_kept_when_something_happens_and_every_half_minute() -> None:
    bot = Told()
    bot.take()
    bot.take("1000", position(stage="opening"))
    bot.take("1000", position())
    bot.take("1000", position())
    bot.recorder.alerted()
    bot.recorder.alerted()
    bot.take("1000", position(), after=30)
    bot.take("1000", position(stage="closed"))
    batch = bot.recorder.batch()
    assert batch is not None
    whys = [(one.why, one.snapshot.seq) for one in batch.kept]
    assert whys == [(Why.START, 1), (Why.OPEN, 3), (Why.ALERT, 4), (Why.REGULAR, 5), (Why.CLOSE, 6)]


def test_each_line_of_the_timeline_and_each_stage_is_told_once() -> None:
    bot = Told()
    lines = [
        TimelineEvent(at=NOON, category=EventCategory.INFO, message=f"{number}", data={"position": "SOL-1"})
        for number in range(30)
    ]
    bot.timeline = tuple(lines[:2])
    bot.take("1000", position(stage="opening"))
    bot.take("1000", position(stage="opening"))
    bot.timeline = tuple(lines[1:4])
    bot.take("1000", position())
    bot.timeline = tuple(lines[10:30])
    bot.take("1000", position())
    batch = bot.recorder.batch()
    assert batch is not None
    stages = [one.message for one in batch.happened if one.category == "position"]
    assert stages == ["opening", "open"]
    told = [one.message for one in batch.happened if one.category == "info"]
    assert told == ["0", "1", "2", "3", *(f"{number}" for number in range(10, 30))]
    assert {one.position for one in batch.happened} == {"SOL-1"}


def test_what_was_measured_within_a_minute() -> None:
    bot = Told()
    for equity in ("1000", "1003", "999", "1002"):
        bot.take(equity, position(delta=3, legs=(leg(margin_fraction=0.5),)), after=15)
    batch = bot.recorder.batch()
    assert batch is not None
    rest = bot.recorder.batch(final=True)
    assert rest is not None
    assert (rest.before, rest.head) == (batch.head, batch.head)
    assert [(one.at, one.count) for one in rest.measured if one.metric is Metric.EQUITY] == [
        (NOON + timedelta(minutes=1), 1)
    ]
    (measured,) = [one for one in batch.measured if one.metric is Metric.EQUITY]
    assert (measured.at, measured.count) == (NOON, 3)
    assert (measured.average, measured.minimum, measured.maximum, measured.last) == (3002 / 3, 999, 1003, 999)
    subjects = {one.metric: one.subject for one in batch.measured}
    assert subjects[Metric.DELTA] == "SOL-1"
    assert subjects[Metric.MARGIN_FRACTION] == "SOL-1/okx/SOL-PERP"


def test_while_nothing_can_be_stored_what_can_be_spared_goes() -> None:
    bot = Told(Recorder("alpha", keep_every=timedelta(0)))
    for number in range(THIN_EVERY):
        bot.take("1000", position(realized=f"{number}"), after=60, pnl=pnl(f"{number}"))
    batch = bot.recorder.batch()
    assert batch is not None
    assert sum(one.realized for one in batch.bookings) == THIN_EVERY - 1
    assert len(batch.kept) <= MANY_KEPT
    assert len(batch.samples) == THIN_EVERY


def test_of_very_many_samples_the_last_of_each_quarter_of_an_hour_is_left() -> None:
    pending = Pending()
    minutes = [NOON + timedelta(minutes=number, seconds=30) for number in range(MANY_SAMPLES + 7)]
    pending.samples = {at - timedelta(seconds=30): Sample(at, "alpha", usd(1)) for at in minutes}
    pending.thin()
    left = [one.at for one in pending.samples.values()]
    assert left == [*minutes[14:-1:15], minutes[-1]]
