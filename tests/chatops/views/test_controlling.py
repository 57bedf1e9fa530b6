"""What people read of the words that act on whole bots, and of how a bot is set."""

import uuid
from datetime import timedelta
from decimal import Decimal

from bot_integration import (
    BotController,
    Breaker,
    CommandResult,
    Fill,
    LegPreview,
    Outcome,
    Parameter,
    PauseState,
    Position,
    Preview,
    Risk,
)
from chatops.asks import BreakerReset, Breakers, CloseAll, Hold, Kill, Rebalance, Set, Stop
from chatops.fleet import Held
from chatops.messages import Message, Table
from chatops.views import breakers, holding, killing, trading, tuning, whole
from chatops.views.whole import Look
from tests.chatops.views.facts import NOW, alpha, carry

ID = uuid.UUID(int=9)


def labels(message: Message) -> list[str]:
    return [button.label for row in message.buttons for button in row]


def tables(message: Message) -> list[str]:
    return ["\n".join(block.lines) for block in message.blocks if isinstance(block, Table)]


def foreseen(*positions: Position) -> Preview:
    legs = tuple(
        LegPreview(
            venue=leg.venue,
            instrument=leg.instrument,
            slippage=Decimal("0.50"),
            fee=Decimal("2.10"),
            realized=Decimal("6.10"),
            position=position.id,
        )
        for position in positions
        for leg in position.legs
    )
    count = len(legs)
    return Preview(
        command="emergency_stop",
        at=NOW,
        realized=count * Decimal("6.10"),
        fees=count * Decimal("2.10"),
        slippage=count * Decimal("0.50"),
        legs=legs,
    )


SOL, ETH = carry("SOL-1"), carry("ETH-1")


def test_a_stop_names_each_position_with_what_it_would_come_to() -> None:
    look = Look("alpha", alpha((SOL, ETH))).with_preview(foreseen(SOL, ETH))
    message = whole.really(Stop(bot="alpha", reason="venue on fire"), [look], NOW, ID)
    assert message.text == (
        "Stop alpha? 2 positions\n\n"
        "All is paused first, then every position is closed, all at the same time.\n\n"
        "position   net fees slippage\n"
        "ETH-1    +8.00 4.20     1.00\n"
        "SOL-1    +8.00 4.20     1.00\n\n"
        "Would realize  +24.40\n"
        "Fees             8.40\n"
        "Net            +16.00\n"
        "Slippage in it   2.00\n\n"
        "Reason: venue on fire"
    )
    assert message.buttons == ()


def test_of_several_bots_each_has_a_button_that_settles_the_same_question() -> None:
    looks = [
        Look("alpha", alpha((SOL,))).with_preview(foreseen(SOL)),
        Look("beta", None).without_preview("No preview: beta does not answer."),
    ]
    message = whole.really(Stop(), looks, NOW, ID)
    assert message.title == "Stop everything on 2 bots? 1 position"
    assert "⚠ beta has said nothing yet: what it holds is not known." in message.text
    assert labels(message) == ["Only alpha", "Only beta"]
    assert {(button.ask, button.settles) for row in message.buttons for button in row} == {
        (Stop(bot="alpha"), ID),
        (Stop(bot="beta"), ID),
    }


def test_a_bot_that_foretells_nothing_of_a_position_shows_what_it_is_now() -> None:
    message = whole.really(CloseAll(bot="alpha"), [Look("alpha", alpha((SOL,)))], NOW + timedelta(minutes=1), ID)
    assert message.title == "Close all on alpha? 1 position"
    assert "alpha: ⚠ STALE: 1 min 2 s old." in message.text
    assert "The bot may open new ones: /stop pauses it too." in message.text
    assert tables(message) == ["position     gross    PnL\nSOL-1    37,301.22 +31.16"]


def test_progress_is_told_leg_by_leg_what_is_open_first() -> None:
    bot = BotController("alpha")
    half = SOL.legs[0].model_copy(update={"size": SOL.legs[0].size / 2})
    now = {"alpha": alpha((SOL.model_copy(update={"legs": (half,)}), ETH))}
    message = whole.course(Stop(bot="alpha"), [Held(bot, SOL), Held(bot, ETH)], now, {})
    assert message.text == (
        "Stopping alpha: 1 of 4 legs closed…\n\n"
        "SOL-1 kamino 50% closed\n"
        "ETH-1 kamino open\n"
        "ETH-1 drift  open\n"
        "SOL-1 drift  ✓ closed"
    )


