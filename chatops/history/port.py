"""The port to what is stored: `chatops.storage.history` implements it over PostgreSQL."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from chatops.history.rows import Batch, Happened, Head, Kept, Measured, Metric, Run
from chatops.money.books import Books
from chatops.money.facts import Booking, FundingPayment, Trade, Transfer
from chatops.money.spans import Span


@dataclass(frozen=True, slots=True)
class Resolution:
    """How far apart what is read stands."""

    step: timedelta
    #: Of the tier that it is read from: "1m", "5m", "1h", "1d".
    tier: str


class Recording(Protocol):
    """Where batches go. Every method raises `DatabaseAway`."""

    async def heads(self, bots: Collection[str]) -> dict[str, Head]:
        """Up to where each of these is recorded, of those that are."""
        ...

    async def keep(self, batches: Sequence[Batch]) -> frozenset[str]:
        """Store them, each whole or not at all; gives the bots whose batch was not, since others recorded meanwhile."""
        ...


class Reading(Protocol):
    """What there is to read. `bots` are names; every method raises `DatabaseAway`."""

    async def known_bots(self) -> frozenset[str]:
        """Every bot that anything was ever recorded of."""
        ...

    async def books(
        self,
        bots: Collection[str],
        span: Span,
        *,
        step: timedelta | None = None,
        marks: Sequence[datetime] = (),
        apart: bool = True,
    ) -> Books:
        """All that figures of a span are made from.

        Samples stand a `step` apart (None: by the length of the span, `resolution`), and besides those the true last
        ones before the start, before each of the `marks` and before the end are there, and the first of a bot that
        came in the span; the ones at the span's ends have their legs. Bookings and payments of one origin may be
        added up over 15 minutes, and from one mark to the next; where they need not be told `apart`, all of a bot.
        """
        ...

    async def trades(
        self, bots: Collection[str], span: Span | None = None, *, most: int | None = None, position: str = ""
    ) -> tuple[Trade, ...]:
        """Trades that were closed in a span, the newest first."""
        ...

    async def bookings(self, bots: Collection[str], span: Span, *, position: str = "") -> tuple[Booking, ...]:
        """Each as it was booked, oldest first."""
        ...

    async def payments(self, bots: Collection[str], span: Span, *, position: str = "") -> tuple[FundingPayment, ...]:
        """Each as it was paid, oldest first."""
        ...

    async def transfers(self, bots: Collection[str], span: Span) -> tuple[Transfer, ...]:
        """Money put in and taken out, oldest first."""
        ...

    async def measured(
        self, bot: str, metric: Metric, span: Span, *, subject: str | None = None, tier: str | None = None
    ) -> tuple[Measured, ...]:
        """One metric of all its subjects, or of one, oldest first; by the tier that the length of the span asks for."""
        ...

    async def happened(
        self, bots: Collection[str], span: Span, *, position: str = "", most: int = 1_000
    ) -> tuple[Happened, ...]:
        """What bots told, oldest first."""
        ...

    async def runs(self, bots: Collection[str], *, most: int = 100) -> tuple[Run, ...]:
        """Runs, the newest first."""
        ...

    async def kept(
        self, *, session_id: UUID | None = None, bot: str = "", span: Span | None = None, most: int | None = None
    ) -> tuple[Kept, ...]:
        """Whole snapshots of a run, or of a bot in a span, oldest first."""
        ...
