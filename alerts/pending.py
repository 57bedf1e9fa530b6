"""Steps that the store has not taken yet."""

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from alerts.model import Advance, Form, Telling

#: So many of the newest events of one alert are kept while the store is away; who was told is kept whole.
MOST_EVENTS = 200


class Pending:
    """What is to be stored, one step an alert however long the store is away: each target hears the newest word alone.

    What was sent and not answered is kept as it was beside that, for it may have been stored.
    """

    def __init__(self) -> None:
        self._unanswered: dict[UUID, Advance] = {}
        self._since: dict[UUID, Advance] = {}

    def __len__(self) -> int:
        return len(self._unanswered.keys() | self._since.keys())

    def add(self, advances: Iterable[Advance]) -> None:
        """Have these stored after what waits already."""
        for one in advances:
            self._since[one.alert.id] = _after(self._since.get(one.alert.id), one)

    def all(self) -> tuple[Advance, ...]:
        """All of it as one step an alert: to be stored if nothing of it is."""
        whole = dict(self._unanswered)
        for alert, one in self._since.items():
            whole[alert] = _after(whole.get(alert), one)
        return tuple(whole.values())

    def unanswered(self) -> tuple[Advance, ...]:
        """What was sent first and may have been stored."""
        return tuple(self._unanswered.values())

    def not_answered(self) -> None:
        """What `all` gave may have been stored."""
        if not self._unanswered:
            self._unanswered, self._since = self._since, {}

    def answered(self) -> None:
        """What `unanswered` gave is stored."""
        self._unanswered = {}

    def clear(self) -> None:
        """All of it is stored, or nothing of it is wanted any more."""
        self._unanswered, self._since = {}, {}


def _after(before: Advance | None, then: Advance) -> Advance:
    return then if before is None else joined(before, then)


def joined(first: Advance, then: Advance) -> Advance:
    """Both as one step. Each target is told the newest alone, and what brings its card keeps bringing it."""
    tellings = {one.target: one for one in first.tellings}
    for one in then.tellings:
        tellings[one.target] = _newest(tellings.get(one.target), one)
    if then.alert.in_hand is not None:
        tellings = {one.target: _without_sound(one) for one in tellings.values()}
    told = {one.target: one for one in (*first.told, *then.told)}
    return replace(
        then,
        was=first.was,
        events=(*first.events, *then.events)[-MOST_EVENTS:],
        tellings=tuple(tellings.values()),
        told=tuple(told.values()),
    )


def _newest(before: Telling | None, then: Telling) -> Telling:
    if before is None or before.form in {Form.EDIT, Form.STILL_THERE}:
        return then
    if then.form is Form.EDIT:
        # What it changes shows on what is yet to be sent.
        return before
    return replace(then, form=Form.CARD) if before.form is Form.CARD and then.form is Form.PING else then


def _without_sound(telling: Telling) -> Telling:
    """Of one that somebody has in hand by now. Its first word still comes: there is nothing yet to edit."""
    return replace(telling, form=Form.EDIT) if telling.form is Form.PING else telling
