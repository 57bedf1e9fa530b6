"""Which bots there are, where each runs, and how it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts.durations import span
from bot_integration import PauseState, Snapshot
from chatops.asks import Bots, Positions, Status
from chatops.layout import align, fit
from chatops.messages import PHONE_COLUMNS, Block, Button, Message, Paragraph, Table
from chatops.restraints import Wish
from chatops.views.desired import said_now
from chatops.views.format import age, clock, is_stale
from chatops.views.status import pause, title

#: Columns of why a bot is away.
_REASON_COLUMNS = 200


@dataclass(frozen=True, slots=True)
class Seen:
    """A bot as the desk has it."""

    name: str
    #: Its last facts; None before the first.
    facts: Snapshot | None
    #: Whether it runs in another process, and why it is not heard there; None while it is.
    is_far: bool = False
    away: str | None = None
    #: What people want of it.
    wishes: Sequence[Wish] = ()


def bots(seen: Sequence[Seen], now: datetime, since: datetime, asked: Bots) -> Message:
    """A few lines a bot. `since` is when we began to listen."""
    blocks: list[Block] = []
    for one in seen:
        blocks += [Paragraph(fit(one.name, PHONE_COLUMNS), bold=True), _table(one, now, since)]
        held = one.facts.session.pause if one.facts is not None else PauseState()
        away = [fit(one.away, _REASON_COLUMNS)] if one.away else []
        if said := [*away, *said_now(held, one.wishes, now)]:
            blocks.append(Paragraph("\n".join(said)))
    known = [(one.name, one.facts) for one in seen]
    buttons = (Button("Refresh", asked), Button("Status", Status(bot=asked.bot)), Button("Positions", Positions()))
    return Message(title(known, now, {one.name: one.wishes for one in seen}), tuple(blocks), (buttons,))


def _table(one: Seen, now: datetime, since: datetime) -> Table:
    where = "far" if one.is_far else "near"
    if one.facts is None:
        return align([("State", "nothing heard yet"), ("Runs", where), ("Facts", f"none, for {span(now - since)} now")])
    session = one.facts.session
    how_old = age(one.facts.at, now)
    rows = [
        ("State", f"{session.mode} · {session.stage} · {session.health}"),
        ("Runs", f"{where}, since {clock(session.started_at, now)} {now:%Z}"),
        ("Facts", f"STALE, {how_old}" if is_stale(one.facts.at, now) else how_old),
    ]
    held = pause(session.pause)
    return align(rows if held == "no" else [*rows, ("Pause", held)])
