"""Rules of the data itself: silence, prices that stand still, and what cannot be computed."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from alerts.durations import span
from alerts.model import Figure, Key, Reading
from alerts.rulebook import STALE_DATA, Facts, rule
from alerts.rules.words import named
from alerts.subjects import held
from alerts.terms import DEFAULTS, YES_NO
from bot_integration import Leg, Venue

#: Where a venue's `extra` says when its newest price is from (RFC 3339, by the bot's clock).
QUOTES_AT = "quotes_at"
_NOW = timedelta()


@rule(DEFAULTS[STALE_DATA])
def stale_data(facts: Facts) -> Iterator[Reading]:
    """What came, and how far it can be relied on.

    The age of a snapshot counts from when it came, so it is 0 unless an old one is read again while none comes; by
    whoever's clock it was made. Facts have no moment of a price: a venue may say one in `extra["quotes_at"]`, and where
    it says none nothing is claimed; marks that do not move prove nothing.
    Of a leg with leverage a health factor or margin fraction is expected, and of one with a liquidation price a mark.
    """
    snapshot = facts.snapshot
    yield silent(snapshot.bot, facts.came_at or facts.now, facts.now)
    for venue in snapshot.venues:
        if QUOTES_AT in venue.extra:
            yield _price_age(snapshot.bot, venue, snapshot.at)
    for position in held(snapshot):
        unknown = [f"the {what} of {named(leg)}" for leg in position.legs if (what := _missing(leg))]
        if not facts.matter(position.id, YES_NO, bool(unknown)):
            continue
        yield Reading(
            Key(STALE_DATA, snapshot.bot, position.id),
            float(bool(unknown)),
            YES_NO,
            position=position.id,
            says=f"{' and '.join(unknown)} cannot be computed"
            if unknown
            else f"the figures of {position.id} are there",
        )


def silent(bot: str, last_at: datetime, now: datetime) -> Reading:
    """For how long nothing has come of a bot, by time alone; `last_at` is when the last snapshot came here."""
    age = max(now - last_at, _NOW)
    says = f"no snapshot of {bot} for {span(age)}" if age else f"snapshots of {bot} come"
    return Reading(
        Key(STALE_DATA, bot),
        age.total_seconds(),
        "snapshot_age",
        says=says,
        figures=(Figure("last snapshot", f"{span(age)} ago"),),
    )


RULES = (stale_data,)


def _price_age(bot: str, venue: Venue, now: datetime) -> Reading:
    key = Key(STALE_DATA, bot, venue.name)
    try:
        at = datetime.fromisoformat(venue.extra[QUOTES_AT])
        age = max(now - at, _NOW)
    # What a bot's author put there is no moment, or has no zone.
    except (TypeError, ValueError, OverflowError):
        return Reading(key, 1.0, YES_NO, says=f"how old the prices of {venue.name} are cannot be read")
    return Reading(key, age.total_seconds(), "price_age", says=f"the newest price of {venue.name} is {span(age)} old")


def _missing(leg: Leg) -> str:
    """What cannot be computed of a leg that can be liquidated; empty where nothing is missing."""
    if not leg.size:
        return ""
    if leg.health_factor is None and leg.margin_fraction is None:
        levered = leg.leverage is not None and leg.leverage > 1
        if levered or leg.liquidation_price is not None:
            return "health factor"
    return "distance to liquidation" if leg.liquidation_price is not None and not leg.mark_price else ""
