"""A made market: seeded, correlated across venues, with mean-reverting basis and funding, and jumps."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

from bot_integration.paper.market import (
    FUNDING_INTERVAL,
    REDEEMS_INTO,
    Contract,
    Instrument,
    Payment,
    Quote,
    Step,
    Terms,
    next_funding,
)
from bot_integration.paper.scenarios import Scenario, named, value_at

#: Half an hour before a moment of funding, so that a short look sees one.
START = datetime(2024, 1, 1, 7, 30, tzinfo=UTC)

#: First prices in USD.
PRICES = {"BTC": 42_000.0, "ETH": 2_300.0, "SOL": 100.0}
#: Mean funding an interval, set apart so that there is a spread to take.
MEAN_FUNDING = {"bybit": 0.00004, "okx": 0.00024, "binance": 0.00012}
ASSET_FUNDING = {"BTC": 1.0, "ETH": 1.15, "SOL": 1.4}
#: The venue that lists the liquid staking tokens.
STAKING_VENUE = "bybit"

GRID = timedelta(minutes=1)
_YEAR_MINUTES = 365 * 24 * 60
_RATE_PLACES = Decimal("1e-8")


@dataclass(slots=True)
class Wanderer:
    """A mean-reverting number (Ornstein-Uhlenbeck, exact on the grid)."""

    mean: float
    deviation: float
    half_life_min: float
    value: float

    def walk(self, random: Random, mean: float) -> None:
        """One minute on, towards this mean."""
        kept = 0.5 ** (1 / self.half_life_min)
        noise = self.deviation * math.sqrt(1 - kept * kept) * random.gauss(0, 1)
        self.value = mean + (self.value - mean) * kept + noise


class MadeMarket:
    """A market that needs no file. The same seed and scenario make the same market, however it is walked."""

    def __init__(
        self,
        *,
        seed: int = 7,
        scenario: str | Scenario = "calm",
        start: datetime = START,
        venues: tuple[str, ...] = ("bybit", "okx", "binance"),
        assets: tuple[str, ...] = ("BTC", "ETH", "SOL"),
    ) -> None:
        """`venues` and `assets` are taken from `MEAN_FUNDING` and `PRICES`, where their means stand."""
        self._random = Random(seed)
        self._scenario = named(scenario) if isinstance(scenario, str) else scenario
        self._start = start
        self._venues = venues
        self._assets = assets
        self._tokens = tuple(
            (token, into) for token, into in REDEEMS_INTO.items() if into in assets and STAKING_VENUE in venues
        )
        self._log_price = {asset: math.log(PRICES[asset]) for asset in assets}
        self._offset = {(venue, asset): self._wander(0.0, 0.0001, 30) for venue in venues for asset in assets}
        self._basis = {(venue, asset): self._wander(0.0002, 0.0003, 60) for venue in venues for asset in assets}
        self._funding = {
            (venue, asset): self._wander(MEAN_FUNDING[venue] * ASSET_FUNDING[asset], 0.00001, 480)
            for venue in venues
            for asset in assets
        }
        self._peg = {token: self._wander(-0.0005, 0.0004, 120) for token, _ in self._tokens}
        #: The grid point that was made last, and the prices there and one before.
        self._made = start
        self._here = self._prices(start)
        self._before = self._here
        self._step = self._look(start, (), None)

    @property
    def step(self) -> Step:
        """Where the market stands."""
        return self._step

    def advance(self, to: datetime) -> Iterator[Step]:
        """Walk to a moment, stopping at every moment of funding on the way."""
        while (due := next_funding(self._step.at)) <= to:
            self._make_until(due)
            payments = tuple(
                Payment(venue, asset, terms.rate, terms.predicted)
                for (venue, asset), terms in self._terms(due - FUNDING_INTERVAL).items()
            )
            self._step = self._look(due, payments, self._step)
            yield self._step
        if to > self._step.at:
            self._make_until(to)
            self._step = self._look(to, (), self._step)
            yield self._step

    # ------------------------------------------------------------------------ making

    def _wander(self, mean: float, deviation: float, half_life_min: float) -> Wanderer:
        return Wanderer(mean, deviation, half_life_min, mean + deviation * self._random.gauss(0, 0.5))

    def _make_until(self, moment: datetime) -> None:
        while self._made < moment:
            self._made += GRID
            self._wander_on()
            self._before, self._here = self._here, self._prices(self._made)

    def _wander_on(self) -> None:
        random, scenario = self._random, self._scenario
        hours = self._hours(self._made)
        minute = scenario.volatility / math.sqrt(_YEAR_MINUTES)
        shared = random.gauss(0, minute)
        for asset in self._assets:
            self._log_price[asset] += 0.85 * shared + random.gauss(0, 0.5 * minute)
        if random.random() < scenario.jumps_per_day / 1440:
            jump = random.gauss(0, 0.006)
            for asset in self._assets:
                self._log_price[asset] += jump
        turn = 1 - 2 * value_at(scenario.flip, hours)
        for wanderer in (*self._offset.values(), *self._basis.values(), *self._peg.values()):
            wanderer.walk(random, wanderer.mean)
        for funding in self._funding.values():
            # A flip that took its half-life would come hours after the scenario said so.
            funding.half_life_min = 480 if turn == 1 else 20
            funding.walk(random, funding.mean * turn)

    def _prices(self, moment: datetime) -> dict[Instrument, tuple[float, float | None]]:
        """Mark price and redemption value of everything at a grid point."""
        hours = self._hours(moment)
        moved, basis = value_at(self._scenario.price, hours), value_at(self._scenario.basis, hours)
        prices: dict[Instrument, tuple[float, float | None]] = {}
        for venue in self._venues:
            for asset in self._assets:
                spot = math.exp(self._log_price[asset] + moved) * (1 + self._offset[venue, asset].value)
                perpetual = spot * (1 + self._basis[venue, asset].value + basis)
                prices[Instrument(venue, asset, Contract.SPOT)] = (spot, None)
                prices[Instrument(venue, asset, Contract.PERPETUAL)] = (perpetual, None)
        for token, into in self._tokens:
            redeemed, _ = prices[Instrument(STAKING_VENUE, into, Contract.SPOT)]
            premium = self._peg[token].value + value_at(self._scenario.peg, hours)
            prices[Instrument(STAKING_VENUE, token, Contract.SPOT)] = (redeemed * (1 + premium), redeemed)
        return prices

    # ----------------------------------------------------------------------- looking

    def _look(self, at: datetime, payments: tuple[Payment, ...], last: Step | None) -> Step:
        ahead = (self._made - at) / GRID
        down = self._down(at)
        quotes = {}
        for instrument, (mark, redemption) in self._here.items():
            if last is not None and instrument.venue in down:
                quotes[instrument] = last.quotes[instrument]
                continue
            before, redeemed_before = self._before[instrument]
            quotes[instrument] = Quote(
                _price(mark + (before - mark) * ahead),
                at,
                None
                if redemption is None or redeemed_before is None
                else _price(redemption + (redeemed_before - redemption) * ahead),
            )
        return Step(at, quotes, self._terms(at), payments, down)

    def _terms(self, at: datetime) -> dict[tuple[str, str], Terms]:
        due = next_funding(at)
        terms = {}
        for key, wanderer in self._funding.items():
            rate = Decimal(wanderer.value).quantize(_RATE_PLACES)
            terms[key] = Terms(rate, rate, due)
        return terms

    def _down(self, at: datetime) -> frozenset[str]:
        begins, ends = self._scenario.outage
        return frozenset({self._scenario.outage_of}) if begins <= self._hours(at) < ends else frozenset()

    def _hours(self, at: datetime) -> float:
        return (at - self._start).total_seconds() / 3600


def _price(value: float) -> Decimal:
    return Decimal(f"{value:.4f}")
