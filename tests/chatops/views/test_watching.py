"""What people read most: status, positions, a card, events, and the numbers in them."""

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from alerts.durations import span
from bot_integration import (
    EventCategory,
    Health,
    Mode,
    PauseState,
    Pnl,
    PositionStage,
    Risk,
    Session,
    Snapshot,
    Stage,
    Stream,
    TimelineEvent,
    Venue,
)
from chatops.asks import Events, Positions, ShowPosition, Status
from chatops.restraints import Wish
from chatops.room import Room
from chatops.views.events import events
from chatops.views.format import change, clock, headline, label, money, percent, price, ratio, short_change, size
from chatops.views.positions import card, positions
from chatops.views.status import status
from tests.chatops.views.facts import NOW, alpha, carry

LATELY = NOW - timedelta(seconds=2)


def session(**more: object) -> Session:
    given = {"strategy": "carry", "mode": Mode.LIVE, "started_at": NOW - timedelta(hours=1), "stage": Stage.MONITORING}
    return Session.model_validate({**given, **more})


def test_status_of_a_bot_that_is_well() -> None:
    message = status([("alpha", alpha((carry(), carry("ETH-1"))))], NOW, Status())
    assert message.text == (
        "alpha is well\n\n"
        "alpha · live · monitoring · ok (2 s old)\n\n"
        "Equity     104,512.33\n"
        "PnL today  -153.21\n"
        "Unrealized -80.12\n"
        "Worst HF   0.228 SOL-1 kamino\n"
        "Worst MF   0.120 SOL-1 drift\n"
        "Alerts     none\n"
        "Positions  2 of 8\n"
        "Net delta  -12.44\n"
        "Up         3 d 4 h\n"
        "Pause      no\n"
        "kamino     connected 10,234.12\n"
        "solana     poll only"
    )
    assert [[button.label for button in row] for row in message.buttons] == [["Refresh", "Positions"]]


def test_status_tells_whole_why_a_bot_is_held_back_and_what_is_wrong_with_a_venue() -> None:
    held = PauseState(
        paused=True,
        scopes=("entry", "drift"),
        by="ada",
        reason="drift is flapping, until their status page is green",
        active_breakers=("daily_loss",),
    )
    drift = Venue(name="drift", stream=Stream.DEGRADED, last_error="websocket closed 1006 (abnormal closure)")
    message = status([("alpha", alpha(session=session(pause=held), venues=(drift,)))], NOW, Status())
    assert message.title == "⚠ alpha is held back"
    assert "Pause      entry, drift; by breaker\ndrift      degraded\n" in message.text
    assert message.text.endswith(
        "Paused by ada: drift is flapping, until their status page is green\n"
        "Breakers: daily_loss\n"
        "drift: websocket closed 1006 (abnormal closure)"
    )


@pytest.mark.parametrize(
    ("by", "reason", "told"),
    [
        ("ada", "too wild", ["Pause of entry: as ada asked 14:02 UTC: too wild"]),
        ("ada", "as ada asked 14:02 UTC: too wild", ["Pause of entry: as ada asked 14:02 UTC: too wild"]),
        (
            "bob",
            "drift flaps",
            ["Pause of entry: as ada asked 14:02 UTC: too wild", "Paused by bob: drift flaps"],
        ),
    ],
    ids=["as it was asked", "asserted after a restart", "by somebody else too"],
)
def test_status_says_once_who_asked_for_a_pause_and_why(by: str, reason: str, told: list[str]) -> None:
    moment = NOW.replace(hour=14, minute=30)
    wish = Wish("alpha", "entry", "ada", NOW.replace(hour=14, minute=2), uuid4(), Room("memory", "ops"), "too wild")
    held = PauseState(paused=True, scopes=("entry",), by=by, reason=reason)
    message = status([("alpha", alpha(session=session(pause=held)))], moment, Status(), wishes={"alpha": (wish,)})
    assert message.text.splitlines()[-len(told) :] == told
    assert message.text.count("ada asked") == 1


@pytest.mark.parametrize(
    ("pause", "cell"),
    [
        (PauseState(), "no"),
        (PauseState(paused=True), "all"),
        (PauseState(paused=True, scopes=("entry",)), "entry"),
        (PauseState(kill_switch=True), "KILL SWITCH"),
        (PauseState(kill_switch=True, paused=True, scopes=("exit",)), "KILL SWITCH; exit"),
        (PauseState(active_breakers=("loss", "depeg")), "by breaker"),
    ],
)
def test_what_is_held_back_stands_in_the_table(pause: PauseState, cell: str) -> None:
    assert f"Pause      {cell}\n" in status([("alpha", alpha(session=session(pause=pause)))], NOW, Status()).text


