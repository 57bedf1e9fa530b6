"""What lies on each venue, and what is locked."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from bot_integration import Snapshot, Stream, Venue
from chatops.asks import ShowBalance, ShowExposure
from chatops.layout import NOTHING, align, fit
from chatops.messages import Block, Button, Message, Paragraph, Table
from chatops.money.facts import ZERO
from chatops.views.exposure import Known, silent, stale_mark
from chatops.views.format import age, headline, is_stale, money, percent, short_money

#: Venues of one bot, and bots, that get lines of their own.
_VENUES, _BOTS = 12, 10


def balance(known: Sequence[Known], now: datetime, asked: ShowBalance) -> Message:
    """A table a bot, the largest first: two bots on one venue may share an account, or have one each."""
    heard = [(name, snapshot) for name, snapshot in known if snapshot is not None]
    buttons = ((Button("Refresh", asked), Button("Exposure", ShowExposure(bot=asked.bot))),)
    blocks: list[Block] = list(silent(known))
    for name, snapshot in heard[:_BOTS]:
        stale = "⚠ STALE: " if is_stale(snapshot.at, now) else ""
        blocks.append(Paragraph(fit(f"{name} · equity {money(snapshot.portfolio.equity)} USD", 120), bold=True))
        blocks.append(_table(snapshot))
        blocks.append(Paragraph(f"{stale}{age(snapshot.at, now)}{_doubtful(snapshot)}"))
    if len(heard) > _BOTS:
        blocks.append(Paragraph(f"And {len(heard) - _BOTS} bots more: name one, as in /balance {heard[_BOTS][0]}."))
    whose = f" of {fit(asked.bot, 40)}" if asked.bot else ""
    every = [venue for _, snapshot in heard for venue in snapshot.venues]
    if not heard:
        return Message("⚠ Nothing heard yet: what there is is not known.", tuple(blocks), buttons)
    if not any(venue.balance is not None for venue in every):
        return Message(headline(f"No venue{whose} tells its balance."), tuple(blocks), buttons)
    locked = _locked(every)
    title = f"Balance{whose}: {money(_balance(every))} USD" + (f", {money(locked)} locked" if locked else "")
    return Message(headline(f"{stale_mark(known, now)}{title}"), tuple(blocks), buttons)


def _table(snapshot: Snapshot) -> Table:
    whole = _all(snapshot.venues)
    told = [one for one in snapshot.venues if one.balance is not None or one.locked_capital is not None]
    largest = sorted(told, key=lambda one: (-_all([one]), one.name))
    cells = [("venue", "balance", "locked", "share")]
    for one in largest[:_VENUES]:
        share = float(_all([one]) / whole * 100) if whole > 0 else None
        cells.append((one.name, _said(one.balance), _said(one.locked_capital), percent(share)))
    if len(largest) > _VENUES:
        rest = largest[_VENUES:]
        cells.append((f"{len(rest)} others", _said(_balance(rest)), _said(_locked(rest)), NOTHING))
    return align(cells, right="123")


def _doubtful(snapshot: Snapshot) -> str:
    """The venues whose figures may be older than the facts that they stand in."""
    lost = [venue.name for venue in snapshot.venues if venue.stream in (Stream.DEGRADED, Stream.DOWN)]
    return f"; ⚠ heard badly: {fit(', '.join(lost), 80)}" if lost else ""


def _said(amount: Decimal | None) -> str:
    return NOTHING if amount is None else short_money(amount)


def _balance(venues: Sequence[Venue]) -> Decimal:
    return sum((one.balance for one in venues if one.balance is not None), ZERO)


def _all(venues: Sequence[Venue]) -> Decimal:
    return _balance(venues) + _locked(venues)


def _locked(venues: Sequence[Venue]) -> Decimal:
    return sum((one.locked_capital for one in venues if one.locked_capital is not None), ZERO)
