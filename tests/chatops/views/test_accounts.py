"""Whatever bots publish and history holds: what is told of accounts can be read on a phone, and under a picture."""

import csv
import io
import json
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts.severity import Severity
from alerts.terms import DEFAULTS
from bot_integration import Funding, Side
from chatops.alert_record import Rang
from chatops.asks import Export, ShowBalance, ShowExposure, ShowFunding, ShowHealth, Trades
from chatops.history.rows import Happened, Measured, Metric
from chatops.messages import Message, Table
from chatops.money.facts import FundingPayment, Origin, Trade, TradeLeg
from chatops.money.funding import FundingSum
from chatops.money.performance import performance
from chatops.money.spans import Span, last
from chatops.ranges import RangeName
from chatops.views import balance, export_files, exports, funding, ladder, life, trades
from chatops.views.exposure import Known, drawn, exposure, exposures
from chatops.views.leg_danger import Measures, danger
from chatops.views.life import Life
from chatops.views.money import CAPTION
from tests.chatops.views.facts import AMOUNTS, MOMENTS, NAMES, NOW, SNAPSHOTS, TEXTS, alpha, carry, leg
from tests.chatops.views.readable import assert_readable

wild = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)

UTC, BERLIN = ZoneInfo("UTC"), ZoneInfo("Europe/Berlin")
MESSAGE_CHARACTERS = 4_096
HOUR = timedelta(hours=1)

FUNDINGS = st.builds(
    Funding,
    venue=NAMES,
    asset=NAMES,
    rate=st.floats(-1e6, 1e6),
    interval_hours=st.floats(0.001, 1e6),
    next_at=st.none() | MOMENTS,
    accrued_expected=st.none() | AMOUNTS,
    accrued_actual=st.none() | AMOUNTS,
)
KNOWN = st.lists(
    st.tuples(
        NAMES,
        st.none()
        | st.builds(
            lambda one, rates: one.model_copy(update={"funding": tuple(rates)}),
            SNAPSHOTS,
            st.lists(FUNDINGS, max_size=4),
        ),
    ),
    max_size=3,
)
SUMS = st.builds(
    FundingSum,
    payments=st.integers(0, 10**6),
    actual=AMOUNTS,
    expected=st.none() | AMOUNTS,
    of_expected=st.none() | AMOUNTS,
)
ORIGINS = st.builds(Origin, bot=NAMES, position=NAMES, asset=NAMES, strategy=TEXTS, lane=TEXTS, venue=NAMES)
TRADES = st.builds(
    Trade,
    id=NAMES,
    of=ORIGINS,
    opened_at=MOMENTS,
    closed_at=MOMENTS,
    realized=AMOUNTS,
    funding=AMOUNTS,
    fees=AMOUNTS,
    deployed=AMOUNTS,
    slippage=st.none() | AMOUNTS,
    legs=st.lists(st.builds(TradeLeg, venue=NAMES, side=NAMES, realized=AMOUNTS), max_size=8).map(tuple),
    reason=TEXTS,
)
RANG = st.builds(
    Rang,
    number=st.integers(1, 10**6),
    rule=NAMES,
    subject=NAMES,
    severity=st.sampled_from(Severity),
    at=MOMENTS,
    resolved_at=st.none() | MOMENTS,
)
LIVES = st.builds(
    Life,
    bot=NAMES,
    position=NAMES,
    opened_at=MOMENTS,
    funding=SUMS,
    paid_at=st.none() | MOMENTS,
    rang=st.lists(RANG, max_size=20).map(tuple),
    happened=st.lists(
        st.builds(
            Happened,
            bot=NAMES,
            session_id=st.uuids(),
            at=MOMENTS,
            category=st.sampled_from(["position", "stage", "warning", "info"]),
            message=TEXTS,
        ),
        max_size=20,
    ).map(tuple),
    trade=st.none() | TRADES,
)