@pytest.mark.parametrize(
    ("snapshot", "title"),
    [
        (None, "⚠ alpha has said nothing yet"),
        (alpha(at=NOW - timedelta(seconds=16)), "⚠ alpha is STALE: last heard 16 s ago"),
        (alpha(at=NOW - timedelta(seconds=15)), "alpha is well"),
        (alpha(session=session(health=Health.DEGRADED)), "⚠ alpha is degraded"),
        (alpha(session=session(pause=PauseState(kill_switch=True))), "⚠ alpha is held back"),
        (alpha(session=session(pause=PauseState(active_breakers=("loss",)))), "⚠ alpha is held back"),
        (alpha(venues=(Venue(name="drift", stream=Stream.DOWN),)), "⚠ alpha hears badly from drift"),
    ],
)
def test_the_title_says_what_is_wrong(snapshot: Snapshot | None, title: str) -> None:
    assert status([("alpha", snapshot)], NOW, Status()).title == title


def test_of_several_bots_the_title_names_the_first_in_trouble() -> None:
    names = ("alpha", "beta", "gamma", "delta", "omega")
    assert status([(name, alpha()) for name in names], NOW, Status()).title == "All 5 bots are well"
    assert status([(name, None) for name in names], NOW, Status()).title == (
        "⚠ alpha has said nothing yet; beta has said nothing yet; gamma has said nothing yet; 2 more"
    )


def test_positions_stand_in_a_table_the_most_endangered_first() -> None:
    calm = carry("BTC-1", stage=PositionStage.CLOSING, pnl=Pnl(total=Decimal("1234567.891")), legs=())
    message = positions([("alpha", calm, LATELY), ("alpha", carry(), LATELY)], [], NOW, Positions())
    assert message.text == (
        "2 open, +1,234,599.05 USD\n\n"
        "id           PnL    HF    MF to liq\n"
        "SOL-1     +31.16 0.228 0.120  19.0%\n"
        "BTC-1 +1,234,568     –     –      –\n\n"
        "Closing: BTC-1\n\n"
        "2 s old"
    )
    assert [[button.label for button in row] for row in message.buttons] == [["SOL-1", "BTC-1"], ["Refresh"]]


def test_of_several_bots_each_position_names_its_own_and_old_facts_are_called_so() -> None:
    old = NOW - timedelta(minutes=2)
    message = positions([("alpha", carry(), LATELY), ("beta", carry(), old)], ["gamma"], NOW, Positions())
    assert message.text == (
        "⚠ STALE · 2 open, +62.32 USD\n\n"
        "gamma has said nothing yet.\n\n"
        "⚠ STALE: the facts of beta are old\n\n"
        "id             PnL    HF    MF to liq\n"
        "SOL-1 alpha +31.16 0.228 0.120  19.0%\n"
        "SOL-1 beta  +31.16 0.228 0.120  19.0%\n\n"
        "2 min old"
    )
    first, second = message.buttons[0]
    assert (first.label, first.ask) == ("SOL-1 alpha", ShowPosition(position="SOL-1", bot="alpha"))
    assert (second.label, second.ask) == ("SOL-1 beta", ShowPosition(position="SOL-1", bot="beta"))


def test_a_card_has_the_money_the_danger_and_both_legs() -> None:
    message = card("alpha", carry(), LATELY, NOW)
    assert message.text == (
        "SOL-1 · +31.16 USD\n\n"
        "alpha · SOL · kamino-drift · open · held 12 h\n\n"
        "Total      +31.16 +0.42%\n"
        "Unrealized +19.75\n"
        "Realized    +3.20\n"
        "Funding    +12.31\n"
        "Fees        -4.10\n\n"
        "Health factor       0.228\n"
        "Margin fraction     0.120\n"
        "To liquidation      19.0%\n"
        "Delta           -3.21 USD\n"
        "Divergence         +0.12%\n"
        "Profit gone         12.3%\n\n"
        "long kamino  SOL/USDC\n"
        "size         123.456 = 18,650.61\n"
        "entry → mark 148.21 → 151.07\n"
        "liquidation  122.31 (19.0%)\n"
        "health f.    0.228\n"
        "PnL, funding +353.08, +0.00\n\n"
        "short drift  SOL-PERP\n"
        "size         123.456 = 18,650.61\n"
        "entry → mark 148.21 → 151.07\n"
        "liquidation  188.31 (24.7%)\n"
        "margin f.    0.120\n"
        "PnL, funding -333.33, +12.31\n\n"
        "2 s old"
    )
    assert [[button.label for button in row] for row in message.buttons] == [
        ["Refresh", "Close…"],
        ["Rebalance…", "Hold…"],
        ["Positions"],
    ]


