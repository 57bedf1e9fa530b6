"""Answers to what there is: trades, funding, exposure, balance, health."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from alerts.terms import Terms
from bot_integration import Outcome
from chatops.alert_record import Rang
from chatops.asks import ShowBalance, ShowExposure, ShowFunding, ShowHealth, Trades
from chatops.charts.facts import Facts, FundingRates
from chatops.charts.studio import Studio
from chatops.commands.past import past
from chatops.commands.pictures import Pictures
from chatops.commands.registry import Asking, Registry, Reply
from chatops.habits import Habit, Habits
from chatops.history.figures import Figures
from chatops.history.rows import Measured, Metric
from chatops.messages import Message
from chatops.money.funding import FundingSum
from chatops.money.parts import cents
from chatops.money.performance import performance
from chatops.money.spans import Span
from chatops.ranges import RangeName, span_of
from chatops.views import balance, choices, exposure, funding, ladder, money_live, trades
from chatops.views.exposure import Known
from chatops.views.format import percent, ratio
from chatops.views.ladder import Rung
from chatops.views.leg_danger import Measures, danger

#: Over which what came is always told.
_RECEIVED: tuple[RangeName, ...] = ("24h", "7d", "30d")
NO_CHART = "The database does not answer: no chart."
NOT_YET = "No chart yet: nothing of it is on record in this time."


class Ringing(Protocol):
    """What is known of alerts about a position."""

    async def rang(self, bot: str, position: str, span: Span) -> tuple[Rang, ...]:
        """When they fired or got worse, oldest first. Raises `DatabaseAway`."""
        ...


class AccountCommands:
    """Says what the bots say now, and beside it what is on record: without that, it says so."""

    def __init__(
        self,
        figures: Figures,
        studio: Studio,
        habits: Habits,
        now: Callable[[], datetime],
        *,
        alerts: Ringing,
        terms: Callable[[], Mapping[str, Terms]],
    ) -> None:
        """`terms` is what each rule is held to now."""
        self._figures = figures
        self._pictures = Pictures(studio)
        self._habits = habits
        self._now = now
        self._alerts = alerts
        self._terms = terms

    def register(self, registry: Registry) -> None:
        """Answer these words."""
        registry.on(Trades, self.trades)
        registry.on(ShowFunding, self.funding)
        registry.on(ShowExposure, self.exposure)
        registry.on(ShowBalance, self.balance)
        registry.on(ShowHealth, self.health)

    async def trades(self, ask: Trades, asking: Asking) -> Reply:
        """What was closed last."""
        if (refused := _no_such(ask.bot, asking)) is not None:
            return refused
        made = await past(ask.word, self._figures.history.trades(_names(ask.bot, asking), most=ask.count))
        if made is None:
            return Reply(money_live.away(_known(ask.bot, asking), self._now(), ask))
        span = Span(made[-1].closed_at, made[0].closed_at + datetime.resolution) if made else None
        judged = performance(made, span or Span(self._now(), self._now()))
        several, zone = len(asking.fleet.names) > 1, self._habit(asking).zone
        return Reply(trades.trades(made, judged, ask, several=several, zone=zone, now=self._now()))

    async def balance(self, ask: ShowBalance, asking: Asking) -> Reply:
        """What lies where."""
        if (refused := _no_such(ask.bot, asking)) is not None:
            return refused
        return Reply(balance.balance(_known(ask.bot, asking), self._now(), ask))

    async def exposure(self, ask: ShowExposure, asking: Asking) -> Reply:
        """What is held where."""
        if (refused := _no_such(ask.bot, asking)) is not None:
            return refused
        known = _known(ask.bot, asking)
        found = exposure.exposures(known)
        message = exposure.exposure(known, found, self._now(), ask)
        if not found.venues:
            return Reply(message)
        shown = (_names(ask.bot, asking), cents(found.whole.net), cents(found.whole.gross))
        return Reply(await self._under(message, "exposure", shown, exposure.drawn(known, found, ask), asking))

    # ------------------------------------------------------------------------ funding

    async def funding(self, ask: ShowFunding, asking: Asking) -> Reply:
        """Rates, and what came."""
        if (refused := _no_such(ask.bot, asking)) is not None:
            return refused
        self._pictures.expect()
        known, habit, now = _known(ask.bot, asking), self._habit(asking), self._now()
        charted = funding.charted(known, ask.asset)
        read = await past(ask.word, self._funding(ask, known, charted, now, habit))
        received, facts = read or (None, None)
        message = funding.funding(known, received, ask, charted=charted, zone=habit.zone, now=now)
        if facts is None or not facts.rates:
            return Reply(message)
        rates = ((one.venue, percent(one.yearly)) for one in funding.markets(known, charted))
        shown = (_names(ask.bot, asking), charted, ask.range, *rates)
        return Reply(await self._under(message, "funding", shown, facts, asking))

    async def _funding(
        self, ask: ShowFunding, known: Sequence[Known], charted: str, now: datetime, habit: Habit
    ) -> tuple[dict[RangeName, FundingSum], FundingRates]:
        bots = [name for name, _ in known]
        ranges = {name: span_of(name, now, habit.zone) for name in dict.fromkeys((*_RECEIVED, ask.range))}
        span = ranges[ask.range]
        whole = Span(min(one.start for one in ranges.values()), span.end)
        books = await self._figures.sparse(bots, whole)
        received = {
            name: await self._figures.funding(bots, one, ask.asset, books=books) for name, one in ranges.items()
        }
        measured: list[Measured] = []
        for bot, subject in funding.told_of(known, charted):
            measured += await self._figures.history.measured(bot, Metric.FUNDING_RATE, span, subject=subject)
        return received, funding.drawn(charted, measured, span, books.gaps, funding.markets(known, charted))

    # ------------------------------------------------------------------------ health

    async def health(self, ask: ShowHealth, asking: Asking) -> Reply:
        """The ladder."""
        if (refused := _no_such(ask.bot, asking)) is not None:
            return refused
        self._pictures.expect()
        known, now, terms = _known(ask.bot, asking), self._now(), self._terms()
        rungs = ladder.ladder(known, terms)
        _, _, shown = ladder.on_page(rungs, ask.page)
        charted = _charted(ask, rungs, shown)
        if ask.position and charted is None and rungs:
            return Reply(ladder.no_such(ask, rungs), Outcome.REFUSED)
        if charted is None:
            return Reply(ladder.health(rungs, known, ask, charted=None, now=now))
        span = span_of(ask.range, now, self._habit(asking).zone)
        read = await past(ask.word, self._measures(charted, span))
        if read is None:
            return Reply(ladder.health(rungs, known, ask, charted=charted, now=now, note=NO_CHART))
        position, at = charted.near.position, next((one.at for name, one in known if one and name == charted.bot), now)
        facts = danger(position, at, read, terms, span)
        if not (facts.health_factors or facts.margin_fractions):
            return Reply(ladder.health(rungs, known, ask, charted=charted, now=now, note=NOT_YET))
        message = ladder.health(rungs, known, ask, charted=charted, now=now)
        figures = ((ratio(leg.health_factor), ratio(leg.margin_fraction)) for leg in position.legs)
        key = (charted.bot, charted.position, position.opened_at, ask.range, len(read.rang), *figures)
        return Reply(await self._under(message, "health", key, facts, asking))

    async def _measures(self, of: Rung, span: Span) -> Measures:
        position = of.near.position
        history = self._figures.history
        legs = {}
        for leg in position.legs:
            subject = f"{position.id}/{leg.venue}/{leg.instrument}"
            for metric in (Metric.HEALTH_FACTOR, Metric.MARGIN_FRACTION):
                legs[metric, leg.venue, leg.instrument] = await history.measured(of.bot, metric, span, subject=subject)
        return Measures(legs, await self._alerts.rang(of.bot, position.id, span))

    # ------------------------------------------------------------------------ inside

    def _habit(self, asking: Asking) -> Habit:
        return self._habits.of(asking.person.name, asking.room)

    async def _under(
        self, message: Message, name: str, shown: tuple[object, ...], facts: Facts, asking: Asking
    ) -> Message:
        return await self._pictures.under(message, name, shown, facts, self._habit(asking))


def _charted(ask: ShowHealth, rungs: Sequence[Rung], shown: Sequence[Rung]) -> Rung | None:
    """The worst leg of the position that was asked for, else of the page."""
    if not ask.position:
        return next(iter(shown), None)
    folded = ask.position.casefold()
    named = [one for one in rungs if one.position.casefold() == folded and (not ask.of or one.bot == ask.of)]
    of_asset = [one for one in rungs if one.near.position.asset.casefold() == folded]
    return next(iter(named or of_asset), None)


def _names(bot: str, asking: Asking) -> tuple[str, ...]:
    return tuple(one.name for one in asking.fleet.bots(bot))


def _known(bot: str, asking: Asking) -> list[Known]:
    return [(one.name, snapshot) for one, snapshot in asking.fleet.snapshots(bot)]


def _no_such(bot: str, asking: Asking) -> Reply | None:
    if bot and not asking.fleet.bots(bot):
        return Reply(choices.no_such_bot(bot, asking.fleet.names), Outcome.REFUSED)
    return None
