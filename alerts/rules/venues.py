"""Rules of venues: whether the bot hears them."""

from collections.abc import Iterator

from alerts.model import Key, Reading
from alerts.rulebook import Facts, rule
from alerts.terms import DEFAULTS
from bot_integration import Stream

#: Polling is slower and is no fault: how old its prices are is `stale_data`'s to say.
_BADNESS = {Stream.CONNECTED: 0.0, Stream.POLL_ONLY: 0.0, Stream.DEGRADED: 1.0, Stream.DOWN: 2.0}
_SAYS = {
    Stream.CONNECTED: "the stream is connected",
    Stream.POLL_ONLY: "it is polled",
    Stream.DEGRADED: "the stream is degraded",
    Stream.DOWN: "the stream is down",
}


@rule(DEFAULTS["venue_down"])
def venue_down(facts: Facts) -> Iterator[Reading]:
    """How each venue's data reaches the bot; of a chain, down is that it cannot be reached."""
    for venue in facts.snapshot.venues:
        trouble = _BADNESS[venue.stream]
        state = "the chain cannot be reached" if trouble > 1 and venue.height is not None else _SAYS[venue.stream]
        why = f": {venue.last_error.rstrip('.')}" if trouble and venue.last_error else ""
        yield Reading(
            Key("venue_down", facts.snapshot.bot, venue.name), trouble, "stream", says=f"{venue.name}: {state}{why}"
        )


RULES = (venue_down,)
