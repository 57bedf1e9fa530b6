"""Asks about what rooms and people choose for themselves."""

from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field, model_validator

from chatops.asks.ask import Ask, Label, folded
from chatops.habit_kinds import THEMES, HabitKind
from chatops.notices.kinds import Loudness
from chatops.people import Role
from chatops.report_kinds import ReportKind


class Pin(Ask, word="pin", role=Role.OPERATOR, changes=True):
    """Keep the status in sight in this room, pinned and up to date, or let it go."""

    switch: Annotated[Literal["on", "off"], BeforeValidator(folded)] = "on"


#: For /prefs: in place of one kind of notices every one of them; in place of a loudness, as it is where nobody says
#: otherwise.
EVERY_KIND, AS_USUAL = "all", "usual"
#: For /prefs, last or first: not for whoever asks, but for the room.
THE_ROOM: Final = "room"
#: For /reports: not on, off or at a time, but the one that is under way, to who asks.
NOW = "now"
_OF_HABITS = frozenset(HabitKind)


class Prefs(Ask, word="prefs"):
    """Show or change your zone, theme and quiet hours, and what this room is told unasked."""

    what: Annotated[Label, Field(examples=["kind", *HabitKind, EVERY_KIND, AS_USUAL])] = ""
    to: Annotated[Label, Field(examples=[*Loudness, AS_USUAL])] = ""
    whose: Annotated[Literal["", "room"], BeforeValidator(folded)] = ""

    @model_validator(mode="before")
    @classmethod
    def _as_people_say_it(cls, given: Any) -> Any:
        """`room zone UTC` as `zone UTC room`, `dark` as `theme dark`, and how alone as how for all of them.

        So `zone room` looks at the room's.
        """
        if not isinstance(given, dict):
            return given
        if folded(given.get("what")) == THE_ROOM:
            shifted = {"what": given.get("to", ""), "to": given.get("whose", ""), "whose": THE_ROOM}
            given = {**given, **shifted}
        if folded(given.get("to")) == THE_ROOM and not given.get("whose"):
            given = {**given, "to": "", "whose": THE_ROOM}
        if folded(given.get("what")) == HabitKind.ZONE and folded(given.get("whose")) not in ("", THE_ROOM, None):
            # A city of two words.
            return {**given, "to": f"{given['to']}_{given['whose']}", "whose": ""}
        if not given.get("to"):
            what = folded(given.get("what"))
            if what in THEMES:
                return {**given, "what": HabitKind.THEME, "to": what}
            if what in (*Loudness, AS_USUAL):
                return {**given, "what": EVERY_KIND, "to": what}
        return given

    @property
    def habit(self) -> HabitKind | None:
        """What of how somebody reads it is about; None where it is about notices."""
        what = folded(self.what)
        return HabitKind(what) if what in _OF_HABITS else None

    @property
    def of_room(self) -> bool:
        """Whether it is the room's choice."""
        return self.habit is None or folded(self.whose) == THE_ROOM

    @property
    def needs(self) -> Role | None:
        """Anyone known may look, and choose for themselves; what a room has is an operator's to change."""
        return Role.OPERATOR if self.to and self.of_room else None

    @property
    def reads(self) -> bool:
        """Whether it only looks."""
        return not self.to


class Reports(Ask, word="reports", role=Role.VIEWER):
    """Show which reports this room is told and when the next comes, or change it."""

    kind: Annotated[Label, Field(examples=[*ReportKind])] = ""
    to: Annotated[Label, Field(examples=["on", "off", "08:30", NOW])] = ""

    @property
    def needs(self) -> Role | None:
        """To look, and to have one now, is for viewers; what a room is told is an operator's to change."""
        return Role.VIEWER if self.reads else Role.OPERATOR

    @property
    def reads(self) -> bool:
        """Whether it changes nothing."""
        return folded(self.to) in ("", NOW)
