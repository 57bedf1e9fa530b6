"""What is decided to be told of alerts, as messages that are owed to rooms."""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from alerts.model import Advance, Alert, Form, Target, TargetKind, Telling, Told
from alerts.severity import Severity
from alerts.why import Why
from chatops.alerting.cards import Buttons, card_key, ping_key
from chatops.drafts import Draft, Drafts
from chatops.guard.presses import StoredPress
from chatops.messages import Message
from chatops.owed import Kind, Owed
from chatops.room import Room
from chatops.views import alerts as views
from chatops.views.alert_facts import alert_facts
from chatops.views.alert_titles import title
from chatops.views.alerts import Around

log = logging.getLogger(__name__)

#: Tellings for which the card is changed and nothing more: they wait behind all that is news.
_CAN_WAIT = frozenset({Why.FIGURES})
HELD = "held by quiet hours"


@dataclass(slots=True)
class Drafted:
    """Messages, what their buttons stand for, and which of them carry what to whom."""

    owed: list[Owed] = field(default_factory=list)
    minted: list[StoredPress] = field(default_factory=list)
    carriers: dict[tuple[UUID, Target], list[UUID]] = field(default_factory=lambda: defaultdict(list))


@dataclass(frozen=True, slots=True)
class _Part:
    """One message of a telling."""

    message: Message
    card: str | None
    severity: Severity
    in_place: bool = False
    ends: bool = False
    #: Hung on the card.
    hangs: bool = False
    only_changes: bool = False