def test_a_card_says_what_the_risk_manager_wants_and_who_overruled_it() -> None:
    wants_out = carry(risk=Risk(should_exit=True, reasons=("funding turned", "80% of the profit gone")))
    assert "The risk manager wants out: funding turned; 80% of the profit gone" in card("a", wants_out, NOW, NOW).text
    held = carry(risk=Risk(should_exit=True, held=True, hold_until=NOW))
    assert "Held by a person until 2026-05-04 12:00 UTC" in card("a", held, NOW, NOW).text


@pytest.mark.parametrize("stage", [PositionStage.CLOSING, PositionStage.CLOSED])
def test_what_is_closing_offers_no_close(stage: PositionStage) -> None:
    labels = [button.label for row in card("alpha", carry(stage=stage), NOW, NOW).buttons for button in row]
    assert labels == ["Refresh", "Positions"]


def test_events_are_newest_first_a_line_each_with_the_date_of_another_day() -> None:
    told = [
        ("alpha", TimelineEvent(at=NOW - timedelta(days=1), category=EventCategory.STAGE, message="scanning\nagain")),
        ("beta", TimelineEvent(at=NOW - timedelta(minutes=3), category=EventCategory.WARNING, message="drift is slow")),
    ]
    assert events(told, True, NOW, Events()).text == (
        "2 events, the last 3 min ago (times in UTC)\n\n"
        "⚠ 11:57:00 beta: drift is slow\n"
        "▸ 05-03 12:00 alpha: scanning again"
    )
    assert events(told[1:], False, NOW, Events()).title == "1 event, 3 min ago (times in UTC)"


def test_events_that_one_message_cannot_hold_are_counted() -> None:
    told = [("alpha", TimelineEvent(at=NOW, category=EventCategory.INFO, message="x" * 500))] * 50
    assert events(told, False, NOW, Events(count=50)).title == "18 of 50 events, the last 0 s ago (times in UTC)"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (money(None), "–"),
        (money(Decimal("1234.5")), "1,234.50"),
        (money(Decimal("-0.001")), "0.00"),
        (change(Decimal("12.3")), "+12.30"),
        (change(Decimal("-0.001")), "+0.00"),
        (short_change(Decimal("99999.99")), "+99,999.99"),
        (short_change(Decimal("-1234567.89")), "-1,234,568"),
        (short_change(Decimal("1e15")), "+1.00e+15"),
        (price(Decimal("151.071")), "151.07"),
        (price(Decimal("1.23456")), "1.2346"),
        (price(Decimal("0.00000731")), "0.00000731"),
        (price(Decimal("1e-12")), "1e-12"),
        (price(Decimal(0)), "0.00000000"),
        (size(Decimal("123.4560")), "123.456"),
        (size(Decimal("0.000012345")), "0.000012345"),
        (size(Decimal("1e-12")), "1e-12"),
        (size(Decimal(0)), "0"),
        (size(Decimal("1e15")), "1,000,000,000,000,000"),
        (ratio(0.2284), "0.228"),
        (ratio(None), "–"),
        (ratio(5e300), "5.0e+300"),
        (percent(12.34), "12.3%"),
        (percent(0.1234, signed=True), "+0.12%"),
        (percent(1e29), "1.0e+29%"),
        (span(timedelta(days=3, hours=4, minutes=5)), "3 d 4 h"),
        (span(timedelta(seconds=-5)), "0 s"),
        (span(timedelta(minutes=2)), "2 min"),
        (clock(datetime(2026, 5, 3, 9, 8, 7, tzinfo=NOW.tzinfo), NOW), "05-03 09:08"),
        (headline("\u200b"), "–"),
        (headline("one\ntwo"), "one two"),
        (label("x" * 64), "x" * 39 + "…"),
    ],
)
def test_numbers_and_words_are_said_so(said: str, expected: str) -> None:
    assert said == expected


def test_a_page_that_is_not_there_is_answered_as_that() -> None:
    rows = [("alpha", carry(f"SOL-{number}"), NOW) for number in range(60)]
    assert "There is no page 99: the last is 2." in positions(rows, [], NOW, Positions(page=99)).text
    assert "There is no page 2: this is all." in positions(rows[:1], [], NOW, Positions(page=2)).text
    assert "no page" not in positions(rows, [], NOW, Positions(page=2)).text
