"""Faults on order: what should go wrong with which call."""

import asyncio
from dataclasses import dataclass, field

from tests.servers.common.refusal import Dropped, Refusal


@dataclass(frozen=True, slots=True)
class DropBeforeAccept:
    """The connection is cut; nothing has been done."""


@dataclass(frozen=True, slots=True)
class DropAfterAccept:
    """It has been done; the connection is cut before the answer."""


@dataclass(frozen=True, slots=True)
class StallBeforeAccept:
    """Nothing is done until `event` is set; then it goes on as ever."""

    event: asyncio.Event


@dataclass(frozen=True, slots=True)
class StallAfterAccept:
    """It has been done; the answer waits until `event` is set."""

    event: asyncio.Event


@dataclass(frozen=True, slots=True)
class RefuseAfterAccept:
    """It has been done, and `error` is answered all the same: a gateway on the way gave up too early."""

    error: Refusal


Fault = Refusal | DropBeforeAccept | DropAfterAccept | StallBeforeAccept | StallAfterAccept | RefuseAfterAccept

#: The id of a chat, or of a channel.
Place = int | str


@dataclass(slots=True)
class Rule:
    """One order: `times` calls of `method` in `place` fail; None is any, or for ever."""

    fault: Fault
    method: str | None
    place: Place | None
    times: int | None
    #: How many calls have met it.
    met: int = field(default=0)

    @property
    def is_spent(self) -> bool:
        return self.times is not None and self.met >= self.times

    def lift(self) -> None:
        """Let calls through again."""
        self.times = self.met

    def matches(self, method: str, place: object) -> bool:
        return not self.is_spent and self.method in (None, method) and self.place in (None, place)


class Faults:
    """The orders in the order given; a call meets the first that matches."""

    def __init__(self) -> None:
        self._rules: list[Rule] = []

    def order(self, fault: Fault, method: str | None, place: Place | None, times: int | None) -> Rule:
        rule = Rule(fault, method, place, times)
        self._rules.append(rule)
        return rule

    def clear(self) -> None:
        for rule in self._rules:
            rule.lift()

    def meet(self, method: str, place: object) -> Fault | None:
        """The fault that this call meets, counted."""
        self._rules = [rule for rule in self._rules if not rule.is_spent]
        for rule in self._rules:
            if rule.matches(method, place):
                rule.met += 1
                return rule.fault
        return None


async def before_accept(fault: Fault | None) -> None:
    """Raise or wait as ordered, before anything is done."""
    if isinstance(fault, Refusal):
        raise _anew(fault)
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
        raise _anew(fault.error)


def _anew(refusal: Refusal) -> Refusal:
    """One that is raised twice would drag the first trace along."""
    return refusal.with_traceback(None)
