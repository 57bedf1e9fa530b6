"""How numbers, moments and spans are said, and how long a title or a label may be."""

from datetime import datetime, timedelta
from decimal import Decimal

from alerts.durations import span
from chatops.layout import NOTHING, fit

#: Facts older than this are called stale, as the alert rule `stale_data` has it (SPEC 7).
STALE_AFTER = timedelta(seconds=15)
#: Columns of a title, and characters where marks are piled up: a notification shows fewer.
TITLE_COLUMNS, TITLE_CHARACTERS = 160, 200
#: The same of a label: so much a button alone in its row shows on most phones, and so much platforms take.
LABEL_COLUMNS, LABEL_CHARACTERS = 40, 64
#: From here on a ratio or a percentage is said in powers of ten.
_VAST = 1_000_000


def headline(text: str) -> str:
    """What people wrote or a bot said as a title: on one line, not without end, never empty."""
    return fit(text, TITLE_COLUMNS)[:TITLE_CHARACTERS].strip() or NOTHING


def in_a_row(*said: str) -> str:
    """What is said, one after another; each but the last with a full stop where it has no end of its own."""
    *before, last = [one for one in said if one] or [""]
    return " ".join([*(one if one[-1] in ".…!?" else f"{one}." for one in before), last])


def label(text: str) -> str:
    """The same on a button."""
    return fit(text, LABEL_COLUMNS)[:LABEL_CHARACTERS].strip() or NOTHING


def money(amount: Decimal | None) -> str:
    """USD with thousands parted: 1,234.50."""
    if amount is None:
        return NOTHING
    text = f"{amount:,.2f}"
    return "0.00" if text == "-0.00" else text


def change(amount: Decimal | None) -> str:
    """Money won or lost, always with its sign: +12.30."""
    if amount is None:
        return NOTHING
    text = f"{amount:+,.2f}"
    return "+0.00" if text == "-0.00" else text


def short_change(amount: Decimal) -> str:
    """The same in at most 11 columns, since a number that is cut is another number: +123,456,789, then +1.23e+9."""
    text = change(amount)
    if len(text) > 11:
        text = f"{amount:+,.0f}"
    return text if len(text) <= 11 else f"{amount:+.2e}"


def short_money(amount: Decimal) -> str:
    """USD in at most 11 columns: 1,234.50, then 123,456,789, then 1.23e+9."""
    text = money(amount)
    if len(text) > 11:
        text = f"{amount:,.0f}"
    return text if len(text) <= 11 else f"{amount:.2e}"


def price(amount: Decimal | None) -> str:
    """A price in as many places as its size needs."""
    if amount is None:
        return NOTHING
    far = abs(amount)
    if 0 < far < Decimal("0.000001"):
        return f"{amount:.4g}"
    places = 2 if far >= 100 else 4 if far >= 1 else 8
    return f"{amount:,.{places}f}"


def size(amount: Decimal) -> str:
    """A size in units of its asset, without idle zeros; what is small never becomes 0."""
    if 0 < abs(amount) < Decimal("0.001"):
        return f"{amount:.6g}"
    return f"{amount:,.6f}".rstrip("0").rstrip(".")


def ratio(value: float | None) -> str:
    """A health factor or margin fraction: three places, as thresholds are told apart by them."""
    if value is None:
        return NOTHING
    return f"{value:.3f}" if abs(value) < _VAST else f"{value:.1e}"


def percent(value: float | None, signed: bool = False) -> str:
    """A percentage with its sign where that matters."""
    if value is None:
        return NOTHING
    if abs(value) >= _VAST:
        return f"{value:.1e}%"
    return f"{value:+.2f}%" if signed else f"{value:.1f}%"


def when(at: datetime, now: datetime) -> str:
    """When something was or will be, in the zone of `now`, with its day unless that is today: 14:02 UTC."""
    local = at.astimezone(now.tzinfo)
    said = f"{local:%H:%M}" if local.date() == now.date() else f"{local:%Y-%m-%d %H:%M}"
    return f"{said} {local:%Z}"


def age(at: datetime, now: datetime) -> str:
    """How old a fact is: "2 s old"; clocks that disagree make nothing younger than now."""
    return f"{span(now - at)} old"


def how_old(at: datetime, now: datetime) -> str:
    """The age of facts that somebody is about to act on, loud where they are stale."""
    return f"⚠ STALE: {age(at, now)}." if is_stale(at, now) else f"{age(at, now)}."


def is_stale(at: datetime, now: datetime) -> bool:
    """Whether facts of this moment must not be taken for the present."""
    return now - at > STALE_AFTER


def clock(at: datetime, now: datetime) -> str:
    """A moment in the zone of `now`: of today the time alone, of another day with its date."""
    local = at.astimezone(now.tzinfo)
    return f"{local:%H:%M:%S}" if local.date() == now.date() else f"{local:%m-%d %H:%M}"
