"""Terms as people change them: named keys, typed values, within bounds."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise
from types import MappingProxyType

from alerts.durations import TAKES, duration_text, parse_duration
from alerts.severity import Severity
from alerts.terms import YES_NO, Band, Terms

DAY = timedelta(days=1)
NONE = "none"
_YES, _NO = frozenset({"on", "yes", "true"}), frozenset({"off", "no", "false"})
_LONGEST_ROOM_NAME = 64
_NUMBER = re.compile(
    r"(?P<number>[-+]?(?:\d{1,15}(?:\.\d{0,15})?|\.\d{1,15})(?:e[-+]?\d{1,2})?)\s*(?P<percent>%?)",
    re.ASCII | re.IGNORECASE,
)


class TermsError(ValueError):
    """What was given does not fit; the text says what does."""


@dataclass(frozen=True, slots=True)
class Metric:
    """What a threshold of it may be."""

    unit: str
    least: float
    most: float


#: Of the metrics of the desk's own rules.
METRICS: Mapping[str, Metric] = MappingProxyType(
    {
        "health_factor": Metric("", 0, 1),
        "margin_fraction": Metric("", 0, 1),
        "distance_pct": Metric("%", 0, 100),
        "net_funding_pct": Metric("% in 8 h", -10, 10),
        "delta_pct": Metric("%", 0.01, 100),
        "premium_pct": Metric("%", 0.01, 1_000),
        "discount_pct": Metric("%", 0.01, 100),
        "erosion_pct": Metric("%", 1, 1_000),
        "divergence_pct": Metric("%", 0.01, 1_000),
        "loss_pct": Metric("% of the cap", 1, 100),
        "failures": Metric("in a row", 1, 1_000),
        "failed": Metric("in 5 min", 1, 20),
        "snapshot_age": Metric("s", 5, 3_600),
        "price_age": Metric("s", 5, 3_600),
        "delivery_age": Metric("s", 60, 86_400),
        "urgent_age": Metric("s", 10, 3_600),
    }
)
#: A metric of a rule that a bot's author wrote.
ANY = Metric("", -1e12, 1e12)
#: These have no threshold that anybody could move: they say which of a few things is so.
_FIXED = frozenset({YES_NO, "stream"})


@dataclass(frozen=True, slots=True)
class Term:
    """One thing that may be changed."""

    #: `on`, `for`, `clear`, `dwell`, `rooms`, `critical.throttle`, `warning.health_factor`.
    key: str
    #: As `changed` reads it back.
    text: str
    unit: str = ""
    #: What it takes, in words.
    takes: str = ""


def keys(terms: Terms) -> tuple[Term, ...]:
    """All that may be changed of a rule, with what it is now."""
    found = [Term("on", "yes" if terms.on else "no", takes="yes or no")]
    for band in terms.bands:
        if band.metric in _FIXED:
            continue
        metric = METRICS.get(band.metric, ANY)
        found += [
            Term(f"{one}.{band.metric}", f"{at:.12g}", metric.unit, _range(metric)) for one, at in band.at.items()
        ]
    found += [
        Term(f"{one}.throttle", _throttle_text(terms.throttle(one)), takes=f"{TAKES}, or {NONE}")
        for one in terms.severities
    ]
    found += [
        Term("for", duration_text(terms.holds), takes=f"{TAKES}; at most a day"),
        Term("clear", f"{terms.clear:.12g}", "of the threshold", "a fraction from 0 to 0.5"),
        Term("dwell", duration_text(terms.dwell), takes=f"{TAKES}; at most a day"),
        Term("rooms", ", ".join(terms.rooms) or "all", takes="names of rooms with commas between them, or all"),
    ]
    return tuple(found)


def changed(terms: Terms, key: str, text: str) -> Terms:
    """With one of its `keys` set to what was typed. Raises `TermsError` that says what is expected."""
    return changed_all(terms, {key: text})


def changed_all(terms: Terms, texts: Mapping[str, str]) -> Terms:
    """With several set at once: only the whole has to make sense, in whatever order they come. Raises `TermsError`."""
    for key, text in texts.items():
        terms = _set(terms, key.strip(), text.strip())
    for band in terms.bands:
        _check_order(terms.rule, band)
    return terms


def _set(terms: Terms, key: str, text: str) -> Terms:
    known = {term.key.casefold(): term.key for term in keys(terms)}
    if key.casefold() not in known:
        raise TermsError(f"{terms.rule} has no {key or 'empty key'}. It has: {', '.join(known.values())}.")
    key = known[key.casefold()]
    whole = _WHOLE.get(key)
    if whole is not None:
        return whole(terms, text)
    name, _, what = key.partition(".")
    severity = Severity(name)
    if what == "throttle":
        each = None if text.casefold() == NONE else _length(key, text, timedelta(seconds=1))
        return replace(terms, throttles=MappingProxyType({**terms.throttles, severity: each}))
    value = _number(key, text, METRICS.get(what, ANY))
    bands = tuple(
        replace(band, at=MappingProxyType({**band.at, severity: value})) if band.metric == what else band
        for band in terms.bands
    )
    return replace(terms, bands=bands)


def _set_on(terms: Terms, text: str) -> Terms:
    said = text.casefold()
    if said not in _YES | _NO:
        raise TermsError(f"on takes yes or no, not {text!r}.")
    return replace(terms, on=said in _YES)


def _set_rooms(terms: Terms, text: str) -> Terms:
    names = tuple(dict.fromkeys(name for part in text.split(",") if (name := part.strip())))
    if not names or max(map(len, names)) > _LONGEST_ROOM_NAME:
        raise TermsError("rooms takes names of rooms with commas between them, or all.")
    return replace(terms, rooms=() if names == ("all",) else names)


#: How the keys that no severity stands before are set.
_WHOLE: Mapping[str, Callable[[Terms, str], Terms]] = MappingProxyType(
    {
        "on": _set_on,
        "for": lambda terms, text: replace(terms, holds=_length("for", text)),
        "dwell": lambda terms, text: replace(terms, dwell=_length("dwell", text)),
        "clear": lambda terms, text: replace(terms, clear=_number("clear", text, Metric("", 0, 0.5))),
        "rooms": _set_rooms,
    }
)


def _number(key: str, text: str, metric: Metric) -> float:
    form = _NUMBER.fullmatch(text)
    if form is not None and (not form["percent"] or metric.unit.startswith("%")):
        value = float(form["number"])
        if metric.least <= value <= metric.most:
            return value
    raise TermsError(f"{key} takes {_range(metric)}, not {text!r}.")


def _length(key: str, text: str, least: timedelta = timedelta()) -> timedelta:
    try:
        length = parse_duration(text)
    except ValueError as error:
        raise TermsError(f"{key}: {error}, not {text!r}.") from error
    if not least <= length <= DAY:
        raise TermsError(f"{key} takes from {duration_text(least)} to {duration_text(DAY)}, not {text!r}.")
    return length


def _check_order(rule: str, band: Band) -> None:
    """What is worse must lie at or beyond what is less bad."""
    known = [severity for severity in Severity if severity in band.at]
    for milder, worse in pairwise(known):
        first, second = band.at[milder], band.at[worse]
        if first > second if band.above else first < second:
            side = "above" if band.above else "below"
            raise TermsError(
                f"{rule}: {milder}.{band.metric} would be {first:g}, but it must not lie {side} "
                f"{worse}.{band.metric}, {second:g}: what is {worse} is {milder} too."
            )


def _range(metric: Metric) -> str:
    return f"a number from {metric.least:g} to {metric.most:g}"


def _throttle_text(each: timedelta | None) -> str:
    return NONE if each is None else duration_text(each)
