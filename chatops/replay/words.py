"""What a replay says of itself, at its beginning and at its end (pure)."""

from alerts.durations import span
from chatops.history.rows import Run
from chatops.messages import Block, Message, Paragraph
from chatops.replay.player import Played
from chatops.views.format import change, money


def welcome(run: Run, name: str, speed: float, person: str) -> Message:
    """Before the first snapshot."""
    which = f"{str(run.session_id)[:8]} ({run.strategy}, {run.mode}) of {run.started_at:%Y-%m-%d %H:%M:%S} UTC"
    return Message(
        f"REPLAY of {run.bot}: nothing here is live.",
        (
            Paragraph(
                f"Its session {which}, {speed:g} seconds in one, as the bot “{name}”. All times are those of then."
            ),
            Paragraph(f"You are {person}. Try /status, /positions, /events, /alerts. Nothing can be commanded."),
            Paragraph("It ends by itself; /quit or Ctrl-C ends it before."),
        ),
    )


def summary(played: Played) -> Message:
    """After the last one."""
    return Message("REPLAY is over.", tuple[Block, ...](Paragraph(line) for line in lines(played)))


def lines(played: Played) -> tuple[str, ...]:
    """What there was, in a few lines of text."""
    first, last = played.first, played.last
    lasted = f"{first.at:%Y-%m-%d %H:%M:%S} to {last.at:%Y-%m-%d %H:%M:%S} UTC ({span(last.at - first.at)})"
    leapt = f", {span(played.leapt)} of it unrecorded and leapt over" if played.leapt else ""
    before, after = first.portfolio.equity, last.portfolio.equity
    held = len(last.positions)
    return (
        f"{last.bot}: {lasted}, {played.snapshots:,} snapshots{leapt}.",
        f"Equity {money(before)} → {money(after)} ({change(after - before)}).",
        f"Positions seen: {len(played.held)}; held at the end: {held}.",
    )