@wild
@given(KNOWN, st.dictionaries(st.sampled_from(["24h", "30d"]), SUMS), NAMES, st.booleans())
def test_any_account_can_be_read_and_stands_under_a_picture(
    known: list[Known], sums: dict[RangeName, FundingSum], name: str, is_away: bool
) -> None:
    received: dict[RangeName, FundingSum] = {"7d": FundingSum(), **sums}
    rungs = ladder.ladder(known, DEFAULTS)
    shown = [
        exposure(known, exposures(known), NOW, ShowExposure()),
        funding.funding(
            known,
            None if is_away else received,
            ShowFunding(asset=name[:64]),
            charted=funding.charted(known, name),
            zone=UTC,
            now=NOW,
        ),
        funding.funding(known, received, ShowFunding(), charted="", zone=BERLIN, now=NOW),
        ladder.health(rungs, known, ShowHealth(), charted=rungs[0] if rungs else None, now=NOW),
        ladder.no_such(ShowHealth(position=name[:64]), rungs),
    ]
    for message in shown:
        assert_readable(message)
        assert len(message.text) <= CAPTION
    said = balance.balance(known, NOW, ShowBalance())
    assert_readable(said)
    assert len(said.text) <= MESSAGE_CHARACTERS
    drawn(known, exposures(known), ShowExposure())


@wild
@given(st.lists(TRADES, max_size=60), st.booleans())
def test_any_trades_can_be_read(made: list[Trade], several: bool) -> None:
    judged = performance(made, Span(NOW - timedelta(days=36_500), NOW + timedelta(days=36_500)))
    message = trades.trades(made, judged, Trades(count=60), several=several, zone=BERLIN, now=NOW)
    assert_readable(message)
    assert len(message.text) <= MESSAGE_CHARACTERS


@wild
@given(LIVES, TRADES)
def test_any_life_can_be_read(lived: Life, trade: Trade) -> None:
    for message in (life.closed(lived, trade, BERLIN, NOW), life.which(trade.of.position, [trade] * 9, UTC, NOW)):
        assert_readable(message)
        assert len(message.text) <= MESSAGE_CHARACTERS


def test_a_long_life_is_told_by_its_beginning_and_its_newest() -> None:
    rang = tuple(
        Rang(number, "health_factor", "SOL-1/bybit", Severity.WARNING, NOW - number * HOUR) for number in range(1, 31)
    )
    text = life.told(Life("alpha", "SOL-1", NOW - 40 * HOUR, FundingSum(), rang=rang), UTC, NOW).text
    lines = text.splitlines()
    assert lines[0] == "2 May 20:00 opened"
    assert lines[1] == "… 18 more"
    assert lines[-1] == "4 May 11:00 🟠 warning health_factor, alert 1, not over"
    assert len(lines) == 14


def test_a_market_of_several_bots_is_one_with_the_newest_rate_and_all_that_accrued() -> None:
    def said(bot: str, rate: float, seconds: int) -> Known:
        one = Funding(venue="bybit", asset="SOL", rate=rate, accrued_expected=Decimal(2), accrued_actual=None)
        return bot, alpha(bot=bot, at=NOW - timedelta(seconds=seconds), funding=(one,))

    (market,) = funding.markets([said("alpha", 0.0001, 1), said("beta", 0.0002, 9), ("gamma", None)])
    assert round(market.yearly, 2) == 10.95
    assert (market.expected, market.actual) == (Decimal(4), None)


def test_venues_and_assets_without_end_are_summed_at_the_end() -> None:
    legs = [leg(f"venue-{number}", "SOL", Side.LONG, notional=Decimal(100 + number)) for number in range(20)]
    held = alpha(tuple(carry(f"A{number}-1", legs=(one,)) for number, one in enumerate(legs)))
    found = exposures([("alpha", held)])
    message = exposure([("alpha", held)], found, NOW, ShowExposure())
    venues, assets = (block.lines for block in message.blocks if isinstance(block, Table))
    assert venues[-1].split() == ["15", "others", "1,605.00", "–", "+1,605.00"]
    assert assets[-1].split() == ["15", "others", "1,605.00", "+1,605.00", "100.0%"]
    assert len(message.text) <= CAPTION


def test_a_ladder_of_many_legs_is_read_page_by_page() -> None:
    held = alpha(tuple(carry(f"SOL-{number:03}") for number in range(20)))
    known: list[Known] = [("alpha", held)]
    rungs = ladder.ladder(known, DEFAULTS)
    assert len(rungs) == 40
    seen: list[str] = []
    for page in range(1, 5):
        message = ladder.health(rungs, known, ShowHealth(page=page), charted=None, now=NOW)
        assert_readable(message)
        assert len(message.text) <= CAPTION
        assert f"page {page} of 4" in message.text
        (table,) = (block.lines for block in message.blocks if isinstance(block, Table))
        seen += [" ".join(line.split()[:2]) for line in table[1:]]
    assert len(set(seen)) == len(seen) == 40
    assert "page 4 of 4" in ladder.health(rungs, known, ShowHealth(page=999), charted=None, now=NOW).text


