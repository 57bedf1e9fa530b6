"""Faults on order: what should go wrong with which call."""

from dataclasses import dataclass, field

from tests.servers.slack.errors import ApiError, Dropped
from tests.servers.telegram.faults import DropAfterAccept, DropBeforeAccept, StallAfterAccept, StallBeforeAccept

__all__ = [
    "DropAfterAccept",
    "DropBeforeAccept",
    "Fault",
    "Faults",
    "RefuseAfterAccept",
    "Rule",
    "StallAfterAccept",
    "StallBeforeAccept",
    "after_accept",
    "before_accept",
]


@dataclass(frozen=True, slots=True)
class RefuseAfterAccept:
    """It has been done, and `error` is answered all the same: a gateway on the way gave up too early."""

    error: ApiError


#: The first four are the Telegram server's own, so that one story orders them on either.
Fault = DropBeforeAccept | DropAfterAccept | StallBeforeAccept | StallAfterAccept | ApiError | RefuseAfterAccept


@dataclass(slots=True)
class Rule:
    """One order: `times` calls of `method` in `channel_id` fail; None is any, or for ever."""

    fault: Fault
    method: str | None
    channel_id: str | None
    times: int | None
    #: How many calls have met it.
    met: int = field(default=0)

    @property
    def is_spent(self) -> bool:
        return self.times is not None and self.met >= self.times

    def lift(self) -> None:
        """Let calls through again."""
        self.times = self.met

    def matches(self, method: str, channel_id: str | None) -> bool:
        return not self.is_spent and self.method in (None, method) and self.channel_id in (None, channel_id)


class Faults:
    """The orders in the order given; a call meets the first that matches."""

    def __init__(self) -> None:
        self._rules: list[Rule] = []

    def order(self, fault: Fault, method: str | None, channel_id: str | None, times: int | None) -> Rule:
        rule = Rule(fault, method, channel_id, times)
        self._rules.append(rule)
        return rule

    def clear(self) -> None:
        for rule in self._rules:
            rule.lift()

    def meet(self, method: str, channel_id: str | None) -> Fault | None:
        """The fault that this call meets, counted."""
        self._rules = [rule for rule in self._rules if not rule.is_spent]
        for rule in self._rules:
            if rule.matches(method, channel_id):
                rule.met += 1
                return rule.fault
        return None


async def before_accept(fault: Fault | None) -> None:
    """Raise or wait as ordered, before anything is done."""
    if isinstance(fault, ApiError):
        raise _again(fault)
    if isinstance(fault, DropBeforeAccept):
        raise Dropped
    if isinstance(fault, StallBeforeAccept):
        await fault.event.wait()


async def after_accept(fault: Fault | None) -> None:
    """Raise or wait as ordered, when all is done but the answer."""
    if isinstance(fault, DropAfterAccept):
        raise Dropped
    if isinstance(fault, StallAfterAccept):
        await fault.event.wait()
    if isinstance(fault, RefuseAfterAccept):
        raise _again(fault.error)


def _again(error: ApiError) -> ApiError:
    """The same refusal anew: one that is raised twice would drag the first trace along."""
    return error.with_traceback(None)
