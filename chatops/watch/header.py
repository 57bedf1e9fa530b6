"""The session in three lines: who, how, held back or not, and how far its facts can be trusted (pure)."""

from datetime import datetime

from alerts.durations import span
from bot_integration import Mode, Session, Snapshot
from chatops.layout import NOTHING, fit, plain
from chatops.views.danger import Worst, worst_health_factor, worst_margin_fraction
from chatops.views.format import age, change, clock, is_stale, money, ratio
from chatops.watch import tones
from chatops.watch.cells import Cell, Line, Tone, apart, columns_of, cut, whole
from chatops.watch.link import Away

#: Columns of a bot's name, and of a reason.
_NAME, _REASON = 24, 60
_BETWEEN = "  ·  "
#: Below this width the mode and the name leave room for little else.
_NARROW = 70


def header(name: str, snapshot: Snapshot | None, away: Away | None, now: datetime, columns: int) -> tuple[Line, ...]:
    """Always three lines."""
    if snapshot is None:
        return _unheard(name, away, now, columns)
    session = snapshot.session
    who, link = _who(name, session), _link(snapshot, away, now, short=columns < _NARROW)
    # The mode goes before all else.
    while link and columns_of((*who[0][:1], *link)) >= columns:
        link.pop()
    first = apart(whole(who, columns - columns_of(tuple(link)) - 1), link, columns)
    second = whole(_money(snapshot), columns)
    if away is not None:
        restraints = [(cell,) for cell in _restraints(session, now)]
        said = Cell(f"{away.why} What is shown is the last that it said.", Tone.WARN)
        held_back = whole(restraints, columns)
        return first, second, cut([*held_back, *([Cell(_BETWEEN, Tone.DIM)] if held_back else []), said], columns)
    held, run = _held(session, now), _run(session, now)
    return first, second, apart(held, run if columns_of((*held, *run)) < columns else (), columns)


def summary(name: str, snapshot: Snapshot | None, away: Away | None, now: datetime) -> str:
    """The essential in one line of text."""
    if snapshot is None:
        unheard = f"AWAY since {clock(away.since, now)}: {away.why}" if away else "nothing heard yet"
        return plain(f"{name or 'the bot'}: {unheard}")
    parts = [_link(snapshot, away, now), *_who(name, snapshot.session), *_money(snapshot), _held(snapshot.session, now)]
    said = [" ".join("".join(cell.text for cell in part).split()) for part in parts]
    return plain(_BETWEEN.join([*said, away.why] if away else said))


def _unheard(name: str, away: Away | None, now: datetime, columns: int) -> tuple[Line, ...]:
    if away is None:
        return cut([Cell(name or "the bot", Tone.STRONG), Cell("  nothing heard yet …", Tone.DIM)], columns), (), ()
    first = apart([Cell(name or "the bot", Tone.STRONG)], [_since(away, now)], columns)
    return (
        first,
        cut([Cell(away.why, Tone.WARN)], columns),
        cut([Cell("It is tried again and again; nothing else has to be done once it answers.", Tone.DIM)], columns),
    )


def _who(name: str, session: Session) -> list[tuple[Cell, ...]]:
    live = session.mode is Mode.LIVE
    mode = Cell(f" {session.mode.upper()} ", Tone.LIVE if live else Tone.PAPER)
    return [
        (mode, Cell(f"  {fit(name, _NAME)}", Tone.STRONG)),
        (Cell(session.stage),),
        (Cell(session.health, tones.OF_HEALTH[session.health]),),
        (Cell(session.strategy, Tone.DIM),),
        *([(Cell(session.version, Tone.DIM),)] if session.version else []),
    ]


def _link(snapshot: Snapshot, away: Away | None, now: datetime, *, short: bool = False) -> list[Cell]:
    old = age(snapshot.at, now)
    if away is not None and short:
        return [Cell(f" ✗ AWAY {span(now - away.since)} ", Tone.ALARM)]
    if away is not None:
        return [_since(away, now), Cell(f"  {old}", Tone.WARN)]
    if snapshot.session.mode is Mode.REPLAY:
        # Recorded every 30 seconds, and nothing that anybody could act on.
        return [Cell("past", Tone.DIM), Cell(f"  {snapshot.at.astimezone(now.tzinfo):%Y-%m-%d %H:%M:%S}", Tone.DIM)]
    if is_stale(snapshot.at, now):
        return [Cell(" ⚠ STALE ", Tone.ALARM), Cell(f"  {old}", Tone.WARN)]
    return [Cell("● live", Tone.GOOD), Cell(f"  {old:>8}", Tone.DIM)]


def _since(away: Away, now: datetime) -> Cell:
    return Cell(f" ✗ AWAY since {clock(away.since, now)}, {span(now - away.since)} ", Tone.ALARM)


def _money(snapshot: Snapshot) -> list[tuple[Cell, ...]]:
    portfolio = snapshot.portfolio
    health, margin = worst_health_factor(snapshot), worst_margin_fraction(snapshot)
    most = snapshot.session.limits.max_positions
    held = f"{len(snapshot.positions)} of {most}" if most else str(len(snapshot.positions))
    today = portfolio.pnl_today
    return [
        (Cell("Equity ", Tone.DIM), Cell(money(portfolio.equity), Tone.STRONG)),
        (Cell("today ", Tone.DIM), Cell(change(today), tones.of_change(today))),
        (Cell("open ", Tone.DIM), Cell(held)),
        (Cell("HF ", Tone.DIM), Cell(_worst(health), tones.of_health_factor(health.value if health else None))),
        (Cell("MF ", Tone.DIM), Cell(_worst(margin), tones.of_margin_fraction(margin.value if margin else None))),
        (Cell("loss left ", Tone.DIM), Cell(money(snapshot.session.limits.daily_loss_left))),
        (Cell("net delta ", Tone.DIM), Cell(change(portfolio.net_delta))),
    ]


def _worst(worst: Worst | None) -> str:
    return NOTHING if worst is None else f"{ratio(worst.value)} {fit(worst.position, 14)}"


def _restraints(session: Session, now: datetime) -> list[Cell]:
    """What keeps the bot from trading."""
    pause = session.pause
    said: list[Cell] = []
    if pause.kill_switch:
        said.append(Cell(" KILL SWITCH ON ", Tone.ALARM))
    if pause.active_breakers:
        said.append(Cell(f"breaker {', '.join(pause.active_breakers)}", Tone.BAD))
    if pause.paused:
        scopes = ", ".join(pause.scopes) or "all"
        by = f" by {pause.by}" if pause.by else ""
        at = f" at {clock(pause.at, now)}" if pause.at else ""
        why = f": {fit(pause.reason, _REASON)}" if pause.reason else ""
        said.append(Cell(f"paused {scopes}{by}{at}{why}", Tone.WARN))
    if session.consecutive_failures:
        said.append(Cell(f"{session.consecutive_failures} failures in a row", Tone.BAD))
    return said


def _held(session: Session, now: datetime) -> list[Cell]:
    """The same as a line; that nothing does is said too."""
    said = _restraints(session, now)
    if not said:
        return [Cell("not paused, no breaker", Tone.DIM)]
    between = Cell(_BETWEEN, Tone.DIM)
    return [part for one in said for part in (between, one)][1:]


def _run(session: Session, now: datetime) -> list[Cell]:
    cycle = session.cycle
    took = f" {cycle.duration_ms:.0f} ms" if cycle.duration_ms else ""
    return [Cell(f"cycle {cycle.number}{took}", Tone.DIM), Cell(f"  up {span(now - session.started_at)}", Tone.DIM)]
