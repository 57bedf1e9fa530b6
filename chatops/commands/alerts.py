"""Answers to what is wrong, and to who takes it in hand: alerts, ack."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from alerts.answer import Answer, Taken
from alerts.model import NOBODY_TOLD, Alert, Target
from alerts.silence import Silence
from alerts.store import Open
from bot_integration import Outcome
from chatops.alert_record import History, Pace
from chatops.asks import Ack, AckAll, Alerts, AlertStats
from chatops.commands.registry import Asking, Registry, Reply, ZoneOf
from chatops.guard.permissions import Allowed, Permissions
from chatops.people import Principal
from chatops.storage.errors import DatabaseAway
from chatops.views import alert_list, choices
from chatops.views.alert_story import named, story
from chatops.views.format import clock


class Standing(Protocol):
    """What is known of alerts, and who has them in hand."""

    def now(self) -> datetime:
        """By the clock that alerts go by."""
        ...

    def open(self, bot: str = "") -> Sequence[Alert]:
        """Those that stand, of one bot or of all."""
        ...

    def find(self, number: int) -> Open | None:
        """One that stands, or that is resolved and not told so everywhere."""
        ...

    def next_told(self, alert: Alert) -> tuple[datetime, tuple[Target, ...]] | None:
        """When who is told next, if nobody acknowledges."""
        ...

    async def history(self, number: int) -> History | None:
        """One with all that happened to it. Raises `DatabaseAway`."""
        ...

    async def paces(self, days: int) -> list[Pace]:
        """How often each rule fired, and how fast people were. Raises `DatabaseAway`."""
        ...

    async def silences(self) -> list[Silence]:
        """Those in force and to come. Raises `DatabaseAway`."""
        ...

    async def acknowledge(self, number: int, by: str, epoch: int = 0) -> Answer:
        """Somebody has it in hand; of the epoch that they saw, 0: of the one that stands."""
        ...


class AlertCommands:
    """Shows alerts to those who may see their bots. Taking one in hand needs no database."""

    def __init__(self, alerting: Standing, permissions: Permissions, zone_of: ZoneOf) -> None:
        """`zone_of` is in whose zone moments are told."""
        self._alerting = alerting
        self._zone_of = zone_of
        self._permissions = permissions

    def register(self, registry: Registry) -> None:
        """Answer these words."""
        registry.on(Alerts, self.alerts)
        registry.on(AlertStats, self.stats)
        registry.on(Ack, self.ack)
        registry.on(AckAll, self.ack_all)

    # ------------------------------------------------------------------------ looking

    async def alerts(self, ask: Alerts, asking: Asking) -> Reply:
        """What stands, or one of them whole."""
        if ask.number:
            return await self._one(ask.number, asking)
        if ask.bot and not asking.fleet.bots(ask.bot):
            return Reply(choices.no_such_bot(ask.bot, asking.fleet.names), Outcome.REFUSED)
        standing, now = seen(self._alerting.open(ask.bot), asking.person), self._now(asking)
        silences, _ = await self._known_silences()
        return Reply(
            alert_list.alerts(
                standing,
                now,
                ask,
                may_ack=self._may_ack(asking),
                silences=silences,
                following={one.number: self._following(one, now) for one in standing},
                several=len(asking.fleet.names) > 1,
            )
        )

    async def stats(self, ask: AlertStats, asking: Asking) -> Reply:
        """Times to acknowledge and to resolve, by rule."""
        return Reply(alert_list.stats(await self._alerting.paces(ask.days), ask))

    async def _one(self, number: int, asking: Asking) -> Reply:
        found = self._alerting.find(number)
        try:
            history = await self._alerting.history(number)
        except DatabaseAway:
            history = None
        # In memory it is newer than on record.
        alert = found.alert if found is not None else history.alert if history is not None else None
        if alert is None or not may_see(asking.person, alert):
            return Reply(alert_list.no_such_alert(number), Outcome.REFUSED)
        silences, _ = await self._known_silences()
        return Reply(
            story(
                alert,
                self._now(asking),
                history=history,
                last=found.told if found is not None else NOBODY_TOLD,
                following=self._alerting.next_told(alert),
                silences=silences,
                may_ack=self._may_ack(asking),
            )
        )

    # ------------------------------------------------------------------------ taking in hand

    async def ack(self, ask: Ack, asking: Asking) -> Reply:
        """Take one in hand; without a number those there are to choose from."""
        if not ask.alert:
            standing = seen(self._alerting.open(), asking.person)
            return Reply(alert_list.which_to_ack(standing, self._alerting.now()), outcome=None)
        found = self._alerting.find(ask.alert)
        is_theirs = found is None or may_see(asking.person, found.alert)
        answer = Answer(Taken.UNKNOWN)
        if is_theirs:
            answer = await self._alerting.acknowledge(ask.alert, asking.person.name, ask.epoch)
        is_known = answer.alert is not None and may_see(asking.person, answer.alert)
        if not is_known and answer.taken is not Taken.OVERTAKEN:
            standing = seen(self._alerting.open(), asking.person)
            said = f"There is no alert {ask.alert}."
            return Reply(alert_list.which_to_ack(standing, self._alerting.now(), said), Outcome.REFUSED)
        outcome = Outcome.DONE if answer.taken in (Taken.YES, Taken.LONGER) else Outcome.REFUSED
        return Reply(alert_list.acknowledged(answer.taken, answer.says(self._zone_of(asking)), answer.alert), outcome)

    async def ack_all(self, ask: AckAll, asking: Asking) -> Reply:
        """Take in hand whatever stands and nobody has; by a button only what stood when that was shown."""
        if ask.bot and not asking.fleet.bots(ask.bot):
            return Reply(choices.no_such_bot(ask.bot, asking.fleet.names), Outcome.REFUSED)
        taken: list[Alert] = []
        left: list[str] = []
        for one in seen(self._alerting.open(ask.bot), asking.person):
            if ask.seen is not None and one.rose_at > ask.seen:
                left.append(f"Alert {one.number} came, or got worse, since that was shown.")
                continue
            answer = await self._alerting.acknowledge(one.number, asking.person.name, one.epoch)
            if answer.taken in (Taken.YES, Taken.LONGER) and answer.alert is not None:
                taken.append(answer.alert)
            else:
                left.append(answer.says(self._zone_of(asking)))
        until = min((one.in_hand.until for one in taken if one.in_hand is not None), default=None)
        outcome = Outcome.PARTIAL if taken and left else Outcome.DONE if taken else Outcome.REFUSED
        if until is not None:
            until = until.astimezone(self._zone_of(asking))
        return Reply(alert_list.all_acknowledged(taken, left, until), outcome)

    # ------------------------------------------------------------------------ inside

    def _now(self, asking: Asking) -> datetime:
        """As who asks reads it."""
        return self._alerting.now().astimezone(self._zone_of(asking))

    async def _known_silences(self) -> tuple[Sequence[Silence], bool]:
        try:
            return await self._alerting.silences(), True
        except DatabaseAway:
            return (), False

    def _following(self, alert: Alert, now: datetime) -> str:
        coming = self._alerting.next_told(alert)
        if coming is None:
            return ""
        at, targets = coming
        return f"next: {named(targets) or 'nobody is there'}, {clock(at, now)} {now:%Z}"

    def _may_ack(self, asking: Asking) -> bool:
        return isinstance(self._permissions.check(asking.person, Ack(), asking.room), Allowed)


def may_see(person: Principal, alert: Alert) -> bool:
    """Whether it is of a bot that they may ask about; what the desk says of itself is for everybody."""
    return not alert.key.bot or person.may_see(alert.key.bot)


def seen(alerts: Sequence[Alert], person: Principal) -> list[Alert]:
    """Those of them that they may see."""
    return [one for one in alerts if may_see(person, one)]
