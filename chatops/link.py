"""Whether a platform answers, and since when."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Connected:
    """It does, since this moment."""

    since: datetime
    #: What is wrong all the same, and what to do about it.
    note: str = ""


@dataclass(frozen=True, slots=True)
class Away:
    """It does not, since this moment or since before we began."""

    since: datetime
    #: What went wrong last, and what to do about it.
    reason: str


Link = Connected | Away


def connected(link: Link, now: datetime, note: str = "") -> Link:
    """The link after an answer."""
    return Connected(link.since if isinstance(link, Connected) else now, note)


def away(link: Link, now: datetime, reason: str) -> Link:
    """The link after a failure."""
    return Away(link.since if isinstance(link, Away) else now, reason)


def both(sending: Link, hearing: Link) -> Link:
    """The link of two ways: it holds since both do, and is away for what comes in before what goes out."""
    if isinstance(hearing, Away):
        return hearing
    if isinstance(sending, Away):
        return sending
    return Connected(max(hearing.since, sending.since), hearing.note or sending.note)
