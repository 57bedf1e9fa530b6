"""What is said before an act and after it."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from hypothesis import HealthCheck, given, settings

from bot_integration import (
    ClosePosition,
    CommandResult,
    EmergencyStop,
    KillSwitch,
    Outcome,
    Pause,
    Preview,
    Resume,
    Snapshot,
)
from chatops.layout import plain
from chatops.watch import acts
from chatops.watch.cells import Line
from tests.chatops.views.facts import NOW, PREVIEWS, RESULTS, SNAPSHOTS, alpha, carry

wild = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
ID = UUID(int=9)


def said(lines: list[Line]) -> str:
    return "\n".join("".join(cell.text for cell in line) for line in lines)


@given(SNAPSHOTS, PREVIEWS, RESULTS)
@wild
def test_whatever_a_bot_holds_foresees_or_answers_can_be_said(
    snapshot: Snapshot, preview: Preview, result: CommandResult
) -> None:
    offered = [
        *map(acts.close, snapshot.positions),
        *acts.pause(snapshot),
        *acts.resume(snapshot),
        *acts.kill(snapshot),
        acts.stop(),
    ]
    lines = [line for act in offered for line in act.meaning(snapshot)]
    lines += [*acts.foreseen(preview), *acts.ended(result)]
    assert [cell for line in lines for cell in line if plain(cell.text) != cell.text] == []
    for act in offered:
        assert act.command(ID, "ada", NOW).id == ID


def test_each_act_is_the_command_that_it_says() -> None:
    facts = alpha(positions=(carry("SOL-1"),))
    scopes = [act.command(ID, "ada", NOW) for act in acts.pause(facts)]
    assert [command.scope for command in scopes if isinstance(command, Pause)] == [
        *("entry", "exit", "all"),
        *("kamino", "solana"),
    ]
    close = acts.close(facts.positions[0])
    assert close.said == "Close SOL-1"
    assert close.command(ID, "ada", NOW) == ClosePosition(
        id=ID, by="ada", not_after=NOW + timedelta(seconds=30), position_id="SOL-1", reason="from the dashboard"
    )
    stop = acts.stop()
    assert (stop.typed, type(stop.command(ID, "ada", NOW))) == ("stop", EmergencyStop)


def test_what_is_paused_can_be_resumed_and_a_kill_switch_is_offered_the_other_way_first() -> None:
    facts = alpha()
    held = facts.session.pause.model_copy(update={"paused": True, "scopes": ("entry", "okx"), "kill_switch": True})
    facts = facts.model_copy(update={"session": facts.session.model_copy(update={"pause": held})})
    resumed = [act.command(ID, "ada", NOW) for act in acts.resume(facts)]
    assert [command.scope for command in resumed if isinstance(command, Resume)] == ["entry", "okx", "all"]
    assert [act.choice for act in acts.kill(facts)] == ["off", "ON"]
    switch = acts.kill(alpha())[0].command(ID, "ada", NOW)
    assert isinstance(switch, KillSwitch)
    assert switch.active


def test_the_question_before_a_close_says_what_is_held_and_what_it_would_come_to() -> None:
    facts = alpha(positions=(carry("SOL-1"),))
    meaning = said(acts.close(facts.positions[0]).meaning(facts))
    assert "long kamino     123.456 SOL/USDC = 18,650.61" in meaning
    assert "PnL so far      +31.16 USD" in meaning
    gone = facts.model_copy(update={"positions": ()})
    assert "It is held no more." in said(acts.close(facts.positions[0]).meaning(gone))


def test_an_unknown_outcome_is_never_called_failed_and_says_what_to_do() -> None:
    lost = CommandResult(command_id=ID, outcome=Outcome.UNKNOWN, message="No answer from alpha.")
    assert said(acts.ended(lost)) == (
        "⚠ UNKNOWN: No answer from alpha.\nIt may have happened. Look before you ask again."
    )
    failed = CommandResult(command_id=ID, outcome=Outcome.FAILED, message="okx rejected both orders.")
    assert said(acts.ended(failed)) == "✗ Failed: okx rejected both orders."


def test_what_is_foreseen_has_a_net_line() -> None:
    leg = {"venue": "okx", "instrument": "SOL-PERP", "slippage": 1, "fee": 2}
    preview = Preview.model_validate(
        {"command": "close_position", "at": NOW, "realized": 12, "fees": 2, "slippage": 1, "legs": [leg]}
    )
    assert preview.net == Decimal(10)
    assert "net             +10.00 USD" in said(acts.foreseen(preview))
