"""Answers to what tries alerting out: testalert, drill, drill end."""

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Protocol

from alerts.model import Alert, Reading, Target
from alerts.policy import Policy
from alerts.severity import Severity
from alerts.terms import Terms
from bot_integration import Outcome
from chatops.alerting.drills import lasts, made_up
from chatops.asks import Drill, EndDrill, TryAlert
from chatops.commands.registry import Asking, Question, Registry, Reply
from chatops.layout import fit
from chatops.room import Room
from chatops.views import drills as views

#: What is rehearsed where nothing is said.
USUAL = "health_factor"


class TriesOut(Protocol):
    """Sends a test."""

    async def try_out(self, severity: Severity, by: str) -> tuple[Target, ...]:
        """Tell whom the first step of this severity tells that this is a test; gives whom that was."""
        ...


class Drills(Protocol):
    """The rehearsals."""

    async def begin(self, reading: Reading, severity: Severity, room: Room) -> Alert:
        """Rehearse this. Raises `ValueError` where one of its rule is under way."""
        ...

    async def end(self) -> list[Alert]:
        """End all that run."""
        ...


class DrillCommands:
    """Tries whether people are reached, and whether they answer."""

    def __init__(
        self,
        alerting: TriesOut,
        drills: Drills,
        terms: Callable[[], Mapping[str, Terms]],
        policies: Mapping[Severity, Policy],
    ) -> None:
        self._alerting = alerting
        self._drills = drills
        self._terms = terms
        self._policies = policies

    def register(self, registry: Registry) -> None:
        """Answer these words."""
        registry.on(TryAlert, self.test)
        registry.on(Drill, self.drill, self.ask_drill)
        registry.on(EndDrill, self.end)

    async def test(self, ask: TryAlert, asking: Asking) -> Reply:
        """One message to whoever is told at once."""
        if not ask.severity:
            return Reply(views.which_test(), outcome=None)
        if ask.severity not in set(Severity):
            return Reply(views.which_test(f"There is no severity “{fit(ask.severity, 20)}”."), Outcome.REFUSED)
        severity = Severity(ask.severity)
        told = await self._alerting.try_out(severity, asking.person.name)
        return Reply(views.tested(severity, told), Outcome.DONE if told else Outcome.REFUSED)

    async def ask_drill(self, ask: Drill, asking: Asking) -> Question | Reply:
        """Whom it will tell when."""
        every = self._terms()
        rule, wanted = ask.rule.casefold(), ask.severity
        if rule in set(Severity) and not wanted:
            rule, wanted = USUAL, rule
        terms = every.get(rule or USUAL)
        if terms is None:
            near = get_close_matches(rule, every, n=3) or sorted(every)
            return Reply(views.which_rule(near, f"There is no rule “{fit(ask.rule, 20)}”."), Outcome.REFUSED)
        if not wanted:
            # Alone it is what wakes people most often.
            wanted = Severity.CRITICAL if Severity.CRITICAL in terms.severities else terms.severities[-1]
        if wanted not in terms.severities:
            said = f"{terms.rule} is never “{fit(wanted, 20)}”. Drill which?"
            return Reply(views.which_severity(terms.rule, terms.severities, said), Outcome.REFUSED)
        settled = Drill(rule=terms.rule, severity=wanted)
        policy = self._policies[Severity(wanted)]
        return Question(settled, views.really_drill(settled, policy, lasts(policy)))

    async def drill(self, ask: Drill, asking: Asking) -> Reply:
        """Begin it."""
        terms = self._terms().get(ask.rule)
        if terms is None or ask.severity not in set(Severity):
            return Reply(views.which_rule(sorted(self._terms()), "Drill what?"), Outcome.REFUSED)
        severity = Severity(ask.severity)
        try:
            alert = await self._drills.begin(made_up(terms, severity), severity, asking.room)
        except ValueError as error:
            return Reply(
                views.which_rule((), f"{str(error)[:1].upper()}{str(error)[1:]}. Say /drill end."), Outcome.REFUSED
            )
        return Reply(views.begun(alert))

    async def end(self, ask: EndDrill, asking: Asking) -> Reply:
        """End whatever runs."""
        drills = await self._drills.end()
        return Reply(views.ended(drills), Outcome.DONE if drills else Outcome.REFUSED)
