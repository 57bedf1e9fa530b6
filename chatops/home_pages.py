"""Makes the pages of people, of the last facts and of what they may ask."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime

from alerts.model import Alert
from chatops.alerting.shifts import Shifts
from chatops.asks import Ack, Alerts, Ask, Close, Oncall, Pause, Pnl, Positions, Resume, Status, Stop
from chatops.asks.watching import System
from chatops.fleet import Fleet
from chatops.guard.permissions import Allowed, Permissions
from chatops.habits import Habits
from chatops.home import Page, Word
from chatops.link import Link
from chatops.parts import Desk
from chatops.people import Directory, Identity, Principal
from chatops.redacted import redacted_page
from chatops.redactor import Redactor
from chatops.restraints import Wish
from chatops.room import Room
from chatops.views import home as views
from chatops.views.format import label

#: So many bots have words of their own; of more, which one is asked.
_WITH_WORDS = 5
_LOOKS: Sequence[tuple[str, Ask]] = (
    ("Status", Status()),
    ("Positions", Positions()),
    ("Alerts", Alerts()),
    ("PnL", Pnl()),
    ("On call", Oncall()),
)
#: Each asks what it lacks, and whether it really is to be.
_ACTS: Sequence[tuple[str, Ask]] = (("Pause…", Pause()), ("Resume…", Resume()), ("Close…", Close()), ("Stop…", Stop()))
_ACK = ("Ack…", Ack())


class HomePages:
    """`Homes` of one desk. Each part of a page is for whom may ask the word that tells it."""

    def __init__(
        self,
        directory: Directory,
        permissions: Permissions,
        fleet: Fleet,
        *,
        habits: Habits,
        desired: Callable[[str], Sequence[Wish]],
        alerts: Callable[[str], Sequence[Alert]],
        shifts: Shifts,
        links: Callable[[], Mapping[str, Link]],
        is_database_here: Callable[[], bool],
        now: Callable[[], datetime],
        redact: Redactor,
    ) -> None:
        """`desired` is what people want of a bot, `alerts` what stands of it, `links` how each platform is.

        `redact` takes the secrets of the settings out of what bots say.
        """
        self._directory = directory
        self._permissions = permissions
        self._fleet = fleet
        self._habits = habits
        self._desired = desired
        self._alerts = alerts
        self._shifts = shifts
        self._links = links
        self._is_database_here = is_database_here
        self._now = now
        self._redact = redact

    @classmethod
    def of_desk(
        cls,
        desk: Desk,
        directory: Directory,
        permissions: Permissions,
        fleet: Fleet,
        *,
        links: Callable[[], Mapping[str, Link]],
        now: Callable[[], datetime],
        redact: Redactor | None = None,
    ) -> "HomePages":
        """The pages of a desk that runs."""
        return cls(
            directory,
            permissions,
            fleet,
            habits=desk.habits,
            desired=desk.desired.of,
            alerts=desk.alerting.open,
            shifts=desk.alerting.shifts,
            links=links,
            is_database_here=lambda: desk.ledger.is_here,
            now=now,
            redact=redact or Redactor(),
        )

    def page(self, identity: Identity, room: Room) -> Page:
        """The page of this account, which asks in this room."""
        person = self._directory.identify(identity)
        if person is None:
            return self.closed()
        now = self._now().astimezone(self._habits.of(person.name, room).zone)
        if not person.may_ask_in(room):
            return views.elsewhere(now)
        seen = self._seen(person, room, now)
        acts = [*_ACTS, _ACK] if any(seen.alerts.values()) else _ACTS
        names = [name for name, _ in seen.bots]
        of_bots = {name: self._of_bot(name, person, room) for name in names} if 1 < len(names) <= _WITH_WORDS else {}
        words = [self._words(row, person, room) for row in (_LOOKS, acts)]
        return redacted_page(views.home(seen, now, words, of_bots), self._redact)

    def closed(self) -> Page:
        """Whom to ask, and nothing else."""
        return views.closed(self._now().astimezone(UTC))

    def _seen(self, person: Principal, room: Room, now: datetime) -> views.Seen:
        def may(ask: Ask) -> bool:
            return isinstance(self._permissions.check(person, ask, room), Allowed)

        fleet = self._fleet.seen_by(person)
        bots = [(bot.name, snapshot) for bot, snapshot in fleet.snapshots()] if may(Status()) else []
        names = [name for name, _ in bots]
        has_turns = may(Oncall()) and bool(self._shifts.coming(now, 1))
        return views.Seen(
            bots,
            {name: wishes for name in names if (wishes := self._desired(name))},
            {name: found for name in fleet.names if (found := self._alerts(name))} if may(Alerts()) else {},
            shows_positions=may(Positions()),
            shift=self._shifts.shift(now) if has_turns else None,
            has_turns=has_turns,
            links=self._links() if may(System()) else {},
            is_database_here=self._is_database_here(),
        )

    def _of_bot(self, name: str, person: Principal, room: Room) -> Sequence[Word]:
        asks = (("Positions", Positions(bot=name)), ("Pause", Pause(bot=name)), ("Close", Close(bot=name)))
        return self._words([(f"{said} {name}{'' if ask.reads else '…'}", ask) for said, ask in asks], person, room)

    def _words(self, offered: Iterable[tuple[str, Ask]], person: Principal, room: Room) -> Sequence[Word]:
        """Those that they may ask: for the page. What is asked by them is judged anew."""
        return [
            Word(label(said), f"{ask.word} {getattr(ask, 'bot', '')}".strip())
            for said, ask in offered
            if isinstance(self._permissions.check(person, ask, room), Allowed)
        ]
