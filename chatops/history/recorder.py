"""From the snapshots of a bot, in order, to what is stored of its life (pure)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from bot_integration import PositionStage, Snapshot, Stage
from chatops.history.bookings_of import origin
from chatops.history.dealings import Dealings, dealings, unrealized
from chatops.history.happenings_of import happenings_of
from chatops.history.known import Known
from chatops.history.measuring import Measuring
from chatops.history.payments_of import let_wait
from chatops.history.pending import Pending
from chatops.history.rows import Batch, Head, Kept, Run, Why
from chatops.history.trades_of import own_money
from chatops.money.facts import Gap, OpenLeg, Sample

#: A bot that was not heard for longer was not seen.
UNSEEN_AFTER = timedelta(seconds=90)
#: Between two snapshots that are kept because of the time alone.
KEEP_EVERY = timedelta(seconds=30)
#: What comes out of turn is not older.
LATE = timedelta(minutes=1)
TELL_SILENCE_EVERY = timedelta(minutes=1)
#: Snapshots after which what can be spared is looked at.
THIN_EVERY = 256


class Recorder:
    """Records one bot. All that it goes on from is in the head of its last batch."""

    def __init__(
        self,
        bot: str,
        head: Head | None = None,
        *,
        unseen_after: timedelta = UNSEEN_AFTER,
        keep_every: timedelta = KEEP_EVERY,
    ) -> None:
        """`bot` is the name that people know it by; `head` up to where it is stored, None where nothing is."""
        self._bot = bot
        self._unseen_after = unseen_after
        self._keep_every = keep_every
        #: The one that the next batch goes on from.
        self._head = head
        self._last = head.snapshot if head is not None else None
        self._known = Known.from_json(head.known) if head is not None else Known()
        self._pending = Pending()
        self._measuring = Measuring(bot)
        #: Of how long a silence was told.
        self._told_silent = timedelta(0)

    @property
    def waiting(self) -> int:
        """Snapshots since the last batch."""
        return self._pending.snapshots

    def take(self, snapshot: Snapshot) -> None:
        """The next one. One that is older than the last is left out."""
        before, pending = self._last, self._pending
        if before is not None and _is_older(snapshot, before):
            return
        unseen = before is not None and snapshot.at - before.at > self._unseen_after
        told = dealings(
            self._bot, before, snapshot, self._known.deployed, drifted=self._drifted(snapshot), unseen=unseen
        )
        if before is not None:
            if _minute(before.at) != _minute(snapshot.at):
                self._sample(before)
            if unseen:
                pending.gaps.append(Gap(self._bot, before.at, snapshot.at))
        pending.snapshots += 1
        self._told_silent = timedelta(0)
        pending.happened += happenings_of(self._bot, before, snapshot, told.sights)
        pending.measured += self._measuring.take(snapshot)
        self._run(before, snapshot)
        self._book(snapshot, told)
        self._keep(before, snapshot, told)
        self._last = snapshot
        if pending.snapshots % THIN_EVERY == 0:
            pending.thin()

    def silent(self, length: timedelta) -> None:
        """Nothing has been heard for so long: where that is too long it is told each minute, as it goes on."""
        if self._last is None or length <= self._unseen_after or length - self._told_silent < TELL_SILENCE_EVERY:
            return
        self._told_silent = length
        self._pending.gaps.append(Gap(self._bot, self._last.at, self._last.at + length))

    def alerted(self) -> None:
        """An alert of this bot was told: what is true of it now is kept."""
        kept, last = self._pending.kept, self._last
        if last is not None and not (kept and kept[-1].why is Why.ALERT and kept[-1].snapshot is last):
            kept.append(Kept(Why.ALERT, last))

    def batch(self, *, final: bool = False) -> Batch | None:
        """What came since the batch before, None where nothing did; `final` ends the minute that is under way."""
        pending, last = self._pending, self._last
        if last is None:
            return None
        if final:
            pending.measured += self._measuring.end()
        if not pending.snapshots:
            return self._of_time_alone()
        self._sample(last)
        pending.thin()
        head = Head(last.session_id, last.seq, last, self._known.as_json())
        batch = pending.batch(self._bot, self._head, head)
        self._head, self._pending = head, Pending()
        return batch

    # ------------------------------------------------------------------------ inside

    def _of_time_alone(self) -> Batch | None:
        """What needs no new head. All else waits for a snapshot that it is of."""
        pending, head = self._pending, self._head
        if head is None or not (pending.gaps or pending.measured):
            return None
        batch = Batch(self._bot, head, head, gaps=tuple(pending.gaps), measured=tuple(pending.measured))
        pending.gaps, pending.measured = [], []
        return batch

    def _book(self, snapshot: Snapshot, told: Dealings) -> None:
        pending, known = self._pending, self._known
        pending.bookings += told.bookings
        pending.trades += told.trades
        waiting = known.waiting
        if told.payments or waiting:
            due, waiting = let_wait(waiting, told.payments, snapshot.at, told.ended)
            pending.payments += due
        deposits = known.deposits
        if told.transfer is not None:
            pending.transfers.append(told.transfer)
            deposits += told.transfer.amount
        self._known = Known(deposits, self._deployed(told), waiting, told.drifted, known.kept_at)

    def _deployed(self, told: Dealings) -> Mapping[str, Decimal]:
        known = self._known.deployed
        ended = told.ended
        new = {
            one.now.id: own_money(one.now)
            for one in told.sights.here
            if (one.was is None or one.now.id not in known)
            and one.now.stage not in {PositionStage.OPENING, PositionStage.CLOSED}
        }
        if not new and not (ended & known.keys()):
            return known
        return {id_: amount for id_, amount in {**known, **new}.items() if id_ not in ended}

    def _keep(self, before: Snapshot | None, snapshot: Snapshot, told: Dealings) -> None:
        why = self._why(before, snapshot, told)
        if why is None:
            return
        if why is Why.START and before is not None:
            self._pending.kept.append(Kept(Why.STOP, before))
        self._pending.kept.append(Kept(why, snapshot))
        self._known = replace(self._known, kept_at=snapshot.at)

    def _why(self, before: Snapshot | None, snapshot: Snapshot, told: Dealings) -> Why | None:
        if before is None or before.session_id != snapshot.session_id:
            return Why.START
        if told.ended:
            return Why.CLOSE
        if any(
            one.now.stage is PositionStage.OPEN and (one.was is None or one.was.stage is PositionStage.OPENING)
            for one in told.sights.here
        ):
            return Why.OPEN
        if snapshot.session.stage is Stage.STOPPING and before.session.stage is not Stage.STOPPING:
            return Why.STOP
        kept_at = self._known.kept_at
        return Why.REGULAR if kept_at is None or snapshot.at - kept_at >= self._keep_every else None

    def _run(self, before: Snapshot | None, snapshot: Snapshot) -> None:
        runs = self._pending.runs
        if before is not None and before.session_id != snapshot.session_id:
            runs[before.session_id] = replace(_run_of(self._bot, before), ended_at=before.at)
        runs[snapshot.session_id] = _run_of(self._bot, snapshot)

    def _sample(self, snapshot: Snapshot) -> None:
        minute = _minute(snapshot.at)
        known = self._pending.samples.get(minute)
        if known is not None and known.at == snapshot.at:
            return
        legs = tuple(
            OpenLeg(origin(self._bot, position, leg.venue), leg.unrealized)
            for position in snapshot.positions
            for leg in position.legs
        )
        self._pending.samples[minute] = Sample(
            snapshot.at, self._bot, snapshot.portfolio.equity, unrealized(snapshot), self._known.deposits, legs
        )

    def _drifted(self, snapshot: Snapshot) -> bool:
        """Another run of a bot is trusted anew."""
        last = self._last
        return self._known.drifted and last is not None and last.session_id == snapshot.session_id


def _is_older(snapshot: Snapshot, last: Snapshot) -> bool:
    if snapshot.session_id == last.session_id:
        return snapshot.seq <= last.seq
    # What still came of the run before, after the new one was heard. A clock that was set back goes by more.
    is_late = timedelta(0) <= last.at - snapshot.at < LATE
    return is_late and snapshot.session.started_at < last.session.started_at


def _run_of(bot: str, snapshot: Snapshot) -> Run:
    session = snapshot.session
    return Run(
        snapshot.session_id,
        bot,
        session.strategy,
        session.version,
        session.mode.value,
        session.started_at,
        snapshot.at,
    )


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)
