"""The log from its steps: what `command_log` says of every ask follows from `command_events`, and from nothing else."""

import json
from dataclasses import dataclass
from typing import Any

from chatops.guard.audit import Standing, State, Step, StepName, after, canonical_json

_UNTOLD = Standing(State.RECEIVED)


@dataclass(frozen=True, slots=True)
class Told:
    """What the steps of an ask have told of it so far."""

    #: The JSON of its facts: of a long record there are many, and as text they need a fraction of the memory.
    text: str | None = None
    standing: Standing = _UNTOLD

    @property
    def facts(self) -> dict[str, Any] | None:
        """As `Asked.facts` has them; None where its first step was not among the steps."""
        facts: dict[str, Any] | None = None if self.text is None else json.loads(self.text)
        return facts

    def and_then(self, step: Step) -> "Told":
        """What they tell with one more."""
        text = canonical_json(dict(step.data)) if step.step is StepName.RECEIVED else self.text
        return Told(text, after(self.standing, step))
