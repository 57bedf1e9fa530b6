"""The story of one bot: what of it was told, so that nothing is told twice and nothing is lost."""

from datetime import datetime, timedelta
from decimal import Decimal

from bot_integration import Snapshot, Stage
from chatops.notices.comparing import funding, happenings, held, is_newer, is_restart
from chatops.notices.happenings import CameBack, Happening, StageChanged, WentAway
from chatops.notices.openings import Openings

#: Facts older than this are a bot that is away.
AWAY_AFTER = timedelta(seconds=30)
#: A stage that is left again sooner is passing, and not told.
STAGE_SETTLES = timedelta(seconds=10)
#: Funding that some venues pay by the second is told as the sum of so long.
FUNDING_GATHERS = timedelta(minutes=1)


class Story:
    """Takes a bot's facts one after another. Begins quietly: what was so before is no news."""

    def __init__(self, bot: str, began: datetime) -> None:
        self._bot = bot
        self._began = began
        self._last: Snapshot | None = None
        #: Since when it is away, as it was told; None while it is not.
        self._away: datetime | None = None
        self._openings = Openings()
        self._stage: Stage | None = None
        self._stage_since = began
        self._told_stage: Stage | None = None
        #: The funding that each position had when it was told of last, or first seen.
        self._funding: dict[str, Decimal] = {}
        self._funded_at: datetime | None = None

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
            return tuple(told)
        if is_restart(before, snapshot):
            self._begin_with(snapshot, now)
        told += self._openings.sift(happenings(before, snapshot), now)
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
        self._openings.forget()

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
            told.append(StageChanged(self._bot, self._told_stage, self._stage))
            self._told_stage = self._stage
        due = self._funded_at is None or now - self._funded_at >= FUNDING_GATHERS
        if due and self._last is not None:
            paid = funding(self._funding, self._last)
            if paid is not None:
                told.append(paid)
                self._funding |= {position.id: position.pnl.funding for position, _ in paid.paid}
                self._funded_at = now
        return tuple(told)


def _funding_of(snapshot: Snapshot) -> dict[str, Decimal]:
    return {id_: position.pnl.funding for id_, position in held(snapshot).items()}


def _is_old(snapshot: Snapshot, now: datetime) -> bool:
    return now - snapshot.at > AWAY_AFTER
