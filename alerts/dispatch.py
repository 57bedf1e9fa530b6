"""Decides what to tell whom: truth, what each target heard last, and time (pure)."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts.audience import audience, may_be_told
from alerts.durations import span
from alerts.escalation import Due, anew, due
from alerts.holding import Hold, holds
from alerts.model import Acknowledgement, Alert, AlertEvent, Key, Ledger, Step, Target, TargetKind, Telling, Told
from alerts.policy import Progress, Whom
from alerts.roster import Roster
from alerts.saying import Saying
from alerts.silence import Silence, covering
from alerts.terms import Terms
from alerts.why import Why

#: The rule of the desk itself that says that somebody should have been told who is not there.
NOBODY_TO_TELL = "nobody_to_tell"
#: So much less room to liquidation than when it was last told is told again (SPEC 7).
SHRUNK = 0.2
#: This part of an acknowledgement's time before its end they are asked if they still work on it, and at least so long,
#: but never in its first half.
ASK_BEFORE = 0.2
ASK_AT_LEAST = timedelta(minutes=1)
#: What is told this soon after it began is told at once.
AT_ONCE = timedelta(seconds=5)
HELD_NO_MORE = "told again: what held it back is over"
LAPSED = "told again: the acknowledgement has lapsed"


@dataclass(frozen=True, slots=True)
class Decision:
    """What to tell, and the alert as it is once that is stored."""

    alert: Alert
    tellings: tuple[Telling, ...] = ()
    told: tuple[Told, ...] = ()
    events: tuple[AlertEvent, ...] = ()
    #: When time alone may change this; None where nothing is to come.
    next_at: datetime | None = None
    #: Words of its policy that came due and mean nobody, nor does anybody stand in for them; None: as before.
    nobody: tuple[str, ...] | None = ()


def decide(
    alert: Alert,
    told: Ledger,
    *,
    terms: Terms,
    silences: Iterable[Silence],
    open_alerts: Mapping[Key, Alert],
    roster: Roster,
    now: datetime,
    figures_changed: bool = False,
    silence_changed: bool = False,
) -> Decision:
    """Compare truth with what each target last heard; whatever differs and may be told is told.

    Asked again with what it gave, at the same moment, it tells nothing. `figures_changed`: an evaluation changed what
    is said of it, and nothing else. `silence_changed`: what holds it back is another silence than its cards name.
    """
    case = _Case(alert, told, roster, now)
    if not alert.is_open:
        return case.resolved(covering(silences, alert, now))
    hold = holds(alert, silences, open_alerts, now)
    if hold is not None:
        return case.held(hold, silence_changed)
    if alert.in_hand is not None:
        return case.in_hand(alert.in_hand)
    return case.unanswered(terms, figures_changed)


def stand_in(alert: Alert, told: Ledger, lost: Collection[Target], *, roster: Roster, now: datetime) -> Decision:
    """What is told to others now, where some of those who were told of this epoch turn out not to be reached.

    Asked again it tells nothing, until somebody else is lost.
    """
    case = _Case(alert, told, roster, now)
    if not alert.is_open or alert.in_hand is not None or alert.progress.held:
        return Decision(alert)
    return case.stood_in([one for one in lost if one in told and told[one].epoch == alert.epoch])


class _Case:
    """One alert at one moment, in one of the four ways that it may stand."""

    def __init__(self, alert: Alert, told: Ledger, roster: Roster, now: datetime) -> None:
        self._alert = alert
        self._told = told
        self._roster = roster
        self._now = now
        self._saying = Saying(alert, told, roster, now)

    def resolved(self, silence: Silence | None) -> Decision:
        """To every target that was told of the fire; under a silence without a sound."""
        alert = self._alert
        lasted = f"resolved after {span((alert.resolved_at or self._now) - alert.began_at)}"
        for target, heard in self._told.items():
            if heard.severity is None:
                continue
            if heard.epoch and (silence is not None or self._roster.muted(target)) and self._may_be_shown(target):
                self._saying.edit(target, Why.RESOLVED, lasted)
            elif not self._may_be_told(target):
                self._saying.given_up(heard)
            else:
                self._saying.resolved(heard, lasted)
        return self._decision(alert, self._saying.wakes_at)

    def held(self, hold: Hold, silence_changed: bool) -> Decision:
        """Time moves on, and nothing is told aloud."""
        alert = self._alert
        coming = due(alert.policy, alert.rose_at, alert.progress, self._now)
        self._edit_all()
        if hold.is_asked and (silence_changed or not alert.progress.held):
            self._edit_silenced(hold.reason)
        # Of repeats, which are without end, there is no line each.
        missed = () if coming.repeats and alert.progress.held else coming.tell
        events: tuple[AlertEvent, ...] = ()
        if missed or not alert.progress.held:
            reason = f"{hold.reason}: {', '.join(missed)} not told" if missed else hold.reason
            events = (AlertEvent(self._now, Step.HELD, reason=reason, severity=alert.severity),)
        moved = replace(alert, progress=replace(coming.progress, held=True))
        return self._decision(moved, _earliest(hold.until, coming.next_at), events)

    def in_hand(self, ack: Acknowledgement) -> Decision:
        """Cards show who has it; near the end of its time they are asked if they still do."""
        self._edit_all()
        # What held it before holds it no more, and who has it in hand knows: it is not told again for that.
        after = replace(self._alert, progress=replace(self._alert.progress, held=False))
        lasts = ack.until - ack.at
        ask_at = ack.until - min(max(ASK_AT_LEAST, ASK_BEFORE * lasts), lasts / 2)
        if ack.asked_again or self._now < ask_at:
            return self._decision(after, ack.until if ack.asked_again else ask_at)
        whom = Target(TargetKind.PERSON, ack.by)
        if self._may_be_told(whom):
            self._saying.ask(whom, f"acknowledged {span(self._now - ack.at)} ago")
        return self._decision(replace(after, acknowledged=replace(ack, asked_again=True)), ack.until)

    def unanswered(self, terms: Terms, figures_changed: bool) -> Decision:
        """Told, and told again, until somebody answers."""
        alert, now = self._alert, self._now
        was_held = alert.progress.held
        progress = anew(now) if was_held else alert.progress
        coming = due(alert.policy, alert.rose_at, progress, now)
        self._step(coming, progress)
        throttle = terms.throttle(alert.severity)
        for target, heard in sorted(self._told.items()):
            again = (Why.HELD_NO_MORE, HELD_NO_MORE) if was_held else self._again(heard, throttle)
            if again is not None and self._may_be_told(target):
                self._saying.aloud(target, *again)
        self._edit_all()
        if throttle is None and alert.severity in terms.throttles and figures_changed:
            self._edit_figures()
        next_at = _earliest(coming.next_at, self._saying.wakes_at, self._throttled_until(throttle))
        nobody, events = (None, ()) if figures_changed and not coming.tell else self._nobody(coming, progress)
        return self._decision(replace(alert, progress=coming.progress), next_at, events, nobody)

    def stood_in(self, lost: Iterable[Target]) -> Decision:
        """The rooms of other platforms for a room, the next person for one."""
        alert = self._alert
        for target in lost:
            word = Whom.NEXT if target.kind is TargetKind.PERSON else Whom.ROOMS
            for other in audience([word], alert, self._roster, self._now).targets:
                heard = self._told.get(other)
                if heard is None or heard.epoch < alert.epoch:
                    self._saying.aloud(other, Why.NOBODY_THERE, f"in place of {target}, which is not reached")
        return self._decision(alert, None)

    # ------------------------------------------------------------------------ parts of them

    def _step(self, coming: Due, progress: Progress) -> None:
        """Tell those for whom a step of the policy is due."""
        alert = self._alert
        meant = audience(coming.tell, alert, self._roster, self._now)
        instead, unreached = dict(meant.instead), dict(meant.unreached)
        for target in meant.targets:
            heard = self._told.get(target)
            if progress.since == self._now:
                lapsed = heard is not None and heard.acknowledged
                why, reason = (Why.LAPSED, LAPSED) if lapsed else (Why.HELD_NO_MORE, HELD_NO_MORE)
            elif heard is not None and heard.epoch < alert.epoch:
                why, reason = _rose(heard, alert)
            elif target in instead:
                why, reason = Why.NOBODY_THERE, f"in place of {instead[target]}, where there is nobody"
            elif target in unreached:
                why, reason = Why.NOBODY_THERE, f"in place of {unreached[target]}, which is not reached"
            elif self._now - alert.rose_at < AT_ONCE:
                why, reason = (Why.FIRED, "began") if alert.epoch == 1 else (Why.ROSE, f"rose to {alert.severity}")
            else:
                waited = f"nobody has acknowledged for {span(self._now - (progress.since or alert.rose_at))}"
                again = (Why.REPEATED, f"told again: {waited}")
                why, reason = again if coming.repeats else (Why.ESCALATED, waited)
            self._saying.aloud(target, why, reason)

    def _edit_all(self) -> None:
        """Bring every card up to date whose severity or acknowledgement is not so any more."""
        alert, ack = self._alert, self._alert.in_hand
        for target, heard in sorted(self._told.items()):
            shows = heard.acknowledged == (ack is not None)
            if (shows and heard.severity is alert.severity) or not self._may_be_shown(target):
                continue
            if not shows and ack is not None:
                self._saying.edit(target, Why.ACKNOWLEDGED, f"acknowledged by {ack.by}")
            elif not shows and heard.epoch == alert.epoch:
                self._saying.edit(target, Why.NOT_IN_HAND, "the acknowledgement counts no more")
            elif heard.severity is not None and heard.severity.reaches(alert.severity):
                self._saying.edit(target, Why.FELL, f"fell from {heard.severity} to {alert.severity}")
            # Of a rise whoever is muted hears aloud once they are not.
            elif self._may_be_told(target) and (alert.progress.held or self._saying.wakes_at is None):
                self._saying.edit(target, *_rose(heard, alert))

    def _edit_silenced(self, reason: str) -> None:
        """Who reads a card elsewhere sees that nobody is called any more. What was sent to a channel stands."""
        for target, heard in sorted(self._told.items()):
            if heard.severity is not None and target.kind is not TargetKind.CHANNEL and self._may_be_shown(target):
                self._saying.edit(target, Why.SILENCED, reason)

    def _again(self, heard: Told, throttle: timedelta | None) -> tuple[Why, str] | None:
        """Why a target is told again of what it knows; None where there is no reason to."""
        alert = self._alert
        if heard.epoch < alert.epoch:
            return _rose(heard, alert)
        if (shrunk := _shrunk(heard, alert)) >= SHRUNK:
            return Why.WORSENED, f"told again: room to liquidation down {shrunk * 100:.0f} %"
        if throttle is not None and heard.target.kind is TargetKind.ROOM and self._now >= heard.at + throttle:
            return Why.STANDS, f"told again: it still stands after {span(throttle)}"
        return None

    def _edit_figures(self) -> None:
        for target in sorted(self._told):
            if target.kind is TargetKind.ROOM and self._may_be_told(target):
                self._saying.edit(target, Why.FIGURES, self._alert.reading.says)

    def _nobody(self, coming: Due, progress: Progress) -> tuple[tuple[str, ...], tuple[AlertEvent, ...]]:
        """The words of all steps that have come due in this epoch and that mean nobody."""
        alert = self._alert
        start = progress.since or alert.rose_at
        words = [word for rung in alert.policy.rungs if start + rung.after <= self._now for word in rung.tell]
        reached = audience(words, alert, self._roster, self._now)
        events: tuple[AlertEvent, ...] = ()
        if coming.tell and not reached.targets:
            reason = f"there is nobody to tell: {', '.join(coming.tell)}"
            events = (AlertEvent(self._now, Step.HELD, reason=reason, severity=alert.severity),)
        return (() if alert.key.rule == NOBODY_TO_TELL else reached.nobody), events

    def _throttled_until(self, throttle: timedelta | None) -> datetime | None:
        if throttle is None:
            return None
        heard = {one.target: one.at for one in (*self._told.values(), *self._saying.told) if one.epoch}
        # What quiet hours hold past its throttle comes when they end.
        again = [at + throttle for target, at in heard.items() if target.kind is TargetKind.ROOM]
        return _earliest(*(at for at in again if at > self._now))

    def _may_be_shown(self, target: Target) -> bool:
        # What a room was told before it was muted stays in sight there, buttons and all.
        return self._roster.muted(target) or self._may_be_told(target)

    def _may_be_told(self, target: Target) -> bool:
        return may_be_told(target, self._alert, self._roster, self._now)

    def _decision(
        self,
        alert: Alert,
        next_at: datetime | None,
        events: tuple[AlertEvent, ...] = (),
        nobody: tuple[str, ...] | None = (),
    ) -> Decision:
        saying = self._saying
        return Decision(alert, saying.tellings, saying.told, (*events, *saying.events()), next_at, nobody)


def _rose(heard: Told, alert: Alert) -> tuple[Why, str]:
    was = "" if heard.severity is None or heard.severity is alert.severity else f"from {heard.severity} "
    return Why.ROSE, f"rose {was}to {alert.severity}"


def _shrunk(heard: Told, alert: Alert) -> float:
    """How much of the room is gone since this target was told, as a fraction."""
    room = alert.reading.room
    if heard.epoch == 0 or heard.room is None or room is None or heard.room <= 0:
        return 0.0
    return 1 - max(0.0, room) / heard.room


def _earliest(*moments: datetime | None) -> datetime | None:
    return min((one for one in moments if one is not None), default=None)
