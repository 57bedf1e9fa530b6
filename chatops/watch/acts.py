"""What can be done from the dashboard: the question before it, the command, and what became of it (pure)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from uuid import UUID

from bot_integration import (
    ClosePosition,
    Command,
    CommandResult,
    EmergencyStop,
    KillSwitch,
    Outcome,
    Pause,
    Position,
    Preview,
    Resume,
    Snapshot,
)
from chatops.layout import fit, pad, plain
from chatops.views.format import change, money, price, size
from chatops.views.trading import SAID, SIGNS
from chatops.watch import tones
from chatops.watch.cells import Cell, Line, Tone

#: As long as the desk waits for a bot to begin.
START_WITHIN = timedelta(seconds=30)
#: What the bot's own record says of why.
REASON = "from the dashboard"
#: Columns of the name of a figure.
_LABEL = 16
#: Fills and orders shown; what they come to stands above them.
_MOST = 8
_ADVICE = {
    Outcome.UNKNOWN: "It may have happened. Look before you ask again.",
    Outcome.PARTIAL: "What is left is exposed. Close it, or look at the venue.",
}


@dataclass(frozen=True, slots=True)
class Act:
    """Something that a person may do to a bot; nothing of it happens before it was confirmed."""

    #: `Close SOL-1`.
    said: str
    #: `Closing SOL-1`.
    doing: str
    #: What will happen, as the facts are now.
    meaning: Callable[[Snapshot], list[Line]]
    #: Takes what every command says: `id`, `by`, `not_after`, `reason`.
    make: Callable[..., Command]
    #: The word that has to be typed to confirm; empty where `y` is enough.
    typed: str = ""
    #: What sets it apart from the others that it is offered with: `entry`.
    choice: str = ""
    #: Whether the bot may say beforehand what it would come to.
    previewed: bool = False

    def command(self, command_id: UUID, by: str, at: datetime) -> Command:
        """The command to the bot."""
        return self.make(id=command_id, by=by, not_after=at + START_WITHIN, reason=REASON)


def close(position: Position) -> Act:
    """Close one position, whole."""
    said = plain(position.id)

    def meaning(snapshot: Snapshot) -> list[Line]:
        held = snapshot.position(position.id)
        if held is None:
            return [(Cell("It is held no more.", Tone.WARN),)]
        lines = [
            _figure(
                plain(f"{leg.side} {leg.venue}"), plain(f"{size(leg.size)} {leg.instrument} = {money(leg.notional)}")
            )
            for leg in held.legs[:_MOST]
        ]
        total = held.pnl.total
        return [*lines, _figure("PnL so far", f"{change(total)} USD", tones.of_change(total))]

    make = partial(ClosePosition, position_id=position.id)
    return Act(f"Close {said}", f"Closing {said}", meaning, make, previewed=True)


def pause(snapshot: Snapshot) -> tuple[Act, ...]:
    """Hold a scope back, the mildest first."""
    meant = {
        "entry": "No new position is opened. What is open stays open, and is closed when it has to be.",
        "exit": "The strategy closes nothing. What is open stays open.",
        "all": "Neither entries nor exits. What is open stays open.",
    }

    def one(scope: str) -> Act:
        said = plain(scope)
        meaning = meant.get(scope, f"Nothing new on {said}. What is open there stays open.")
        return Act(
            f"Pause {said}", f"Pausing {said}", lambda _: [(Cell(meaning),)], partial(Pause, scope=scope), choice=said
        )

    return tuple(one(scope) for scope in dict.fromkeys((*meant, *(venue.name for venue in snapshot.venues))))


def resume(snapshot: Snapshot) -> tuple[Act, ...]:
    """Lift a pause: one of those that there are, or all."""

    def meaning(now: Snapshot) -> list[Line]:
        paused = now.session.pause.scopes
        still = f"Paused now: {plain(', '.join(paused))}." if paused else "Nothing is paused now, as far as is known."
        return [(Cell("The bot may trade again as it sees fit.", Tone.WARN),), (Cell(still),)]

    def one(scope: str) -> Act:
        said = plain(scope)
        return Act(f"Resume {said}", f"Resuming {said}", meaning, partial(Resume, scope=scope), choice=said)

    return tuple(one(scope) for scope in dict.fromkeys((*snapshot.session.pause.scopes, "all")))


def kill(snapshot: Snapshot) -> tuple[Act, ...]:
    """The kill switch; first what it is not."""

    def on(now: Snapshot) -> list[Line]:
        stay = f"What is open stays open, and is not closed either: {_count(now)}."
        return [(Cell("No new order from this instant, whoever asks."),), (Cell(stay),)]

    def off(now: Snapshot) -> list[Line]:
        return [(Cell("The bot may place orders again as it sees fit.", Tone.WARN),)]

    acts = (
        Act("Turn the kill switch ON", "Turning the kill switch on", on, partial(KillSwitch, active=True), choice="ON"),
        Act(
            "Turn the kill switch off",
            "Turning the kill switch off",
            off,
            partial(KillSwitch, active=False),
            choice="off",
        ),
    )
    return acts[::-1] if snapshot.session.pause.kill_switch else acts


def stop() -> Act:
    """The emergency stop."""

    def meaning(now: Snapshot) -> list[Line]:
        total = sum((position.pnl.total for position in now.positions), Decimal(0))
        return [
            (Cell("Everything is paused, then every position is closed, at what the market gives."),),
            (Cell(f"{_count(now)}, gross {money(now.portfolio.gross_notional)} USD, PnL {change(total)} USD"),),
        ]

    return Act("EMERGENCY STOP", "Stopping", meaning, EmergencyStop, typed="stop")


def _figure(label: str, value: str, tone: Tone = Tone.PLAIN) -> Line:
    return Cell(pad(label, _LABEL), Tone.DIM), Cell(value, tone)


def _count(snapshot: Snapshot) -> str:
    held = len(snapshot.positions)
    return f"{held} position" if held == 1 else f"{held} positions"


def foreseen(preview: Preview) -> list[Line]:
    """What the bot says that it would come to."""
    lines: list[Line] = []
    if preview.legs:
        lines = [
            _figure("would realize", change(preview.realized), tones.of_change(preview.realized)),
            _figure("slippage in it", money(preview.slippage)),
            _figure("fees", change(-preview.fees)),
            _figure("net", f"{change(preview.net)} USD", tones.of_change(preview.net)),
        ]
    if preview.message:
        lines.append((Cell(fit(preview.message, SAID)),))
    return lines


def ended(result: CommandResult) -> list[Line]:
    """What became of it, with the fills and what to do next."""
    tone = tones.OF_OUTCOME[result.outcome]
    lines: list[Line] = [(Cell(f"{SIGNS[result.outcome]} {fit(result.message, SAID)}", tone),)]
    lines += [
        (
            Cell(plain(f"{fill.side} {fill.venue} {fill.instrument}  {size(fill.size)} at {price(fill.price)}  ")),
            Cell(change(fill.realized), tones.of_change(fill.realized)),
        )
        for fill in result.fills[:_MOST]
    ]
    if advice := _ADVICE.get(result.outcome):
        lines.append((Cell(advice, Tone.STRONG),))
    return lines