def ending(outcome: Outcome, message: str, *fills: Fill) -> CommandResult:
    return CommandResult(command_id=ID, outcome=outcome, message=message, fills=fills, finished_at=NOW)


FILL = Fill(
    venue="kamino",
    instrument="SOL",
    side="sell",
    size=Decimal(2),
    price=Decimal(151),
    fee=Decimal("0.30"),
    realized=Decimal("353.10"),
)


def test_the_end_tells_bots_apart_and_never_calls_failed_what_nobody_knows() -> None:
    ends = [
        ("alpha", ending(Outcome.DONE, "1 of 1 positions closed.", FILL)),
        ("beta", ending(Outcome.UNKNOWN, "No answer from beta.")),
    ]
    message = whole.ended(Stop(), [Held(BotController("alpha"), SOL)], ends, {"alpha": alpha(), "beta": None}, ())
    assert message.text == (
        "Stop everything: 1 done, 1 unknown\n\n"
        "alpha: ✓ 1 of 1 positions closed.\n\n"
        "beta: ⚠ UNKNOWN: No answer from beta.\n\n"
        "Realized +353.10\n"
        "Fees        0.30\n"
        "Net      +352.80\n\n"
        "sell kamino 2 151.00 +353.10\n\n"
        "It may have happened. Look before you ask again.\n\n"
        "What was stopped stays paused until /resume all."
    )


def test_what_is_still_open_is_named_where_the_facts_are_of_after_the_end() -> None:
    left = SOL.model_copy(update={"legs": SOL.legs[1:]})
    end = [("alpha", ending(Outcome.PARTIAL, "0 of 1 positions closed.", FILL))]
    began = [Held(BotController("alpha"), SOL)]
    message = whole.ended(CloseAll(bot="alpha"), began, end, {"alpha": alpha((left,), at=NOW)}, ())
    assert message.title == "⚠ PARTIAL: 0 of 1 positions closed."
    assert "⚠ Still open: SOL-1 (drift)" in message.text
    assert "The desk is exposed on what is left." in message.text
    older = {"alpha": alpha((left,))}
    assert "Still open" not in whole.ended(CloseAll(bot="alpha"), began, end, older, ()).text
    named = [("alpha", end[0][1].model_copy(update={"data": {"left": ["SOL-1"]}}))]
    assert "⚠ Still open: SOL-1\n" in whole.ended(CloseAll(bot="alpha"), began, named, older, ()).text


def test_the_kill_switch_shows_how_it_is_and_offers_the_other_way() -> None:
    on = alpha(session=alpha().session.model_copy(update={"pause": PauseState(kill_switch=True)}))
    assert killing.on_or_off(Kill(), [("alpha", alpha())]).title == "Kill switch of alpha: off"
    assert labels(killing.on_or_off(Kill(), [("alpha", alpha())])) == ["Kill on", "Status"]
    assert labels(killing.on_or_off(Kill(), [("alpha", on)])) == ["Kill off", "Status"]
    both = killing.on_or_off(Kill(switch="maybe"), [("alpha", on), ("beta", None)])
    assert both.title == "I cannot turn it “maybe”: it is on or off. Kill switches"
    assert "alpha: ON\nbeta: not known" in both.text
    assert labels(both) == ["Kill off alpha", "Kill on beta", "Kill off beta", "Kill on everywhere", "Status"]


def test_a_hold_says_what_the_risk_manager_wanted() -> None:
    risky = carry(risk=Risk(should_exit=True, reasons=("health factor 0.048 < 0.05",)))
    ask = Hold(position="SOL-1", until="2h", bot="alpha")
    message = holding.really_hold(ask, risky, NOW + timedelta(hours=2), NOW, note="2 s old.")
    assert message.title.startswith("Hold SOL-1 until ")
    assert "⚠ The risk manager wants out: health factor 0.048 < 0.05." in message.text
    assert "for 2 h." in message.text
    endless = holding.really_hold(ask.model_copy(update={"until": ""}), carry(), None, NOW, note="")
    assert endless.title == "Hold SOL-1 without end?"
    assert "The risk manager has nothing against it." in endless.text


