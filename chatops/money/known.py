"""Since when and until when bots are known, so that a figure of less than its span says so."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from chatops.money.books import Books
from chatops.money.facts import Origin, Transfer
from chatops.money.spans import Span


@dataclass(frozen=True, slots=True)
class Known:
    """Of a span, by the bots' names."""

    #: When those began that were not known before the span.
    since: Mapping[str, datetime]
    #: The last sample of each that has any.
    until: Mapping[str, datetime]
    #: Those of which nothing is recorded.
    unknown: tuple[str, ...] = ()


def known(books: Books, span: Span, bots: Collection[str], transfers: Iterable[Transfer] = ()) -> Known:
    """What is known of these bots in a span and before it.

    Samples stand apart as the span is long: `transfers` tell exactly when a bot came, what it begins with is its first.
    """
    standings = books.standings
    before, after = standings.before(span.start), standings.before(span.end)
    first: dict[str, datetime] = {}
    seen = [(one.bot, one.at) for one in books.samples]
    seen += [(one.bot, one.at) for one in transfers]
    for bot, at in seen:
        if bot in after and bot not in before:
            first[bot] = min(at, first.get(bot, at))
    told = {one.bot for one in _origins(books)}
    return Known(
        dict(sorted(first.items())),
        {bot: one.at for bot, one in sorted(after.items())},
        tuple(sorted(set(bots) - after.keys() - told)),
    )


def begins(books: Books, transfers: Iterable[Transfer] = ()) -> datetime | None:
    """The first moment of which anything is known. None where nothing is."""
    moments = [one.at for one in transfers]
    moments += [one.at for one in books.samples]
    moments += [one.at for one in books.bookings]
    moments += [one.at for one in books.payments]
    moments += [one.closed_at for one in books.trades]
    return min(moments, default=None)


def _origins(books: Books) -> Iterator[Origin]:
    yield from (one.of for one in books.bookings)
    yield from (one.of for one in books.payments)
    yield from (one.of for one in books.trades)
