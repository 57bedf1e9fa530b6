"""The story of one bot: what of it was told, so that nothing is told twice and nothing is lost."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from bot_integration import PauseState, Snapshot, Stage
from chatops.notices.comparing import funding, happenings, held, is_newer, is_restart, since
from chatops.notices.happenings import CameBack, Funded, Happening, StageChanged, WentAway
from chatops.notices.memory import Remembered
from chatops.notices.openings import Openings
from chatops.notices.parts import Parts

#: Facts older than this are a bot that is away.
AWAY_AFTER = timedelta(seconds=30)
#: A stage that is left again sooner is passing, and not told.
STAGE_SETTLES = timedelta(seconds=10)
#: Funding that some venues pay by the second is told as the sum of so long.
FUNDING_GATHERS = timedelta(minutes=1)


class Story:
    """Takes a bot's facts one after another. Begins with what is `remembered` of it; else quietly, for what was so
    before is no news.
    """

    def __init__(self, bot: str, began: datetime, remembered: Remembered | None = None) -> None:
        self._bot = bot
        self._began = began
        self._remembered = remembered
        self._last: Snapshot | None = None
        #: Since when it is away, as it was told; None while it is not.
        self._away: datetime | None = None
        self._openings = Openings()
        self._parts = Parts(bot)
        self._stage: Stage | None = None
        self._stage_since = began
        self._told_stage: Stage | None = None
        #: The funding that each position had when it was told of last, or first seen.
        self._funding: dict[str, Decimal] = {}
        self._funded_at: datetime | None = None
        #: When each payment was seen that was not told of yet.
        self._payments: dict[str, list[datetime]] = {}

    @property
    def seen(self) -> Remembered | None:
        """What is told of by now, to begin with another time; None before anything was heard."""
        return None if self._last is None else Remembered.of(self._last, but=self._openings.untold)

    def hear(self, snapshot: Snapshot, now: datetime) -> tuple[Happening, ...]:
        """What has happened up to these facts. The same facts again, or older ones, are nothing."""
        before = self._last
        if before is not None and not is_newer(before, snapshot):
            return ()
        self._last = snapshot
        told: list[Happening] = []
        if self._away is not None and not _is_old(snapshot, now):
            told.append(CameBack(self._bot, self._away, now - self._away))
            self._away = None
        if before is None:
            self._begin_with(snapshot, now)
            if self._remembered is not None:
                told += self._openings.sift(since(self._remembered, snapshot), now)
            return tuple(told)
        if is_restart(before, snapshot):
            self._begin_with(snapshot, now)
        told += self._openings.sift(happenings(before, snapshot), now)
        told += self._parts.gone(snapshot)
        self._note_payments(before, snapshot)
        self._funding = _funding_of(snapshot) | {
            id_: self._funding[id_] for id_ in held(snapshot).keys() & self._funding
        }
        if snapshot.session.stage is not self._stage:
            self._stage, self._stage_since = snapshot.session.stage, now
        return (*told, *self._gathered(now))

    def pass_time(self, now: datetime) -> tuple[Happening, ...]:
        """What has become so by time alone: a bot is away, an opening takes its time, funding has gathered."""
        return (*self._fell_silent(now), *self._gathered(now))

    def _begin_with(self, snapshot: Snapshot, now: datetime) -> None:
        self._stage = self._told_stage = snapshot.session.stage
        self._stage_since = now
        self._funding, self._funded_at = _funding_of(snapshot), None
        self._payments.clear()
        self._openings.forget()
        self._parts.begin(snapshot)

    def _note_payments(self, before: Snapshot, after: Snapshot) -> None:
        had, has = held(before), held(after)
        for id_ in had.keys() & has:
            if had[id_].pnl.funding != has[id_].pnl.funding:
                self._payments.setdefault(id_, []).append(after.at)
        for id_ in self._payments.keys() - has:
            del self._payments[id_]

    def _fell_silent(self, now: datetime) -> tuple[Happening, ...]:
        if self._away is not None:
            return ()
        heard_at = self._last.at if self._last is not None else None
        since = heard_at or self._began
        if now - since <= AWAY_AFTER:
            return ()
        self._away = since
        return (WentAway(self._bot, heard_at, since),)

    def _gathered(self, now: datetime) -> tuple[Happening, ...]:
        told: list[Happening] = [*self._openings.settled(now)]
        settled = now - self._stage_since >= STAGE_SETTLES
        if self._stage is not None and self._told_stage is not None and self._stage is not self._told_stage and settled:
            pause = self._last.session.pause if self._last is not None else PauseState()
            told.append(StageChanged(self._bot, self._told_stage, self._stage, pause))
            self._told_stage = self._stage
        due = self._funded_at is None or now - self._funded_at >= FUNDING_GATHERS
        if due and self._last is not None:
            paid = funding(self._funding, self._last)
            if paid is not None:
                told.append(self._counted(paid))
                self._funding |= {position.id: position.pnl.funding for position, _ in paid.paid}
                self._funded_at = now
        return tuple(told)

    def _counted(self, paid: Funded) -> Funded:
        """With how many payments it stands for, where that is not one a position."""
        seen = [self._payments.pop(position.id, []) for position, _ in paid.paid]
        if all(len(moments) <= 1 for moments in seen):
            return paid
        moments = [moment for of_one in seen for moment in of_one]
        return replace(paid, payments=len(moments), since=min(moments))


def _funding_of(snapshot: Snapshot) -> dict[str, Decimal]:
    return {id_: position.pnl.funding for id_, position in held(snapshot).items()}


def _is_old(snapshot: Snapshot, now: datetime) -> bool:
    return now - snapshot.at > AWAY_AFTER