def test_rebalancing_shows_what_the_bot_foresees_or_that_it_foresees_nothing() -> None:
    ask = Rebalance(position="SOL-1", bot="alpha")
    assert "The bot does not say beforehand what it would trade." in trading.really_rebalance(ask, SOL, None).text
    preview = foreseen(SOL).model_copy(update={"message": "Rebalance SOL-1: 12.00 USD into the leg on drift."})
    text = trading.really_rebalance(ask, SOL, preview).text
    assert text.startswith("Rebalance SOL-1?\n\nDelta")
    assert "12.00 USD into the leg on drift." in text


PARAMETERS = (
    Parameter(key="max_positions", value=8, type="int", min=0, max=100, category="limits", hot=True, help="Most"),
    Parameter(key="max_exposure_usd", value=250_000.0, type="float", unit="USD", category="limits", hot=True),
    Parameter(key="capital_usd", value=100_000.0, type="float", unit="USD", category="book"),
    Parameter(key="api_key", value="hunter2", type="str", category="book", secret=True, hot=True),
)


def test_config_counts_what_there_is_and_what_is_hot() -> None:
    message = tuning.categories("alpha", PARAMETERS)
    assert tables(message) == ["category all hot\nlimits     2   2\nbook       2   0"]
    assert labels(message) == ["limits", "book"]


def test_a_category_shows_every_value_but_no_secret() -> None:
    message = tuning.category("alpha", "book", PARAMETERS[2:], may_set=True)
    assert tables(message) == ["capital_usd        100,000 USD\napi_key     set, not shown"]
    assert "hunter2" not in message.text
    assert labels(message) == ["All categories", "Refresh"]


def test_whoever_may_is_offered_to_change_what_is_hot() -> None:
    assert labels(tuning.category("alpha", "limits", PARAMETERS[:2], may_set=True))[:2] == [
        "Change max_positions…",
        "Change max_exposure_usd…",
    ]
    assert labels(tuning.category("alpha", "limits", PARAMETERS[:2], may_set=False)) == ["All categories", "Refresh"]


def test_a_value_is_asked_for_with_all_that_one_must_know() -> None:
    message = tuning.which_value("alpha", PARAMETERS[0])
    assert message.text == (
        "Set max_positions to what? It is 8.\n\n"
        "Most\n\n"
        "takes    a whole number from 0 to 100\n"
        "category limits\n\n"
        "Reply with the value, or write: /set max_positions and the value."
    )
    assert message.wanted is not None
    assert (message.wanted.ask, message.wanted.argument) == (Set(key="max_positions", bot="alpha"), "value")


def test_a_change_is_asked_with_old_and_new() -> None:
    ask = Set(key="max_exposure_usd", to=150_000.0, bot="alpha")
    assert tuning.really_set(ask, PARAMETERS[1]).title == "Set max_exposure_usd of alpha: 250,000 USD → 150,000 USD?"


def test_breakers_say_since_when_and_why_and_what_else_there_is() -> None:
    known = (
        Breaker(name="daily_loss", active=True, since=NOW - timedelta(minutes=5), reason="2,600.00 USD lost today"),
        Breaker(name="venue_down", help="a venue is away for long"),
    )
    session = alpha().session.model_copy(update={"breakers": known})
    message = breakers.breakers([("alpha", alpha(session=session))], True, NOW, Breakers())
    assert message.title == "⚠ Tripped: daily_loss"
    assert f"⚠ daily_loss tripped 5 min ago, at {NOW - timedelta(minutes=5):%H:%M} UTC: 2,600.00 USD lost" in (
        message.text
    )
    assert "· venue_down: a venue is away for long" in message.text
    assert message.buttons[0][0].ask == BreakerReset(name="daily_loss", bot="alpha")
    assert labels(breakers.breakers([("alpha", alpha())], True, NOW, Breakers())) == ["Refresh"]


def test_of_a_bot_that_says_no_more_than_the_names_those_are_shown() -> None:
    session = alpha().session.model_copy(update={"pause": PauseState(active_breakers=("daily_loss",))})
    message = breakers.breakers([("alpha", alpha(session=session))], False, NOW, Breakers())
    assert "⚠ daily_loss tripped" in message.text
    assert labels(message) == ["Refresh"]
