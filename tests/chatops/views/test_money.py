"""Answers about money as they stand on a phone."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from bot_integration import Portfolio
from chatops.asks import Daily, Equity, Monthly, Performance, Pnl, Weekly
from chatops.messages import Message
from chatops.money.attribution import By, attributed
from chatops.money.daily import bars as bars_of
from chatops.money.facts import Gap, Origin
from chatops.money.known import known
from chatops.money.performance import performance_by
from chatops.money.spans import Calendar, Span, day, day_of, days, months, weeks
from chatops.money.summary import summary
from chatops.ranges import RANGES, RangeName, in_words, span_of
from chatops.views import money_live
from chatops.views.money import CAPTION, Account
from chatops.views.money_bars import bars
from chatops.views.money_equity import equity
from chatops.views.money_performance import performance
from chatops.views.money_pnl import pnl
from tests.chatops.views.readable import assert_readable
from tests.earnings import DAY, HOUR, Earnings, books_of, earned, snapshot_of

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def account(made: Sequence[Earnings], name: RangeName = "30d", *, span: Span | None = None, bot: str = "") -> Account:
    books, bots = books_of(*made), tuple(one.bot for one in made)
    span = span or span_of(name, NOW, BERLIN)
    span = Span(max(span.start, NOW - 400 * DAY), span.end)
    moved = tuple(one for bot in made for one in bot.transfers if one.at in span)
    return Account(
        in_words(name),
        BERLIN,
        NOW,
        bots,
        bot,
        summary(books, span, BERLIN),
        attributed(books, span, By.BOT),
        moved,
        known(books, span, bots, moved),
    )


def every_answer(made: Sequence[Earnings], name: RangeName = "30d") -> list[Message]:
    """Each word's, as it stands under a picture."""
    told, books = account(made, name), books_of(*made)
    fortnight = Span(day(day_of(NOW, BERLIN) - 13 * DAY, BERLIN).start, NOW)
    year = Span(NOW - 365 * DAY, NOW)
    by = By.STRATEGY
    lanes = attributed(books, told.summary.span, by), performance_by(books.trades, told.summary.span, by)
    return [
        pnl(told, Pnl(range=name)),
        equity(told, Equity(range=name)),
        performance(told, *lanes, Performance(by="strategy", range=name), several=True),
        bars(account(made, span=fortnight), bars_of(books, Calendar(days(fortnight, BERLIN))), Daily()),
        bars(account(made, span=year), bars_of(books, Calendar(weeks(fortnight, BERLIN))), Weekly()),
        bars(account(made, span=year), bars_of(books, Calendar(months(year, BERLIN))), Monthly()),
    ]


def test_the_total_stands_first_and_what_it_is_made_of_below() -> None:
    made = Earnings("alpha")
    made.put_in(NOW - 40 * DAY, Decimal(10_000))
    made.look(NOW - 40 * DAY)
    of = Origin("alpha", "SOL-1", "SOL", "arbitrage", "carry", "bybit")
    made.open(NOW - 2 * DAY, of, Decimal("1.25"))
    made.fund(NOW - DAY, of, Decimal("3.10"), Decimal("3.00"))
    made.marks[of] = Decimal("-0.40")
    made.put_in(NOW - HOUR, Decimal(-500))
    made.look(NOW - timedelta(seconds=4))
    assert pnl(account([made], "7d"), Pnl(range="7d")).text == (
        "PnL 7d: +1.45 USD\n\n"
        "27 Apr 14:00 – 4 May 14:00, Europe/Berlin · 4 s old\n\n"
        "Realized      +0.00\n"
        "Unrealized    -0.40\n"
        "Funding       +3.10\n"
        "  expected    +3.00\n"
        "Fees          -1.25\n"
        "Equity     9,501.45\n"
        "Return       +0.01%\n\n"
        "Not counted, put in or taken out: -500.00 on 4 May 13:00."
    )


def test_what_equity_made_besides_is_said() -> None:
    made = earned("alpha", NOW)
    made.cash -= Decimal("12.34")
    made.look(NOW)
    assert "Equity made -12.34 besides: nobody told of what." in pnl(account([made]), Pnl(range="30d")).text


def test_cents_of_interest_that_wait_to_be_told_are_nothing_that_equity_made_besides() -> None:
    made = earned("alpha", NOW)
    made.cash -= Decimal("0.14")
    made.look(NOW)
    assert "besides" not in pnl(account([made]), Pnl(range="30d")).text


def test_many_bots_are_the_best_and_the_rest() -> None:
    made = [earned(f"bot{number}", NOW, days=3, luck=number) for number in range(1, 9)]
    text = pnl(account(made, "24h"), Pnl()).text
    assert "4 others" in text
    assert len([line for line in text.splitlines() if line.startswith("bot")]) == 1 + 4


def test_of_one_bot_among_several_the_title_says_which() -> None:
    told = account([earned("alpha", NOW)], bot="alpha")
    assert pnl(told, Pnl(range="30d", bot="alpha")).title.startswith("PnL 30d of alpha: ")


def test_a_day_before_anything_is_known_is_no_day_without_profit() -> None:
    made = earned("alpha", NOW, days=3)
    span = Span(NOW - 6 * DAY, NOW)
    message = bars(account([made], span=span), bars_of(books_of(made), Calendar(days(span, BERLIN))), Daily())
    assert ["Wed", "29", "Apr", "–", "–", "0"] in [line.split() for line in message.text.splitlines()]


amounts = st.decimals(-9_999_999_999, 9_999_999_999, places=2)
bot_names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=40)


@settings(max_examples=15, deadline=None)
@given(
    bots=st.lists(bot_names, min_size=1, max_size=7, unique=True),
    amount=amounts,
    name=st.sampled_from(RANGES),
)
def test_any_answer_can_be_read_and_stands_under_a_picture(bots: list[str], amount: Decimal, name: RangeName) -> None:
    made = [Earnings(bot) for bot in bots]
    for one in made:
        one.put_in(NOW - DAY, amount)
        one.look(NOW - DAY)
        of = Origin(one.bot, f"{one.bot}-long", "ASSET" * 9, "strategy " * 9 + one.bot, "lane" * 20, "venue")
        one.open(NOW - 5 * HOUR, of, abs(amount))
        one.fund(NOW - 4 * HOUR, of, amount, -amount)
        one.look(NOW - 3 * HOUR)
        one.close(NOW - 2 * HOUR, of, -amount, abs(amount))
        one.put_in(NOW - HOUR, amount)
        one.gaps.append(Gap(one.bot, NOW - 20 * HOUR, NOW - 3 * HOUR))
        one.look(NOW - HOUR)
    for message in every_answer(made, name):
        assert_readable(message)
        assert len(message.text) <= CAPTION, message.text


def test_without_history_every_bot_says_how_it_is_now() -> None:
    said = [(bot, snapshot_of(earned(bot, NOW, days=2), NOW)) for bot in ("alpha", "beta")]
    message = money_live.away([*said, ("gamma", None)], NOW, Pnl(range="30d"))
    assert_readable(message)
    assert message.title == "⚠ No history now"
    assert "alpha 9,997.48" in message.text
    assert "gamma: nothing heard yet." in message.text
    today = [
        (bot, one.model_copy(update={"portfolio": Portfolio(equity=Decimal(10_000), pnl_today=Decimal(3))}))
        for bot, one in said
    ]
    assert money_live.away(today, NOW, Pnl()).title == "⚠ No history now: today +6.00 USD"
