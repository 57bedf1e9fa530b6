"""Answers to what happened around an alert: incident."""

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from alerts.model import Alert
from alerts.terms import Terms
from bot_integration import Outcome
from chatops.alert_record import History
from chatops.asks import SUBJECTS, Incident
from chatops.charts.errors import NoPicture
from chatops.charts.studio import Studio
from chatops.charts.style import Style, Theme
from chatops.commands.alerts import may_see, seen
from chatops.commands.registry import Asking, Registry, Reply
from chatops.guard.lookup import AskOnRecord
from chatops.habits import Habits
from chatops.history.port import Reading
from chatops.history.rows import Kept
from chatops.history.walking import walked
from chatops.incident import Incident as Found
from chatops.incident import position_of, span_around, told_of
from chatops.messages import Message
from chatops.money.spans import Span
from chatops.people import Principal
from chatops.views import alert_list
from chatops.views.incident import drawn, incident, which

log = logging.getLogger(__name__)

#: Of what stood for days: the first snapshots (those of a working day) and acts, since most was done then, and the
#: last events.
_SNAPSHOTS, _EVENTS, _ASKS = 1_000, 500, 200
#: What people do about alerts moves no bot, but is part of the story.
_WORDS = tuple(kind.word for kind in SUBJECTS["alerting"] if kind.changes)


class Standing(Protocol):
    """What is known of alerts."""

    def open(self, bot: str = "") -> Sequence[Alert]:
        """Those that stand."""
        ...

    async def history(self, number: int) -> History | None:
        """One with all that happened to it. Raises `DatabaseAway`."""
        ...


class Acted(Protocol):
    """What people did. Raises `DatabaseAway`."""

    async def acted(self, span: Span, bot: str, words: Collection[str], *, limit: int) -> Sequence[AskOnRecord]:
        """In a span, oldest first: to this bot or to several, or by one of these words."""
        ...


class IncidentCommands:
    """Puts together what stands on record of one alert, for those who may see its bot."""

    def __init__(
        self,
        alerting: Standing,
        history: Reading,
        record: Acted,
        studio: Studio,
        *,
        terms: Callable[[], Mapping[str, Terms]],
        now: Callable[[], datetime],
        habits: Habits,
    ) -> None:
        self._alerting = alerting
        self._history = history
        self._record = record
        self._studio = studio
        self._terms = terms
        self._now = now
        self._habits = habits

    def register(self, registry: Registry) -> None:
        """Answer this word."""
        registry.on(Incident, self.incident)

    async def incident(self, ask: Incident, asking: Asking) -> Reply:
        """One alert with all around it; without a number those that stand, to choose from."""
        if not ask.alert:
            return Reply(which(seen(self._alerting.open(), asking.person)), outcome=None)
        history = await self._alerting.history(ask.alert)
        if history is None or not may_see(asking.person, history.alert):
            return Reply(alert_list.no_such_alert(ask.alert), Outcome.REFUSED)
        return Reply(await self._shown(await self._found(history, asking.person), asking))

    async def _found(self, history: History, person: Principal) -> Found:
        alert = history.alert
        span = span_around(alert.began_at, alert.resolved_at, self._now())
        bot = alert.key.bot
        # What the desk says of itself is of no bot.
        kept = await self._kept(alert, span) if bot else ()
        happened = await self._history.happened([bot], span, most=_EVENTS) if bot else ()
        asks = await self._record.acted(span, bot, _WORDS, limit=_ASKS)
        # What is of no bot may be about one that they may not see, too.
        theirs = tuple(one for one in asks if person.bots is None or (one.bot and person.may_see(one.bot)))
        return Found(history, span, kept, happened, theirs)

    async def _kept(self, alert: Alert, span: Span) -> tuple[Kept, ...]:
        found: list[Kept] = []
        async for one in walked(self._history, None, span, bot=alert.key.bot):
            found.append(told_of(one, position_of(alert)))
            if len(found) >= _SNAPSHOTS:
                break
        return tuple(found)

    async def _shown(self, found: Found, asking: Asking) -> Message:
        zone = self._habits.of(asking.person.name, asking.room).zone
        now, alert = self._now(), found.history.alert
        # Thousands of snapshots are gone through.
        facts = await asyncio.to_thread(drawn, found, self._terms())
        if facts is None:
            return await asyncio.to_thread(incident, found, now, zone)
        # In a file that is printed and passed on: light, and in the zone of its tables.
        question = ("incident", alert.number, len(found.kept), alert.version)
        try:
            picture = await self._studio.picture(question, facts, Style(Theme.LIGHT, zone))
        except NoPicture as error:
            log.info("incident %s goes without its chart: %s", alert.number, error)
            no_chart = "Without its chart, which was not drawn in time; ask again."
            return await asyncio.to_thread(incident, found, now, zone, no_chart=no_chart)
        return await asyncio.to_thread(incident, found, now, zone, picture.png)
