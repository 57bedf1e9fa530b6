"""Every leg by how near it is to its liquidation."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import inf

from alerts.distance import Near, near
from alerts.severity import Severity
from alerts.terms import Band, Terms
from chatops.asks import Positions, ShowHealth, ShowPosition
from chatops.layout import NOTHING, align, fit
from chatops.messages import Block, Button, Message, Paragraph, Table
from chatops.ranges import RangeName
from chatops.views.alert_titles import SIGNS
from chatops.views.exposure import Known, oldest, silent, stale_mark
from chatops.views.format import headline, label, percent, ratio
from chatops.views.money import marked

#: Legs of one page, so that all of it goes under a picture.
PAGE = 12
#: Those over which a leg's chart says something: alerts are about hours.
RANGES: tuple[RangeName, ...] = ("24h", "7d", "30d")

#: What each rule is held to, by its name.
Held = Mapping[str, Terms]


@dataclass(frozen=True, slots=True)
class Rung:
    """One leg, with what is known of its danger."""

    bot: str
    near: Near
    #: "HF" or "MF"; empty where its venue has no notion of either.
    figure: str
    value: float | None
    #: The next threshold below it, at which an alert fires or gets worse; the last one where all are passed.
    threshold: float | None
    #: The worst threshold that it has passed.
    passed: Severity | None

    @property
    def position(self) -> str:
        """The id of its position."""
        return self.near.position.id


def ladder(known: Sequence[Known], terms: Held) -> tuple[Rung, ...]:
    """The worst first: by how far the price may go, then by the figure; what cannot be liquidated last."""
    rungs = [
        _rung(name, one, terms)
        for name, snapshot in known
        if snapshot is not None
        for one in near(snapshot)
        if one.leg.size
    ]
    return tuple(sorted(rungs, key=_urgency))


def band_of(terms: Held, rule: str, metric: str) -> Band | None:
    """The thresholds of a metric, where its rule is on."""
    held_to = terms.get(rule)
    return held_to.band(metric) if held_to is not None and held_to.on else None


def thresholds(terms: Held, metric: str) -> tuple[tuple[Severity, float], ...]:
    """Those of a leg's health factor or margin fraction, as a picture draws them."""
    band = band_of(terms, "health_factor", metric)
    return tuple(band.at.items()) if band is not None else ()


