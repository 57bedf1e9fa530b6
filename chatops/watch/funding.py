"""Funding: which rates are paid where, and how long it is to the next payment (pure)."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from bot_integration import Funding
from chatops.layout import NOTHING
from chatops.views.format import change
from chatops.watch import tones
from chatops.watch.cells import Cell, Column, Tone

#: The last minute before a payment stands out.
SOON = timedelta(minutes=1)
_LATEST = datetime.max.replace(tzinfo=UTC)


class Due(NamedTuple):
    """A funding, as seen now."""

    funding: Funding
    now: datetime


def ordered(fundings: Sequence[Funding], now: datetime) -> list[Due]:
    """The next payment first, then the largest rate."""
    by = sorted(fundings, key=lambda one: (one.next_at or _LATEST, -abs(one.rate), one.venue, one.asset))
    return [Due(funding, now) for funding in by]


def countdown(at: datetime | None, now: datetime) -> str:
    """`1:02:33`, `02:33`, `3 d 04 h`; `due` once it is there."""
    if at is None:
        return NOTHING
    left = int((at - now).total_seconds())
    if left <= 0:
        return "due"
    if left >= 86_400:
        return f"{left // 86_400} d {left % 86_400 // 3_600:02} h"
    hours, minutes, seconds = left // 3_600, left % 3_600 // 60, left % 60
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes:02}:{seconds:02}"


def basis_points(rate: float | None) -> str:
    """A rate in hundredths of a percent."""
    if rate is None:
        return NOTHING
    return f"{rate * 10_000:+.2f}" if abs(rate) < 100 else f"{rate * 10_000:+.1e}"


def _where(due: Due) -> Cell:
    return Cell(f"{due.funding.asset} {due.funding.venue}")


def _next(due: Due) -> Cell:
    at = due.funding.next_at
    soon = at is not None and at - due.now <= SOON
    return Cell(countdown(at, due.now), Tone.WARN if soon else Tone.PLAIN if at else Tone.DIM)


def _rate(due: Due) -> Cell:
    rate = due.funding.rate
    return Cell(basis_points(rate), Tone.GOOD if rate > 0 else Tone.BAD if rate < 0 else Tone.DIM)


def _expected(due: Due) -> Cell:
    amount = due.funding.accrued_expected
    return Cell(change(amount), Tone.DIM)


def _actual(due: Due) -> Cell:
    amount = due.funding.accrued_actual
    return Cell(change(amount), tones.of_change(amount))


COLUMNS: tuple[Column[Due], ...] = (
    Column("bps, interval", 13, _where, right=False),
    Column("next in", 9, _next),
    Column("rate", 8, _rate),
    Column("foreseen", 8, lambda due: Cell(basis_points(due.funding.predicted), Tone.DIM)),
    Column("actual", 10, _actual),
    Column("every", 6, lambda due: Cell(f"{due.funding.interval_hours:g} h", Tone.DIM)),
    Column("expected", 10, _expected),
)
