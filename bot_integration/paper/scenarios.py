"""The named scenarios of the made market, as tables of what happens at which hour."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

#: Points of (hours since the market's start, value), joined by straight lines; flat outside.
Curve = tuple[tuple[float, float], ...]

FLAT: Curve = ((0.0, 0.0),)


def value_at(curve: Curve, hours: float) -> float:
    """The value of a curve at this hour."""
    after = bisect_right(curve, hours, key=lambda point: point[0])
    if after == 0:
        return curve[0][1]
    if after == len(curve):
        return curve[-1][1]
    (left, low), (right, high) = curve[after - 1], curve[after]
    return low + (high - low) * (hours - left) / (right - left)


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is done to a market that otherwise only wanders."""

    name: str
    #: A year's standard deviation of the log price.
    volatility: float = 0.35
    jumps_per_day: float = 0.5
    #: Added to the log price of everything.
    price: Curve = FLAT
    #: Added to the log price of perpetuals alone.
    basis: Curve = FLAT
    #: 0 leaves the mean funding rate of every venue as it is, 1 turns it to its opposite.
    flip: Curve = FLAT
    #: Premium of liquid staking tokens over their redemption value, as a fraction.
    peg: Curve = FLAT
    #: The venue that answers nothing between these hours.
    outage_of: str = ""
    outage: tuple[float, float] = (0.0, 0.0)


#: A 3.5 times borrowed leg falls to a health factor of about 0.07 in `crash`, as it did on 2023-08-17.
SCENARIOS: Mapping[str, Scenario] = MappingProxyType(
    {
        scenario.name: scenario
        for scenario in (
            Scenario("calm"),
            Scenario("funding-flip", flip=((0.5, 0.0), (1.5, 1.0))),
            Scenario(
                "crash",
                volatility=0.5,
                jumps_per_day=2,
                price=((0.5, 0.0), (1.0, -0.09), (1.3, -0.12), (1.6, -0.185), (2.2, -0.12), (5.0, -0.08)),
                basis=((1.0, 0.0), (1.6, -0.008), (2.2, -0.001), (5.0, 0.0)),
            ),
            Scenario("depeg", peg=((0.5, 0.0), (1.0, -0.022), (2.0, -0.045), (6.0, -0.008))),
            Scenario("outage", outage_of="okx", outage=(0.5, 1.5)),
        )
    }
)


def named(name: str) -> Scenario:
    """The scenario of this name.

    Raises `ValueError` naming those there are.
    """
    scenario = SCENARIOS.get(name)
    if scenario is None:
        raise ValueError(f"no scenario is called {name!r}; there are {', '.join(SCENARIOS)}")
    return scenario
