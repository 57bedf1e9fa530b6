"""What is held where: long, short and net, by venue and by asset."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from alerts.subjects import held
from bot_integration import Side, Snapshot
from chatops.asks import ShowBalance, ShowExposure
from chatops.charts import facts
from chatops.charts.series import number
from chatops.layout import NOTHING, align, fit
from chatops.messages import Block, Button, Message, Paragraph, Table
from chatops.money.facts import ZERO
from chatops.views.format import age, change, headline, is_stale, money, percent, short_change, short_money
from chatops.views.money import names

#: Rows of a table, so that all of it goes under a picture.
_ROWS = 6

#: A bot's name, and its last facts where it has said anything yet.
Known = tuple[str, Snapshot | None]


@dataclass(frozen=True, slots=True)
class Exposed:
    """Long and short of one venue or one asset; USD, neither is negative."""

    long: Decimal = ZERO
    short: Decimal = ZERO

    @property
    def gross(self) -> Decimal:
        """Both."""
        return self.long + self.short

    @property
    def net(self) -> Decimal:
        """Long less short: the delta, where a leg counts for what it is worth."""
        return self.long - self.short

    @property
    def ratio_pct(self) -> float | None:
        """Net of gross, in %. None where nothing is held."""
        return float(abs(self.net) / self.gross * 100) if self.gross else None

    def __add__(self, other: "Exposed") -> "Exposed":
        return Exposed(self.long + other.long, self.short + other.short)


@dataclass(frozen=True, slots=True)
class Exposures:
    """All that some bots hold, told apart twice; the largest first."""

    venues: Mapping[str, Exposed]
    assets: Mapping[str, Exposed]

    @property
    def whole(self) -> Exposed:
        """All of it."""
        return sum(self.venues.values(), Exposed())


def exposures(known: Sequence[Known]) -> Exposures:
    """By the legs of what is held."""
    venues: dict[str, Exposed] = {}
    assets: dict[str, Exposed] = {}
    for _, snapshot in known:
        for position in held(snapshot) if snapshot is not None else ():
            for leg in position.legs:
                worth = abs(leg.notional)
                one = Exposed(long=worth) if leg.side is Side.LONG else Exposed(short=worth)
                venues[leg.venue] = venues.get(leg.venue, Exposed()) + one
                assets[position.asset] = assets.get(position.asset, Exposed()) + one
    return Exposures(_largest(venues), _largest(assets))


def drawn(known: Sequence[Known], found: Exposures, asked: ShowExposure) -> facts.Exposure:
    """What the picture is drawn from."""
    balances: dict[str, Decimal] = {}
    for _, snapshot in known:
        for venue in snapshot.venues if snapshot is not None else ():
            if venue.balance is not None:
                balances[venue.name] = balances.get(venue.name, ZERO) + venue.balance
    heard = [snapshot.at for _, snapshot in known if snapshot is not None]
    return facts.Exposure(
        asked.bot,
        min(heard).timestamp() if heard else 0.0,
        tuple(
            facts.Held(name, number(one.long), number(one.short), number(balances.get(name)))
            for name, one in found.venues.items()
        ),
    )


def exposure(known: Sequence[Known], found: Exposures, now: datetime, asked: ShowExposure) -> Message:
    """What is net first, then each venue and each asset."""
    buttons = ((Button("Refresh", asked), Button("Balance", ShowBalance(bot=asked.bot))),)
    blocks: list[Block] = list(silent(known))
    whose = f" of {fit(asked.bot, 40)}" if asked.bot else ""
    if not found.venues:
        if any(snapshot is not None for _, snapshot in known):
            return Message(headline(f"Nothing is held{whose}."), tuple(blocks), buttons)
        return Message("⚠ Nothing heard yet: what is held is not known.", tuple(blocks), buttons)
    whole = found.whole
    blocks.append(_table("venue", found.venues))
    blocks.append(_deltas(found.assets))
    blocks.append(Paragraph(f"Delta is {percent(whole.ratio_pct)} of gross; USD of notional. {oldest(known, now)}"))
    title = f"Exposure{whose}: net {change(whole.net)} USD, gross {money(whole.gross)}"
    return Message(headline(f"{stale_mark(known, now)}{title}"), tuple(blocks), buttons)


def silent(known: Sequence[Known]) -> list[Paragraph]:
    """A word about bots that have said nothing yet."""
    missing = [name for name, snapshot in known if snapshot is None]
    return [Paragraph(f"⚠ Nothing heard yet of {names(missing)}: not in it.")] if missing else []


def oldest(known: Sequence[Known], now: datetime) -> str:
    """How old the oldest of the facts are: `2 s old`."""
    heard = [snapshot.at for _, snapshot in known if snapshot is not None]
    return age(min(heard), now) if heard else ""


def stale_mark(known: Sequence[Known], now: datetime) -> str:
    """What a title begins with where some facts are old."""
    return "⚠ STALE · " if any(is_stale(one.at, now) for _, one in known if one is not None) else ""


def few(rows: Mapping[str, Exposed]) -> list[tuple[str, Exposed]]:
    """As many as there is room for, the last one for all others."""
    listed = list(rows.items())
    if len(listed) <= _ROWS:
        return listed
    rest = listed[_ROWS - 1 :]
    return [*listed[: _ROWS - 1], (f"{len(rest)} others", sum((one for _, one in rest), Exposed()))]


def _table(what: str, rows: Mapping[str, Exposed]) -> Table:
    cells = [(what, "long", "short", "net")]
    cells += [
        (
            name,
            short_money(one.long) if one.long else NOTHING,
            short_money(one.short) if one.short else NOTHING,
            short_change(one.net),
        )
        for name, one in few(rows)
    ]
    return align(cells, right="123")


def _deltas(rows: Mapping[str, Exposed]) -> Table:
    cells = [("asset", "gross", "delta", "%")]
    cells += [(name, short_money(one.gross), short_change(one.net), percent(one.ratio_pct)) for name, one in few(rows)]
    return align(cells, right="123")


def _largest(found: Mapping[str, Exposed]) -> dict[str, Exposed]:
    return dict(sorted(found.items(), key=lambda one: (-one[1].gross, one[0])))
