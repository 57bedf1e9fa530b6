"""Funding: what the rates are, when it is paid next, what was expected and what came."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from alerts.durations import span
from alerts.subjects import held
from bot_integration import Funding
from chatops.asks import ShowFunding
from chatops.charts.facts import FundingRates
from chatops.charts.series import Reach, Series
from chatops.history.rows import Measured
from chatops.layout import NOTHING, align, fit
from chatops.messages import Block, Button, Message, Paragraph, Table
from chatops.money.facts import ZERO, Gap
from chatops.money.funding import FundingSum
from chatops.money.spans import Span
from chatops.ranges import BUTTONS, RangeName
from chatops.views.exposure import Known, oldest, silent, stale_mark
from chatops.views.format import change, headline, label, percent
from chatops.views.money import marked

#: Markets that get a row, so that all of it goes under a picture; assets that get a button.
_ROWS, _ASSETS = 9, 6


@dataclass(frozen=True, slots=True)
class Market:
    """The funding of one asset on one venue, as all bots say it together."""

    asset: str
    venue: str
    #: Percent a year, not compounded; above 0 longs pay.
    yearly: float
    next_at: datetime | None
    #: Of what the bots hold there. None where none says it.
    expected: Decimal | None
    actual: Decimal | None
    #: When the newest of the bots said so.
    at: datetime
    #: Notional that is held there, USD.
    held: Decimal = ZERO


def markets(known: Sequence[Known], asset: str = "") -> tuple[Market, ...]:
    """Of one asset or of all, those that are held first. A rate is that of the newest facts, what accrued is all."""
    found: dict[tuple[str, str], Market] = {}
    folded = asset.casefold()
    for _, snapshot in known:
        for one in snapshot.funding if snapshot is not None else ():
            if snapshot is None or (folded and one.asset.casefold() != folded):
                continue
            key = (one.asset, one.venue)
            found[key] = _joined(found.get(key), one, snapshot.at)
    for key, notional in _held(known).items():
        if key in found:
            found[key] = replace(found[key], held=notional)
    # A rate matters by what is held of it; else by how far it is from nothing.
    return tuple(sorted(found.values(), key=lambda one: (-one.held, -abs(one.yearly), one.asset, one.venue)))


def assets(known: Sequence[Known]) -> tuple[str, ...]:
    """Those that funding is known of, what is held most first."""
    by_asset: dict[str, Decimal] = {}
    for one in markets(known):
        by_asset[one.asset] = by_asset.get(one.asset, ZERO) + one.held
    return tuple(sorted(by_asset, key=lambda name: (-by_asset[name], name)))


def charted(known: Sequence[Known], asked: str) -> str:
    """Whose rates the picture shows: of the asset that was asked for, as the bots write it, else of the first."""
    every = assets(known)
    if not asked:
        return next(iter(every), "")
    return next((one for one in every if one.casefold() == asked.casefold()), asked)


def told_of(known: Sequence[Known], asset: str) -> list[tuple[str, str]]:
    """Where the rates of an asset are measured: of each venue one bot that tells of it, and the subject."""
    found: dict[str, str] = {}
    for bot, snapshot in known:
        for one in snapshot.funding if snapshot is not None else ():
            if one.asset.casefold() == asset.casefold():
                found.setdefault(f"{one.asset}/{one.venue}", bot)
    return [(bot, subject) for subject, bot in sorted(found.items())]


def drawn(
    asset: str, measured: Iterable[Measured], span_: Span, gaps: Iterable[Gap] = (), live: Sequence[Market] = ()
) -> FundingRates:
    """The picture's facts: of each venue a line. `measured` are rates by "asset/venue", of one bot or of several.

    A line ends in its rate of `live`: the picture and the words beside it agree.
    """
    lines: dict[str, dict[datetime, float]] = {}
    for one in measured:
        of, _, venue = one.subject.partition("/")
        if of.casefold() == asset.casefold():
            lines.setdefault(venue, {})[one.at] = one.last
    for market in live:
        if market.venue in lines:
            lines[market.venue][market.at] = market.yearly
    return FundingRates(
        asset, Reach.of(span_, gaps), tuple(Series.of(venue, line.items()) for venue, line in sorted(lines.items()))
    )


def funding(
    known: Sequence[Known],
    received: Mapping[RangeName, FundingSum] | None,
    asked: ShowFunding,
    *,
    charted: str,
    zone: ZoneInfo,
    now: datetime,
) -> Message:
    """Rates and the next payment, then what came. `received` is by range; None where the database is away.

    `charted` is the asset whose rates the picture shows.
    """
    shown = markets(known, asked.asset)
    blocks: list[Block] = list(silent(known))
    if shown:
        blocks.append(_rates(shown, now))
    elif any(snapshot is not None for _, snapshot in known):
        blocks.append(Paragraph(f"No bot tells of funding{_of(asked.asset)} now."))
    blocks.append(_came(shown, received))
    if received is None:
        blocks.append(
            Paragraph("The database does not answer: what came is stored there. Rates are as the bots say now.")
        )
    due = _next(shown, now)
    blocks.append(Paragraph(f"above 0 longs pay; USD, {zone.key}; {oldest(known, now)}".removesuffix("; ")))
    title = f"Funding{_of(charted if asked.asset else '')}{f' by {fit(asked.bot, 40)}' if asked.bot else ''}"
    if received is not None:
        title += f" {asked.range}: {change(received[asked.range].actual)} USD"
    if due is not None:
        title += f" · next in {span(due - now)}"
    return Message(headline(f"{stale_mark(known, now)}{title}"), tuple(blocks), _buttons(known, asked, charted))


def _joined(before: Market | None, one: Funding, at: datetime) -> Market:
    yearly = FundingRates.yearly(one.rate, one.interval_hours)
    if before is None:
        return Market(one.asset, one.venue, yearly, one.next_at, one.accrued_expected, one.accrued_actual, at)
    newer = at > before.at
    return replace(
        before,
        yearly=yearly if newer else before.yearly,
        next_at=one.next_at if newer else before.next_at,
        expected=_plus(before.expected, one.accrued_expected),
        actual=_plus(before.actual, one.accrued_actual),
        at=max(at, before.at),
    )


def _plus(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return other if one is None else one if other is None else one + other


def _held(known: Sequence[Known]) -> dict[tuple[str, str], Decimal]:
    found: dict[tuple[str, str], Decimal] = {}
    for _, snapshot in known:
        for position in held(snapshot) if snapshot is not None else ():
            for leg in position.legs:
                key = (position.asset, leg.venue)
                found[key] = found.get(key, ZERO) + abs(leg.notional)
    return found


def _next(shown: Sequence[Market], now: datetime) -> datetime | None:
    """When something is paid next: of what is held, where anything is."""
    is_held = any(one.held for one in shown)
    coming = [
        one.next_at for one in shown if one.next_at is not None and one.next_at > now and bool(one.held) is is_held
    ]
    return min(coming, default=None)


def _rates(shown: Sequence[Market], now: datetime) -> Table:
    cells = [("", "a year", "next in")]
    for one in shown[:_ROWS]:
        due = span(one.next_at - now) if one.next_at is not None and one.next_at > now else NOTHING
        cells.append((f"{'●' if one.held else ' '} {one.asset} {one.venue}", percent(one.yearly, signed=True), due))
    if len(shown) > _ROWS:
        cells.append((f"  and {len(shown) - _ROWS} more", "", ""))
    return align(cells, right="12")


def _came(shown: Sequence[Market], received: Mapping[RangeName, FundingSum] | None) -> Table:
    expected = [one.expected for one in shown if one.expected is not None]
    actual = [one.actual for one in shown if one.actual is not None]
    rows: list[tuple[str, Decimal | None, Decimal | None, Decimal | None]] = [
        (name, one.expected, one.of_expected, one.actual) for name, one in (received or {}).items()
    ]
    with_more = any(of_it is not None and of_it != whole for _, _, of_it, whole in rows)
    if expected or actual:
        # It is of the markets' payments alone, and how far back it goes each bot knows for itself.
        came = sum(actual, ZERO) if actual else None
        rows.insert(0, ("bots say", sum(expected, ZERO) if expected else None, came, None if with_more else came))
    if not with_more:
        told = [(name, change(due), change(whole)) for name, due, _, whole in rows]
        return align([("received", "expected", "came"), *told], right="12")
    # What nobody predicted, as interest, has nothing to stand beside.
    every = [(name, change(due), change(of_it), change(whole)) for name, due, of_it, whole in rows]
    return align([("received", "expected", "of that", "in all"), *every], right="123")


def _of(asset: str) -> str:
    return f" of {fit(asset, 16)}" if asset else ""


def _buttons(known: Sequence[Known], asked: ShowFunding, charted: str) -> tuple[tuple[Button, ...], ...]:
    offered = BUTTONS if asked.range in BUTTONS else (*BUTTONS, asked.range)
    ranges = tuple(
        Button(marked(name, name == asked.range), asked.model_copy(update={"range": name})) for name in offered
    )
    named = assets(known)[:_ASSETS]
    each = [
        Button(
            marked(label(name)[:30], name.casefold() == charted.casefold()), asked.model_copy(update={"asset": name})
        )
        for name in named
    ]
    last = (
        *((Button("All", asked.model_copy(update={"asset": ""})),) if asked.asset else ()),
        Button("Refresh", asked),
    )
    return (ranges, *(tuple(each[at : at + 3]) for at in range(0, len(each), 3)), last)
