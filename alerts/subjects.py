"""What an alert can stand on, by the names that people type (pure)."""

from collections.abc import Iterator

from bot_integration import Leg, Position, PositionStage, Snapshot

#: The bot itself.
BOT = ""


def of_leg(position: Position, leg: Leg) -> str:
    """`SOL-1/bybit`. Two legs of a position on one venue are one subject: the worse of them counts."""
    return f"{position.id}/{leg.venue}"


def of_rule(name: str) -> str:
    """Of a rule that could not be read: `rule/divergence`."""
    return f"rule/{name}"


def held(snapshot: Snapshot) -> Iterator[Position]:
    """The positions that are not closed."""
    return (position for position in snapshot.positions if position.stage is not PositionStage.CLOSED)


def standing(snapshot: Snapshot) -> frozenset[str]:
    """All that is there: the bot, its open positions and what they hold of legs, its venues, its breakers.

    An alert whose subject is not among them and of which nothing was read now is gone. One whose subject is there, and
    of which nothing was read, stays as it is.
    """
    found = {BOT}
    for position in held(snapshot):
        found.add(position.id)
        # What is left of a leg that was closed, or taken by its venue, has nothing more to be told of.
        found.update(of_leg(position, leg) for leg in position.legs if leg.size)
    found.update(venue.name for venue in snapshot.venues)
    found.update(breaker.name for breaker in snapshot.session.breakers)
    return frozenset(found)