class Drafting:
    """Turns tellings into messages. What it cannot word it says in one line: it is told all the same."""

    def __init__(
        self,
        drafts: Drafts,
        rooms_of: Callable[[Target], Sequence[Room]],
        around: Callable[[Alert, Target], Around],
        buttons: Buttons,
    ) -> None:
        self._drafts = drafts
        self._rooms_of = rooms_of
        self._around = around
        self._buttons = buttons

    def draft(self, advances: Iterable[Advance]) -> Drafted:
        """The messages of these steps; those that speak up before those that only change others."""
        drafted, later = Drafted(), Drafted()
        owed_mornings: dict[Target, list[Alert]] = defaultdict(list)
        for advance in advances:
            told = {one.target: one for one in advance.told}
            for telling in advance.tellings:
                if telling.why == Why.QUIET_OVER:
                    owed_mornings[telling.target].append(advance.alert)
                    continue
                for part in self._parts(advance.alert, telling, told.get(telling.target)):
                    if telling.target.kind is TargetKind.CHANNEL and (part.only_changes or telling.why in _CAN_WAIT):
                        # What was sent there cannot be changed, and nothing of this is news.
                        continue
                    self._add(later if part.only_changes else drafted, part, telling.target, [advance.alert])
            if not advance.alert.is_open:
                self._buttons.forget(advance.alert.id)
        for target, held in owed_mornings.items():
            self._add(drafted, self._morning(target, held), target, held)
        drafted.owed += later.owed
        drafted.minted += later.minted
        for carried, ids in later.carriers.items():
            drafted.carriers[carried] += ids
        return drafted

    # ------------------------------------------------------------------------ inside

    def _add(self, drafted: Drafted, part: _Part, target: Target, alerts: Sequence[Alert]) -> None:
        if target.kind is TargetKind.CHANNEL:
            # Who reads there cannot press.
            part = replace(part, message=replace(part.message, buttons=()))
        for room in self._rooms_of(target):
            draft = self._drafted(part, room, alerts[0])
            drafted.owed += draft.owed
            drafted.minted += draft.minted
            for alert in alerts:
                drafted.carriers[alert.id, target] += [one.id for one in draft.owed]

    def _drafted(self, part: _Part, room: Room, alert: Alert) -> Draft:
        return self._drafts.unasked(
            replace(part.message, facts=alert_facts(alert)),
            room,
            kind=Kind.ALERT,
            severity=part.severity,
            card=part.card,
            in_place=part.in_place,
            hangs_on=card_key(alert.id) if part.hangs else None,
            ends=part.ends,
            only_changes=part.only_changes,
        )

    def _parts(self, alert: Alert, telling: Telling, told: Told | None) -> Sequence[_Part]:
        try:
            return list(self._worded(alert, telling, told))
        except Exception:
            log.exception("alert %s could not be worded for %s", alert.number, telling.target)
            # What it says matters more than how.
            return [_Part(Message(f"{title(alert)}: {telling.reason}"), None, alert.severity)]

    def _worded(self, alert: Alert, telling: Telling, told: Told | None) -> Iterator[_Part]:
        match telling.form:
            case Form.CARD:
                yield from self._card(alert, telling)
            case Form.PING:
                yield from self._ping(alert, telling, told)
            case Form.EDIT:
                yield from self._edit(alert, telling)
            case Form.RESOLVED:
                yield from self._resolved(alert, telling)
            case Form.STILL_THERE:
                yield _Part(views.still_there(alert, self._around(alert, telling.target)), None, Severity.CRITICAL)

    def _card(self, alert: Alert, telling: Telling) -> Iterator[_Part]:
        key = card_key(alert.id)
        self._buttons.put(alert.id, telling.target, key)
        # That it began is said by the card itself.
        reason = "" if telling.why == Why.FIRED else telling.reason
        yield _Part(views.card(alert, self._around(alert, telling.target), reason), key, alert.severity)

    def _ping(self, alert: Alert, telling: Telling, told: Told | None) -> Iterator[_Part]:
        key = ping_key(alert.id, told.at if told is not None else alert.read_at)
        around = self._around(alert, telling.target)
        yield _Part(views.ping(alert, around, telling.reason), key, alert.severity, hangs=True)
        before = self._buttons.on(alert.id, telling.target)
        if before != key:
            yield from self._without_buttons(alert, around, before)
        yield self._only_changed(views.card(alert, around, buttons=False), card_key(alert.id))
        self._buttons.put(alert.id, telling.target, key)

    def _edit(self, alert: Alert, telling: Telling) -> Iterator[_Part]:
        key, around = card_key(alert.id), self._around(alert, telling.target)
        has_buttons = self._buttons.on(alert.id, telling.target)
        if not alert.is_open:
            # Under a silence: nobody is woken for it, the card says that it is over.
            yield _Part(_quietly(views.resolved(alert, around)), key, alert.severity, in_place=True, ends=True)
            yield from self._without_buttons(alert, around, has_buttons)
            return
        if alert.in_hand is not None or telling.why in (Why.NOT_IN_HAND, Why.SILENCED):
            yield from self._without_buttons(alert, around, has_buttons)
            self._buttons.put(alert.id, telling.target, key)
            has_buttons = key
        message = views.card(alert, around, telling.reason, buttons=has_buttons == key)
        severity = Severity.INFO if telling.why in _CAN_WAIT else alert.severity
        yield _Part(message, key, severity, in_place=True)

    def _resolved(self, alert: Alert, telling: Telling) -> Iterator[_Part]:
        key, around = card_key(alert.id), self._around(alert, telling.target)
        message = views.resolved(alert, around)
        is_told_aloud = alert.peak.reaches(Severity.CRITICAL)
        yield _Part(_quietly(message), key, alert.severity, in_place=True, ends=True, only_changes=is_told_aloud)
        if is_told_aloud:
            yield _Part(message, f"{key}#over", alert.severity, ends=True, hangs=True)
        yield from self._without_buttons(alert, around, self._buttons.on(alert.id, telling.target))

    def _without_buttons(self, alert: Alert, around: Around, key: str) -> Iterator[_Part]:
        """A ping loses them. Of the card the same is said by whoever changes it."""
        if key != card_key(alert.id):
            yield self._only_changed(views.former(alert, around), key)

    def _only_changed(self, message: Message, key: str) -> _Part:
        return _Part(_quietly(message), key, Severity.INFO, in_place=True, only_changes=True)

    def _morning(self, target: Target, held: Sequence[Alert]) -> _Part:
        """What quiet hours held for one room: of one that stands its card, else a list."""
        first = held[0]
        key, around = card_key(first.id), self._around(first, target)
        if len(held) > 1:
            worst = max((one.peak for one in held), key=lambda one: one.rank)
            return _Part(views.digest(held, around), None, worst)
        if first.is_open:
            self._buttons.put(first.id, target, key)
            return _Part(views.card(first, around, HELD), key, first.severity)
        return _Part(views.resolved(first, around, HELD), key, first.peak)


def _quietly(message: Message) -> Message:
    return replace(message, silent=True)
