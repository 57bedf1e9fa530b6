"""Facts that pictures are drawn of in the tests: made up, always the same."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import sin
from zoneinfo import ZoneInfo

from alerts.severity import Severity
from chatops.charts.facts import Alarm, Attribution, Daily, Danger, Equity, Exposure, Facts, FundingRates, Held
from chatops.charts.series import Reach, Series
from chatops.charts.style import Style, Theme
from chatops.money.books import Books
from chatops.money.daily import bars
from chatops.money.equity import curve
from chatops.money.facts import Gap, Sample
from chatops.money.parts import Parts
from chatops.money.spans import Calendar, Span, days

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
START = datetime(2026, 10, 22, tzinfo=UTC)
MONTH = Span(START, START + 30 * DAY)
TWO_DAYS = Span(START, START + 2 * DAY)
BERLIN = ZoneInfo("Europe/Berlin")
LIGHT, DARK = Style(Theme.LIGHT, BERLIN), Style(Theme.DARK, BERLIN)
GAPS = (Gap("alpha", START + 11 * DAY, START + timedelta(days=12, hours=18)),)


def made_after(hours: float) -> Decimal:
    """A month that earns, falls, and earns again."""
    day = hours / 24
    wave = 28 * sin(day * 0.9) + 9 * sin(day * 4.1) + 4 * sin(day * 11)
    return Decimal(f"{14.5 * day + wave - (95 if 17 < day < 22 else 0) * sin((day - 17) * 0.628):.2f}")


def samples() -> tuple[Sample, ...]:
    hours = (number for number in range(30 * 24 + 1) if not GAPS[0].start < START + number * HOUR < GAPS[0].end)
    return tuple(
        Sample(START + one * HOUR, "alpha", 10_000 + made_after(one), made_after(one), Decimal(10_000)) for one in hours
    )


BOOKS = Books(
    samples=samples(),
    gaps=GAPS,
)
PARTS = {
    "basis": Parts(Decimal("212.40"), Decimal("-18.20"), Decimal("96.10"), Decimal("31.70")),
    "carry": Parts(Decimal("-12.10"), Decimal("8.80"), Decimal("148.55"), Decimal("9.30")),
    "lst-hedge": Parts(Decimal("-41.00"), Decimal("-22.50"), Decimal("17.20"), Decimal("12.60")),
    "": Parts(fees=Decimal("3.20")),
}


def falling(start: float, low: float, name: str) -> Series:
    values = [
        (START + one * HOUR / 4, start - (start - low) * max(0.0, 1 - abs(one - 118) / 60) + 0.006 * sin(one * 0.7))
        for one in range(8 * 24 + 1)
    ]
    return Series.of(name, values)


def rate(venue: str, middle: float, swing: float, every: int) -> Series:
    def paid(hour: int) -> float:
        return middle + swing * sin(hour / 71 + every) + swing / 5 * sin(hour * 0.09)

    return Series.of(
        venue,
        (
            (START + one * HOUR, FundingRates.yearly(paid(one), every))
            for one in range(0, 30 * 24 + 1, every)
            if not GAPS[0].start < START + one * HOUR < GAPS[0].end
        ),
    )


EQUITY = Equity.of("alpha", MONTH, curve(BOOKS, MONTH), GAPS)
DAILY = Daily.of("alpha", bars(BOOKS, Calendar(days(MONTH, BERLIN))))
WEEK = Daily.of("alpha", bars(BOOKS, Calendar(days(Span(START - 2 * DAY, START + 5 * DAY), BERLIN))))
ATTRIBUTION = Attribution.of("alpha", "lane", MONTH, PARTS)
DANGER = Danger(
    "SOL 3f2a",
    Reach.of(TWO_DAYS),
    (falling(0.28, 0.112, "drift long"),),
    (falling(0.22, 0.068, "bybit short"),),
    ((Severity.WARNING, 0.20), (Severity.CRITICAL, 0.15), (Severity.EMERGENCY, 0.10)),
    ((Severity.WARNING, 0.10), (Severity.CRITICAL, 0.08), (Severity.EMERGENCY, 0.05)),
    (
        Alarm((START + 22 * HOUR).timestamp(), Severity.WARNING, "health_factor"),
        Alarm((START + 26 * HOUR).timestamp(), Severity.CRITICAL, "health_factor"),
    ),
)
MARGIN = Danger("BTC 77c1", Reach.of(TWO_DAYS), (), DANGER.margin_fractions, (), DANGER.margin_thresholds)
RATES = FundingRates(
    "SOL",
    Reach.of(MONTH, GAPS),
    (rate("bybit", 0.0001, 0.00012, 8), rate("okx", 0.00006, 0.0001, 8), rate("hyperliquid", 0.00001, 0.000015, 1)),
)
EXPOSURE = Exposure(
    "all bots",
    (START + 40 * HOUR).timestamp(),
    (
        Held("bybit", 1_250.0, 14_820.5, 5_310.22),
        Held("okx", 9_140.0, 0.0, 4_020.0),
        Held("drift", 4_410.0, 0.0),
    ),
)
FULL: dict[str, Facts] = {
    "equity": EQUITY,
    "daily": DAILY,
    "week": WEEK,
    "attribution": ATTRIBUTION,
    "danger": DANGER,
    "margin": MARGIN,
    "rates": RATES,
    "exposure": EXPOSURE,
}
EMPTY: dict[str, Facts] = {
    "equity": Equity.of("alpha", MONTH, ()),
    "daily": Daily.of("alpha", ()),
    "attribution": Attribution.of("alpha", "lane", MONTH, {}),
    "danger": Danger("SOL 3f2a", Reach.of(TWO_DAYS)),
    "rates": FundingRates("SOL", Reach.of(MONTH), ()),
    "exposure": Exposure("all bots", START.timestamp(), ()),
}
FIRST_BOOKS = Books(samples=samples()[:1])
FIRST = Span(START, START + HOUR)
ONE: dict[str, Facts] = {
    "equity": Equity.of("alpha", FIRST, curve(FIRST_BOOKS, FIRST)),
    "daily": Daily.of("alpha", bars(Books(samples=samples()[:30]), Calendar(days(Span(START, START + DAY), BERLIN)))),
    "attribution": Attribution.of("alpha", "lane", MONTH, {"basis": PARTS["basis"]}),
    "danger": Danger(
        "SOL 3f2a", Reach.of(TWO_DAYS), (Series.of("drift long", [(START + HOUR, 0.28)]),), (), DANGER.health_thresholds
    ),
    "rates": FundingRates("SOL", Reach.of(MONTH), (Series.of("bybit", [(START + DAY, 11.2)]),)),
    "exposure": Exposure("all bots", START.timestamp(), (Held("bybit", 0.0, 120.0),)),
}
