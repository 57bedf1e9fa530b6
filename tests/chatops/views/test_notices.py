"""What a phone says when something happens in a bot."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot_integration import Mode, PauseState, Pnl, Position, PositionStage, Risk, Snapshot, Stage
from chatops.asks import ShowPosition, Status
from chatops.messages import Table
from chatops.notices.comparing import funding, happenings, held
from chatops.notices.happenings import (
    BreakersChanged,
    CameBack,
    Changed,
    Closed,
    Filled,
    Funded,
    Happening,
    ModeChanged,
    Opened,
    PartClosed,
    Rebalanced,
    Restarted,
    SettingsChanged,
    StageChanged,
    Used,
    WentAway,
)
from chatops.views.format import change
from chatops.views.notices import notice
from tests.chatops.notices.looks import any_look, sol
from tests.chatops.views.facts import LEGS, NAMES, NOW, TEXTS, carry
from tests.chatops.views.readable import assert_readable

MADE = Pnl(realized=Decimal("20.5"), funding=Decimal("12.30"), fees=Decimal("1.64"), total=Decimal("31.16"))


def restarted(**more: Any) -> Restarted:
    given: dict[str, Any] = {"version": "1.1", "was": "", "held": 2, "gone": (), "new": (), **more}
    return Restarted("alpha", started_at=NOW, **given)


def held_back(*scopes: str, **more: Any) -> PauseState:
    return PauseState(paused=True, scopes=scopes, **more)


@pytest.mark.parametrize(
    ("happening", "title"),
    [
        (Opened("alpha", sol(lane="carry")), "SOL-1 opened: 1,000 USD, carry"),
        (
            Opened("alpha", sol(PositionStage.OPENING, filled=0, lane="", strategy="basis")),
            "SOL-1 opening: 1,000 USD wanted, basis",
        ),
        (Opened("alpha", sol(filled=250, lane="")), "SOL-1 opened: 250.00 USD"),
        (Opened("alpha", carry("SOL-1", lane="")), "SOL-1 opened: 37,301 USD gross"),
        (Filled("alpha", sol(PositionStage.OPENING, filled=450)), "SOL-1 filled 45%: 450.00 of 1,000 USD"),
        (
            Filled("alpha", sol(filled=450).model_copy(update={"target_usd": Decimal(0)})),
            "SOL-1 filled: 450.00 USD",
        ),
        (
            Rebalanced("alpha", sol(delta=Decimal("-3.2"), delta_ratio=0.0012)),
            "SOL-1 rebalanced: delta -3.20 USD (0.1% of gross)",
        ),
        (Closed("alpha", sol(PositionStage.CLOSED, pnl=MADE), final=True), "SOL-1 closed: +31.16 USD"),
        (Closed("alpha", sol(pnl=MADE), final=False), "SOL-1 is gone: +31.16 USD when last seen"),
        (
            Closed("alpha", sol(PositionStage.OPENING, filled=0, legs=(), pnl=Pnl()), final=False),
            "SOL-1 was not opened: nothing was filled",
        ),
        (Funded("alpha", ((sol(), Decimal("1.2")),)), "SOL-1 funding: +1.20 USD"),
        (
            Funded("alpha", ((sol(), Decimal("3.2")), (carry("ETH-1"), Decimal(-1)))),
            "Funding: +2.20 USD on 2 positions",
        ),
        (
            Funded("alpha", ((sol(), Decimal(3)),), payments=3, since=NOW),
            "SOL-1 funding: +3.00 USD, 3 payments since 12:00:00 UTC",
        ),
        (
            Funded("alpha", ((sol(), Decimal(3)), (carry("ETH-1"), Decimal(1))), payments=5, since=NOW),
            "Funding: +4.00 USD on 2 positions, 5 payments since 12:00:00 UTC",
        ),
        (Opened("alpha", sol(lane=""), unseen=True), "SOL-1 opened while I was away: 1,000 USD"),
        (
            Closed("alpha", sol(PositionStage.CLOSED, pnl=MADE), final=True, unseen=True),
            "SOL-1 closed while I was away: +31.16 USD",
        ),
        (
            Closed("alpha", sol(legs=(), pnl=MADE), final=False, unseen=True),
            "SOL-1 was closed while I was away: its PnL is not known here",
        ),
        (
            PartClosed("alpha", sol(), Decimal("0.5001"), Decimal("-11.83")),
            "SOL-1 closed in part: 50%, -11.83 USD realized",
        ),
        (
            PartClosed("alpha", sol(), Decimal("0.33501"), Decimal("-1.28")),
            "SOL-1 closed in part: 33.5%, -1.28 USD realized",
        ),
        (
            PartClosed("alpha", sol(), Decimal("0.99999"), Decimal("-1.28")),
            "SOL-1 closed in part: 99.9%, -1.28 USD realized",
        ),
        (StageChanged("alpha", Stage.SCANNING, Stage.PAUSED), "alpha is paused now (was scanning)"),
        (
            StageChanged("alpha", Stage.MONITORING, Stage.PAUSED, held_back("entry", reason="too wild", by="bob")),
            "alpha: entry is paused now by bob (was monitoring): too wild",
        ),
        (
            StageChanged("alpha", Stage.MONITORING, Stage.PAUSED, held_back("entry", "all", by="ada")),
            "alpha is paused now by ada (was monitoring)",
        ),
        (
            StageChanged("alpha", Stage.MONITORING, Stage.PAUSED, PauseState(active_breakers=("daily_loss",))),
            "alpha is paused now (was monitoring): breaker daily_loss",
        ),
        (
            StageChanged("alpha", Stage.MONITORING, Stage.PAUSED, PauseState(kill_switch=True)),
            "alpha is paused now (was monitoring): the kill switch is on",
        ),
        (
            StageChanged("alpha", Stage.PAUSED, Stage.MONITORING, held_back("entry")),
            "alpha is monitoring now (was paused)",
        ),
        (ModeChanged("alpha", Mode.PAPER, Mode.LIVE), "⚠ alpha trades LIVE now: its orders are real"),
        (ModeChanged("alpha", Mode.LIVE, Mode.PAPER), "alpha trades on paper now"),
        (BreakersChanged("alpha", ("daily_loss",), ("failures",)), "⚠ alpha: breaker daily_loss tripped"),
        (BreakersChanged("alpha", (), ("failures",)), "alpha: breaker failures was reset"),
        (restarted(), "alpha was restarted at 12:00:00 UTC: 2 positions held"),
        (restarted(held=1, gone=("ETH-1",)), "⚠ alpha was restarted at 12:00:00 UTC: 1 position held"),
        (WentAway("alpha", NOW, NOW), "⚠ alpha is away: last heard at 12:00:00 UTC"),
        (WentAway("alpha", None, NOW), "⚠ alpha is away: nothing heard since 12:00:00 UTC"),
        (CameBack("alpha", NOW, timedelta(seconds=125)), "alpha is back after 2 min 5 s"),
        (
            Used("alpha", "ada", "close", "✓ SOL-1 closed: +4.25 USD"),
            "ada used /close on alpha: ✓ SOL-1 closed: +4.25 USD",
        ),
        (Used("", "ada", "prefs", "This room hears less"), "ada used /prefs: This room hears less"),
        (SettingsChanged("alpha", (Changed("max", "8", "10", "USD"),)), "alpha: max 8 → 10 USD"),
        (SettingsChanged("alpha", (Changed("token", "(hidden)", "(hidden)", ""),)), "alpha: token was changed"),
        (
            SettingsChanged("alpha", (Changed("a", "1", "2", ""), Changed("b", "3", "4", ""))),
            "alpha: 2 settings changed",
        ),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else "",
)
def test_the_title_says_it_all(happening: Happening, title: str) -> None:
    message = notice(happening, several=False)
    assert message.title == title
    assert_readable(message)


def test_of_several_bots_a_position_says_whose_it_is() -> None:
    assert notice(Opened("alpha", sol()), several=True).title.startswith("alpha · SOL-1 opened")
    assert notice(Closed("alpha", sol(pnl=MADE), final=True), several=True).title == "alpha · SOL-1 closed: +31.16 USD"


def test_an_opening_shows_its_legs_and_leads_to_its_card() -> None:
    message = notice(Opened("alpha", sol()), several=False)
    assert "long kamino" in message.text
    assert "short drift" in message.text
    assert [button.ask for row in message.buttons for button in row] == [ShowPosition(position="SOL-1", bot="alpha")]


def test_a_close_shows_what_it_is_made_of_and_why() -> None:
    position = sol(PositionStage.CLOSED, pnl=MADE, risk=Risk(last_exit_reason="asked by bob"))
    text = notice(Closed("alpha", position, final=True), several=False).text
    for said in ("Realized +20.50", "Funding  +12.30", "Fees      -1.64", "Held       12 h", "Why: asked by bob"):
        assert said in text
    assert "Unrealized" not in text


CENTS = st.decimals(Decimal(-100), Decimal(100), allow_nan=False, places=4)


@given(st.tuples(CENTS, CENTS, CENTS, CENTS), CENTS | st.just(Decimal(0)), st.booleans())
def test_the_lines_of_a_close_add_up_to_its_title(
    parts: tuple[Decimal, Decimal, Decimal, Decimal], more: Decimal, final: bool
) -> None:
    unrealized, realized, funded, fees = parts
    total = unrealized + realized + funded - fees + more
    pnl = Pnl(unrealized=unrealized, realized=realized, funding=funded, fees=fees, total=total)
    message = notice(Closed("alpha", sol(PositionStage.CLOSED, pnl=pnl), final=final), several=False)
    table = message.blocks[0]
    assert isinstance(table, Table)
    lines = dict(line.split() for line in table.lines if not line.startswith("Held"))
    assert message.title.split()[-2 if final else -5] == change(sum(map(Decimal, lines.values()), Decimal(0)))
    # A line of its own is for what rounding cannot make.
    assert "Other" not in lines or more


def test_a_cent_that_rounding_costs_is_with_the_largest_line() -> None:
    pnl = Pnl(realized=Decimal("-30.116"), funding=Decimal("0.114"), fees=Decimal("1.244"), total=Decimal("-31.246"))
    message = notice(Closed("alpha", sol(PositionStage.CLOSED, pnl=pnl), final=True), several=False)
    assert message.title == "SOL-1 closed: -31.25 USD"
    for said in ("Realized -30.12", "Funding   +0.11", "Fees      -1.24"):
        assert said in message.text


def test_what_was_seen_last_and_never_closed_shows_what_was_not_realized_yet() -> None:
    assert "Unrealized" in notice(Closed("alpha", sol(), final=False), several=False).text


def test_a_restart_names_what_came_and_went_over_it() -> None:
    text = notice(restarted(was="1.0", gone=("ETH-1",), new=("BTC-1", "XRP-1")), several=False).text
    assert "Version 1.1, was 1.0." in text
    assert "No longer held: ETH-1." in text
    assert "Held, and was not before: BTC-1, XRP-1." in text


def test_trouble_leads_to_the_status() -> None:
    for told in (WentAway("alpha", NOW, NOW), BreakersChanged("alpha", ("x",), ()), restarted()):
        (row,) = notice(told, several=False).buttons
        assert [button.ask for button in row] == [Status(bot="alpha")]


def test_many_rows_are_counted() -> None:
    paid = tuple((carry(f"SOL-{number}"), Decimal(1)) for number in range(14))
    message = notice(Funded("alpha", paid), several=True)
    assert message.title == "alpha · Funding: +14.00 USD on 14 positions"
    assert message.text.endswith("and 4 more")


def test_an_outcome_that_no_title_holds_stands_below_it() -> None:
    message = notice(Used("alpha", "ada", "close", "It is so. " * 25), several=False)
    assert message.title.endswith("…")
    assert message.text.count("It is so.") > 35


WILD_POSITIONS = st.builds(
    lambda position, id_, lane, legs: position.model_copy(update={"id": id_, "lane": lane, "legs": tuple(legs)}),
    st.sampled_from([sol(), sol(PositionStage.OPENING), sol(PositionStage.CLOSED, pnl=MADE)]),
    NAMES,
    TEXTS,
    st.lists(LEGS, max_size=2),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(any_look(), any_look(), st.booleans())
def test_whatever_two_looks_tell_can_be_read(before: Snapshot, after: Snapshot, several: bool) -> None:
    told: list[Happening] = [*happenings(before, after)]
    paid = funding({id_: position.pnl.funding for id_, position in held(before).items()}, after)
    for happening in [*told, *([paid] if paid else [])]:
        assert_readable(notice(happening, several))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(NAMES, WILD_POSITIONS, TEXTS, st.booleans())
def test_whatever_it_is_called_it_can_be_read(bot: str, position: Position, said: str, several: bool) -> None:
    wild: list[Happening] = [
        Opened(bot, position),
        Filled(bot, position),
        Rebalanced(bot, position),
        PartClosed(bot, position, Decimal("0.999"), Decimal("1e15")),
        Closed(bot, position, final=False, unseen=True),
        StageChanged(bot, Stage.IDLE, Stage.PAUSED, held_back(*[said] * 12, reason=said * 9, by=said)),
        Closed(bot, position.model_copy(update={"risk": Risk(last_exit_reason=said)}), final=several),
        Funded(bot, ((position, Decimal("1e15")),)),
        Funded(bot, ((position, Decimal(1)),) * 12),
        BreakersChanged(bot, (said,) * 12, (said,)),
        replace(restarted(gone=(said,), new=(said,) * 30, was=said), bot=bot),
        WentAway(bot, None, NOW),
        CameBack(bot, NOW, timedelta(days=400)),
        Used(bot, said, said, said),
        SettingsChanged(bot, (Changed(said, said, said + "!", said),)),
        SettingsChanged(bot, (Changed(said, said, said + "!", said),) * 12),
    ]
    for happening in wild:
        assert_readable(notice(happening, several))
