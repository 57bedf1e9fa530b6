"""A report is short enough to stand under its chart, however much there is to say."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from alerts.severity import Severity
from chatops.messages import PHONE_COLUMNS, Message, Paragraph
from chatops.money.books import Books
from chatops.money.daily import Bar
from chatops.money.facts import Booking, Gap, Origin, Sample, Trade
from chatops.money.known import known
from chatops.money.parts import Parts
from chatops.money.spans import Span, day
from chatops.money.summary import summary
from chatops.report_kinds import ReportKind
from chatops.reported import Reported, Tally
from chatops.views.heartbeat import heartbeat
from chatops.views.money import CAPTION
from chatops.views.reports import covers, report
from tests.chatops.notices.looks import look, sol
from tests.chatops.views.facts import NOW, carry

BERLIN = ZoneInfo("Europe/Berlin")
TODAY = NOW.astimezone(BERLIN).date()
YESTERDAY = day(TODAY - timedelta(days=1), BERLIN)


def told(span: Span = YESTERDAY, bots: tuple[str, ...] = ("alpha",)) -> Reported:
    """A day on which each bot won a trade and lost one."""
    noon = span.start + timedelta(hours=12)
    trades = [
        Trade(f"{bot}/{net}", Origin(bot, f"SOL-{net}"), span.start, noon, Decimal(net), Decimal(0), Decimal("0.5"))
        for bot in bots
        for net in (20, -5)
    ]
    bookings = [Booking(one.closed_at, one.of, one.realized, one.fees) for one in trades]
    samples = [Sample(span.start - timedelta(hours=1), bot, Decimal(1000), deposits=Decimal(1000)) for bot in bots]
    samples += [Sample(noon, bot, Decimal(1014), deposits=Decimal(1000)) for bot in bots]
    gaps = (Gap(bots[0], noon, noon + timedelta(hours=2)),)
    books = Books(tuple(bookings), (), tuple(trades), tuple(samples), gaps)
    return Reported(
        ReportKind.DAILY,
        span,
        BERLIN,
        NOW,
        bots,
        summary(books, span, BERLIN),
        {bot: Parts(Decimal(15), fees=Decimal(1)) for bot in bots},
        known(books, span, bots),
        Tally({Severity.WARNING: 2, Severity.CRITICAL: 1}, 2, timedelta(seconds=90)),
        tuple((bot, sol()) for bot in bots),
    )


def lines(message: Message) -> list[str]:
    tables = [block for block in message.blocks if not isinstance(block, Paragraph)]
    return [line for table in tables for line in table.lines]


def test_all_that_a_report_says() -> None:
    message = report(told())
    assert message.title == "Daily report, Sun 3 May: +14.00 USD"
    assert [line.split() for line in lines(message)] == [
        ["Realized", "+15.00"],
        ["Unrealized", "+0.00"],
        ["Funding", "+0.00"],
        ["Fees", "-1.00"],
        ["Total", "+14.00"],
        ["Equity", "1,014.00"],
        ["change", "+14.00"],
        ["return", "+1.40%"],
        ["Trades", "2,", "50.0%", "won"],
        ["Best", "SOL-20", "+19.50"],
        ["Worst", "SOL--5", "-5.50"],
        ["Open", "now:", "1", "HF", "unrealized"],
        ["SOL-1", "0.228", "+19.75"],
    ]
    assert "Covers 2026-05-03 (Europe/Berlin)." in message.text
    assert "Alerts: 1 critical, 2 warning; 2 acknowledged, after 1 min 30 s (median)." in message.text
    assert "⚠ alpha: not seen for 2 h of it." in message.text


def test_however_much_there_is_it_fits_under_a_chart_and_on_a_phone() -> None:
    bots = tuple(f"a-bot-with-a-long-name-{number}" for number in range(20))
    span = Span(YESTERDAY.start - timedelta(days=29), YESTERDAY.end)
    each = [
        Bar(one, Span(span.start, span.end), Parts(Decimal("-123456789.12")), 3, timedelta(hours=1))
        for one in (TODAY - timedelta(days=number) for number in range(30, 0, -1))
    ]
    held = tuple((bot, carry(f"POSITION-{number}")) for bot in bots for number in range(10))
    whole = replace(told(span, bots), each=each, held=held, why="the desk was away")
    message = report(whole)
    assert len(message.text) <= CAPTION
    assert max(map(len, lines(message))) <= PHONE_COLUMNS
    assert "2026-04-04 to 2026-05-03: the desk was away" in message.text
    # The nearest to its end is named, however many there are.
    assert "Open now: 200" in message.text


def test_what_is_covered_is_said_in_days_and_with_times_where_it_is_no_whole_one() -> None:
    assert covers(YESTERDAY, BERLIN) == "2026-05-03"
    assert covers(Span(YESTERDAY.start - timedelta(days=1), YESTERDAY.end), BERLIN) == "2026-05-02 to 2026-05-03"
    part = Span(YESTERDAY.start + timedelta(hours=6), YESTERDAY.end)
    assert covers(part, BERLIN) == "2026-05-03 06:00 to 2026-05-03"


def test_the_card_of_every_hour_says_whether_all_is_well() -> None:
    calm = heartbeat([("alpha", look(sol()))], NOW, BERLIN, {})
    assert calm.title.startswith("💚 alpha is well")
    assert calm.silent
    assert max(map(len, lines(calm))) <= PHONE_COLUMNS
    late = heartbeat([("alpha", look(sol())), ("beta", None)], NOW + timedelta(hours=3), BERLIN, {})
    assert late.title.startswith("⚠ alpha is STALE")
    assert "never" in late.text
