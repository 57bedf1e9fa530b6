"""An alert that began while one of its key was open, unknown to the worker: how it becomes part of that one. Pure."""

from dataclasses import replace

from alerts.model import Advance, Alert, Step
from alerts.severity import Severity


def epochs_between(standing: Alert, begun: Alert) -> int:
    """What is to be added to the epochs of the one that joins: where it is worse, it is a rise."""
    rises = not standing.severity.reaches(begun.severity)
    return standing.epoch + rises - begun.epoch


def joined(standing: Alert, advance: Advance, epochs: int) -> Advance:
    """The step of the one that joins, as one of the alert that stands.

    What that alert had come to holds: it is as bad as it was until somebody saw it fall, its epoch, acknowledgement and
    policy are void only where it rises, and what escalation has told is not told again.
    """
    given = advance.alert
    epoch = max(standing.epoch, given.epoch + epochs)
    rises = epoch > standing.epoch
    fell = any(event.step is Step.FELL for event in advance.events)
    severity = given.severity if fell else _worse(standing.severity, given.severity)
    acknowledged = standing.acknowledged
    if given.acknowledged is not None:
        acknowledged = replace(given.acknowledged, epoch=given.acknowledged.epoch + epochs)
    before, after = standing.progress, given.progress
    onward = replace(
        after,
        until=max(before.until, after.until),
        repeats=max(before.repeats, after.repeats),
        since=after.since or before.since,
    )
    alert = replace(
        standing,
        severity=severity,
        peak=_worse(standing.peak, severity),
        epoch=epoch,
        rose_at=given.rose_at if rises else standing.rose_at,
        reading=given.reading,
        read_at=given.read_at,
        policy=given.policy if rises else standing.policy,
        progress=given.progress if rises else onward,
        acknowledged=acknowledged,
        resolved_at=given.resolved_at,
        ended=given.ended,
        version=standing.version + 1,
    )
    # With epoch 0 it has heard nothing, of either.
    told = tuple(replace(one, epoch=one.epoch + epochs) if one.epoch else one for one in advance.told)
    return replace(advance, alert=alert, was=standing.version, told=told)


def _worse(one: Severity, other: Severity) -> Severity:
    return one if one.reaches(other) else other