def test_the_picture_of_a_position_parts_where_nothing_was_measured_and_marks_its_own_alerts() -> None:
    held = carry()
    kamino = held.legs[0]
    minutes = [NOW - timedelta(minutes=number) for number in (60, 59, 58, 10, 9)]
    found = tuple(
        measured(Metric.HEALTH_FACTOR, "SOL-1/kamino/SOL/USDC", at, low)
        for at, low in zip(minutes, range(5), strict=True)
    )
    rang = (
        Rang(1, "health_factor", "SOL-1/kamino", Severity.CRITICAL, NOW - HOUR),
        Rang(2, "delta_drift", "SOL-1", Severity.WARNING, NOW - HOUR),
    )
    read = Measures({(Metric.HEALTH_FACTOR, "kamino", kamino.instrument): found}, rang)
    facts = danger(held, NOW, read, DEFAULTS, last(24 * HOUR, NOW))
    assert [(line.name, line.values) for line in facts.health_factors] == [("kamino", (0.0, 1.0, 2.0, 3.0, 4.0, 0.228))]
    assert facts.margin_fractions == ()
    assert facts.reach.gaps == ((minutes[2].timestamp(), minutes[3].timestamp()),)
    assert [one.rule for one in facts.alarms] == ["health_factor"]
    assert dict(facts.margin_thresholds) == {Severity.WARNING: 0.1, Severity.CRITICAL: 0.08, Severity.EMERGENCY: 0.05}


# Files.


@wild
@given(st.lists(TRADES, max_size=20))
def test_any_trades_make_a_file_that_reads_back_exactly(made: list[Trade]) -> None:
    rows = export_files.trade_rows(made)
    read = list(csv.DictReader(io.StringIO(export_files.as_csv(export_files.TRADE_COLUMNS, rows), newline="")))
    assert [Decimal(row["realized"]) for row in read] == [one.realized for one in made]
    assert [row["reason"].removeprefix("'") for row in read] == [one.reason for one in made]
    sheet = export_files.Sheet(rows, Decimal(0), last(HOUR, NOW), ("alpha",), UTC)
    file = export_files.file_of(sheet, Export(what="trades", format="json"), NOW)
    whole = json.loads(file.content)
    assert [Decimal(row["net"]) for row in whole["rows"]] == [one.net for one in made]
    assert [len(row["legs"]) for row in whole["rows"]] == [len(one.legs) for one in made]


def test_text_that_a_spreadsheet_would_run_is_defused_and_a_number_is_not() -> None:
    rows = [
        {"at": NOW, "reason": reason, "actual": amount}
        for reason, amount in (
            ("=HYPERLINK(1)", Decimal("-0.10")),
            ("+1", Decimal("1e-9")),
            ("-1", Decimal("-0")),
            ("@SUM(1)", Decimal("1E+3")),
            ("\tx", None),
            ('say "hi", twice\nand so', Decimal(2)),
        )
    ]
    assert export_files.as_csv(("at", "reason", "actual"), rows).split("\r\n") == [
        "at,reason,actual",
        '2026-05-04T12:00:00Z,"\'=HYPERLINK(1)",-0.10',
        '2026-05-04T12:00:00Z,"\'+1",0.000000001',
        '2026-05-04T12:00:00Z,"\'-1",0',
        '2026-05-04T12:00:00Z,"\'@SUM(1)",1000',
        '2026-05-04T12:00:00Z,"\'\tx",',
        '2026-05-04T12:00:00Z,"say ""hi"", twice\nand so",2',
        "",
    ]


def test_a_file_is_named_for_what_is_in_it_and_for_nothing_else() -> None:
    paid = [FundingPayment(NOW, Origin("alpha", "SOL-1", venue="bybit"), Decimal("0.5"))]
    sheet = export_files.Sheet(export_files.funding_rows(paid), Decimal("0.5"), last(HOUR, NOW), ("alpha",), BERLIN)
    asked = Export(what="funding", range="24h", bot="../../al pha\n")
    file = export_files.file_of(sheet, asked, NOW)
    assert file.name == "funding-al-pha-24h-2026-05-04.csv"
    message: Message = exports.sent(sheet, asked, file)
    assert_readable(message)
    assert message.title.endswith("24h: +0.50 USD")


def measured(metric: Metric, subject: str, at: datetime, low: float) -> Measured:
    return Measured("alpha", metric, subject, at, low + 1, low, low + 2, low + 1, 60)
