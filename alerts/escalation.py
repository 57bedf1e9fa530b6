"""Which steps of a policy are due: those in a window of time that only moves on."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts.policy import Policy, Progress

#: A window is open at its start; so it begins just before what is due at once.
_JUST = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be told now."""

    #: Words of all steps that came due, in their order, each once; empty where none did.
    tell: tuple[str, ...]
    #: How many repeats of the last step came due. They are told as one.
    repeats: int
    #: The window moved on to now: of an alert that is stored with it nothing of this comes due again.
    progress: Progress
    #: When the next step is due, if nobody answers; None where there is none any more.
    next_at: datetime | None


def begun(at: datetime) -> Progress:
    """How far escalation is at the start of an epoch: what is due at once is still to be told."""
    return Progress(at - _JUST)


def anew(at: datetime) -> Progress:
    """The same for one that begins again inside an epoch, at this moment: every step comes once more."""
    return Progress(at - _JUST, since=at)


def due(policy: Policy, rose_at: datetime, progress: Progress, now: datetime) -> Due:
    """What came due after `progress.until`, up to and with `now`.

    However late it is asked, each step comes once, and repeats that were missed are one. Of a clock that was set back
    nothing is due until it has caught up; of one that was set forward everything up to there, and that not again.
    """
    start = progress.since or rose_at
    if now <= progress.until:
        return Due((), 0, progress, _next(policy, start, progress.until)[0])
    words = [word for rung in policy.rungs if progress.until < start + rung.after <= now for word in rung.tell]
    repeats = _repeats(policy, start, now) - _repeats(policy, start, progress.until)
    if repeats:
        words += policy.last.tell
    moved = replace(progress, until=now, repeats=progress.repeats + repeats)
    return Due(_once(words), repeats, moved, _next(policy, start, now)[0])


def upcoming(
    policy: Policy, rose_at: datetime, progress: Progress, now: datetime
) -> tuple[datetime, tuple[str, ...]] | None:
    """The next step that is not yet told, with its words: it may be overdue. None where there is none any more."""
    start = progress.since or rose_at
    at, words = _next(policy, start, progress.until)
    # Repeats that were missed are told as one, now.
    if at is not None and at > start + policy.last.after and policy.repeat is not None:
        at = max(at, min(now, start + policy.last.after + _repeats(policy, start, now) * policy.repeat))
    return None if at is None else (at, words)


def _repeats(policy: Policy, start: datetime, at: datetime) -> int:
    """How many repeats are due by then, in all."""
    over = at - start - policy.last.after
    return over // policy.repeat if policy.repeat is not None and over > timedelta() else 0


def _next(policy: Policy, start: datetime, after: datetime) -> tuple[datetime | None, tuple[str, ...]]:
    """The first step that is due after this moment."""
    for rung in policy.rungs:
        if start + rung.after > after:
            return start + rung.after, _once(rung.tell)
    if policy.repeat is None:
        return None, ()
    number = _repeats(policy, start, after) + 1
    return start + policy.last.after + number * policy.repeat, _once(policy.last.tell)


def _once(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))
