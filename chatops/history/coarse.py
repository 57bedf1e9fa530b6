"""Samples as far apart as a span is long, whatever else was read with them."""

from datetime import UTC, datetime, timedelta

from chatops.money.books import Books
from chatops.money.facts import Sample
from chatops.money.spans import Span

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def coarse(books: Books, span: Span, step: timedelta) -> Books:
    """The books with the last sample of each step in the span, the first of a bot that came in it, and those before.

    So does `Reading.books` give them.

    What was read for bars has the last sample of each day of a zone besides: what is figured from a curve (how deep a
    drawdown was) is to be the same whether bars stand beside it or not.
    """
    if books.step == step:
        return books
    kept: list[Sample] = []
    first: dict[str, Sample] = {}
    newest: dict[tuple[str, int], Sample] = {}
    for one in books.samples:
        if one.at < span.start:
            kept.append(one)
        elif one.at < span.end:
            if one.bot not in first or one.at < first[one.bot].at:
                first[one.bot] = one
            key = one.bot, (one.at - _EPOCH) // step
            if key not in newest or newest[key].at < one.at:
                newest[key] = one
    known = {one.bot for one in kept}
    came = [one for bot, one in first.items() if bot not in known and newest[bot, (one.at - _EPOCH) // step] is not one]
    return Books(books.bookings, books.payments, books.trades, (*kept, *came, *newest.values()), books.gaps)
