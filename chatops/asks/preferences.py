"""Asks about what a room chooses for itself."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from chatops.asks.ask import Ask, Label, folded
from chatops.notices.kinds import Loudness
from chatops.people import Role


class Pin(Ask, word="pin", role=Role.OPERATOR, changes=True):
    """Keep the status in sight in this room, pinned and up to date, or let it go."""

    switch: Annotated[Literal["on", "off"], BeforeValidator(folded)] = "on"


#: For /prefs: in place of one kind of notices every one of them; in place of a loudness, as it is where nobody says
#: otherwise.
EVERY_KIND, AS_USUAL = "all", "usual"


class Prefs(Ask, word="prefs"):
    """Show what this room is told unasked, and how loudly, or change it."""

    what: Annotated[Label, Field(examples=["kind", EVERY_KIND, AS_USUAL])] = ""
    to: Annotated[Label, Field(examples=[*Loudness, AS_USUAL])] = ""

    @model_validator(mode="before")
    @classmethod
    def _every_kind(cls, given: Any) -> Any:
        """How alone is how for all of them, as the buttons say it: "All as usual"."""
        if isinstance(given, dict) and not given.get("to"):
            what = folded(given.get("what"))
            if what in (*Loudness, AS_USUAL):
                return {**given, "what": EVERY_KIND, "to": what}
        return given

    @property
    def needs(self) -> Role | None:
        """Anyone known may look; what a room is told is an operator's to change."""
        return Role.OPERATOR if self.to else None

    @property
    def reads(self) -> bool:
        """Whether it only looks."""
        return not self.to
