"""Answers to what only looks: the bots, status, positions, events."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from alerts.model import Alert
from bot_integration import Outcome
from chatops.asks import Bots, Events, Positions, Status
from chatops.commands.registry import Asking, Registry, Reply, ZoneOf
from chatops.restraints import Wish, missing
from chatops.views import choices
from chatops.views.bots import Seen, bots
from chatops.views.desired import not_so
from chatops.views.events import events
from chatops.views.positions import positions
from chatops.views.status import status


class WatchingCommands:
    """Looks at the last facts of the bots that whoever asks may see; waits for nothing."""

    def __init__(
        self,
        now: Callable[[], datetime],
        desired: Callable[[str], Sequence[Wish]] = lambda bot: (),
        alerts: Callable[[str], Sequence[Alert]] = lambda bot: (),
        zone_of: ZoneOf = lambda asking: UTC,
    ) -> None:
        """`desired` is what people want of a bot, `alerts` what stands of it; `zone_of` is where moments are told."""
        self._zone_of = zone_of
        self._now = now
        self._desired = desired
        self._alerts = alerts
        self._since = now()

    def register(self, registry: Registry) -> None:
        """Answer these words."""
        registry.on(Bots, self.bots)
        registry.on(Status, self.status)
        registry.on(Positions, self.positions)
        registry.on(Events, self.events)

    async def bots(self, ask: Bots, asking: Asking) -> Reply:
        """Which bots there are."""
        if ask.bot and not asking.fleet.bots(ask.bot):
            return Reply(choices.no_such_bot(ask.bot, asking.fleet.names), Outcome.REFUSED)
        seen = [
            Seen(bot.name, bot.snapshot(), bot.is_far, bot.away, self._desired(bot.name))
            for bot in asking.fleet.bots(ask.bot)
        ]
        return Reply(bots(seen, self._told_at(asking), self._since, ask))

    async def status(self, ask: Status, asking: Asking) -> Reply:
        """How each bot is."""
        if ask.bot and not asking.fleet.bots(ask.bot):
            return Reply(choices.no_such_bot(ask.bot, asking.fleet.names), Outcome.REFUSED)
        known = [(bot.name, snapshot) for bot, snapshot in asking.fleet.snapshots(ask.bot)]
        wishes = self._wishes(asking, ask.bot)
        alerts = {name: standing for name, _ in known if (standing := self._alerts(name))}
        return Reply(status(known, self._told_at(asking), ask, wishes=wishes, since=self._since, alerts=alerts))

    async def positions(self, ask: Positions, asking: Asking) -> Reply:
        """Every position."""
        if ask.bot and not asking.fleet.bots(ask.bot):
            return Reply(choices.no_such_bot(ask.bot, asking.fleet.names), Outcome.REFUSED)
        silent, rows = [], []
        for bot, snapshot in asking.fleet.snapshots(ask.bot):
            if snapshot is None:
                silent.append(bot.name)
            else:
                rows += [(bot.name, position, snapshot.at) for position in snapshot.positions]
        now = self._told_at(asking)
        wishes = self._wishes(asking, ask.bot)
        drifted = [
            not_so(bot.name, missed, now)
            for bot, snapshot in asking.fleet.snapshots(ask.bot)
            if snapshot is not None and (missed := missing(snapshot.session.pause, wishes.get(bot.name, ())))
        ]
        return Reply(positions(rows, silent, now, ask, notes=drifted))

    def _told_at(self, asking: Asking) -> datetime:
        """Now, as who asks reads it."""
        return self._now().astimezone(self._zone_of(asking))

    def _wishes(self, asking: Asking, bot: str) -> dict[str, Sequence[Wish]]:
        return {one.name: wishes for one in asking.fleet.bots(bot) if (wishes := self._desired(one.name))}

    async def events(self, ask: Events, asking: Asking) -> Reply:
        """What happened last."""
        told = [
            (bot.name, event)
            for bot, snapshot in asking.fleet.snapshots(ask.bot)
            if snapshot is not None
            for event in snapshot.timeline
        ]
        return Reply(events(told, len(asking.fleet.names) > 1, self._told_at(asking), ask))