def on_page(rungs: Sequence[Rung], page: int) -> tuple[int, int, Sequence[Rung]]:
    """The page that is shown where this one is asked for, of how many, and its rungs."""
    pages = max(1, -(-len(rungs) // PAGE))
    page = min(page, pages)
    return page, pages, rungs[(page - 1) * PAGE : page * PAGE]


def health(
    rungs: Sequence[Rung],
    known: Sequence[Known],
    asked: ShowHealth,
    *,
    charted: Rung | None,
    now: datetime,
    note: str = "",
) -> Message:
    """The ladder. `charted` is of the position that the picture shows; `note` says why there is none."""
    several = sum(snapshot is not None for _, snapshot in known) > 1
    blocks: list[Block] = list(silent(known))
    whose = f" of {fit(asked.bot, 40)}" if asked.bot else ""
    if not rungs:
        if any(snapshot is not None for _, snapshot in known):
            return Message(headline(f"Nothing is held{whose}."), tuple(blocks), ((Button("Refresh", asked),),))
        return Message(
            "⚠ Nothing heard yet: what is in danger is not known.", tuple(blocks), ((Button("Refresh", asked),),)
        )
    page, pages, shown = on_page(rungs, asked.page)
    blocks.append(_table(shown, several))
    which = f"page {page} of {pages}; " if pages > 1 else ""
    blocks.append(Paragraph(f"alert: the threshold that comes next. {which}{oldest(known, now)}"))
    if note:
        blocks.append(Paragraph(note))
    lead = charted or shown[0]
    card = Button("Card", ShowPosition(position=lead.position, bot=lead.bot))
    return Message(
        headline(f"{stale_mark(known, now)}{_title(rungs, whose)}"),
        tuple(blocks),
        (
            *_buttons(shown, asked, charted, several),
            _turning(asked, page, pages),
            (card, Button("Positions", Positions())),
        ),
    )


def no_such(asked: ShowHealth, rungs: Sequence[Rung]) -> Message:
    """Nothing is held of that name."""
    ids = list(dict.fromkeys(one.position for one in rungs))[:6]
    buttons = tuple(Button(label(one), asked.model_copy(update={"position": one, "of": ""})) for one in ids)
    return Message(
        headline(f"There is no position “{fit(asked.position, 20)}”. The most endangered are:"),
        buttons=tuple(buttons[at : at + 3] for at in range(0, len(buttons), 3)),
    )


def _title(rungs: Sequence[Rung], whose: str) -> str:
    worst = rungs[0]
    passed = [one.passed for one in rungs if one.passed is not None]
    sign = f"{SIGNS[max(passed, key=lambda one: one.rank)]} {len(passed)} of " if passed else ""
    legs = f"{len(rungs)} legs" if len(rungs) > 1 else "1 leg"
    said = [f"{worst.figure} {ratio(worst.value)}"] if worst.value is not None else []
    if worst.near.distance_pct is not None:
        said.append(f"{percent(worst.near.distance_pct)} to liquidation")
    if not said:
        return f"{sign}{legs}{whose}: none can be liquidated that is told of"
    return f"{sign}{legs}{whose}, worst {fit(worst.position, 24)} {fit(worst.near.leg.venue, 16)}: {', '.join(said)}"


def _rung(bot: str, one: Near, terms: Held) -> Rung:
    leg = one.leg
    figure, value, metric = "", None, ""
    if leg.health_factor is not None:
        figure, value, metric = "HF", leg.health_factor, "health_factor"
    elif leg.margin_fraction is not None:
        figure, value, metric = "MF", leg.margin_fraction, "margin_fraction"
    band = band_of(terms, "health_factor", metric)
    passed = [*_passed(band, value), *_passed(band_of(terms, "liquidation_distance", "distance_pct"), one.distance_pct)]
    return Rung(bot, one, figure, value, _next(band, value), max(passed, key=lambda each: each.rank, default=None))


def _passed(band: Band | None, value: float | None) -> list[Severity]:
    if band is None or value is None:
        return []
    return [severity for severity, at in band.at.items() if value < at]


def _next(band: Band | None, value: float | None) -> float | None:
    if band is None or value is None or not band.at:
        return None
    return max((at for at in band.at.values() if at <= value), default=min(band.at.values()))


def _urgency(one: Rung) -> tuple[float, float, str, str]:
    room, value = one.near.room, one.value
    return (inf if room is None else room, inf if value is None else value, one.position, one.near.leg.venue)


def _table(shown: Iterable[Rung], several: bool) -> Table:
    cells = [("", "leg", "", "now", "alert", "to liq")]
    for one in shown:
        named = f"{one.position} {one.near.leg.venue}" + (f" {one.bot}" if several else "")
        cells.append(
            (
                _mark(one.passed),
                named,
                one.figure,
                ratio(one.value),
                NOTHING if one.threshold is None else f"{one.threshold:.3g}",
                percent(one.near.distance_pct),
            )
        )
    return align(cells, right="345")


def _mark(passed: Severity | None) -> str:
    """One column wide, unlike the signs of alerts."""
    return " " if passed is None else "!" * max(1, passed.rank)


def _buttons(shown: Sequence[Rung], asked: ShowHealth, charted: Rung | None, several: bool) -> list[tuple[Button, ...]]:
    ranges = tuple(
        Button(marked(name, name == asked.range), asked.model_copy(update={"range": name}))
        for name in (RANGES if asked.range in RANGES else (*RANGES, asked.range))
    )
    named = {(one.position, one.bot): None for one in shown}
    charts = tuple(
        Button(
            marked(
                label(f"{position} {bot}" if several else position)[:40],
                charted is not None and (position, bot) == (charted.position, charted.bot),
            ),
            asked.model_copy(update={"position": position, "of": bot}),
        )
        for position, bot in list(named)[:3]
    )
    return [ranges, charts]


def _turning(asked: ShowHealth, page: int, pages: int) -> tuple[Button, ...]:
    def turned(to: int) -> ShowHealth:
        return asked.model_copy(update={"page": to, "position": "", "of": ""})

    back = [Button("◂", turned(page - 1))] if page > 1 else []
    on = [Button("▸", turned(page + 1))] if page < pages else []
    return (*back, Button("Refresh", asked), *on)
