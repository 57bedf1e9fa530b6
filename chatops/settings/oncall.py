"""Who is on call, in turn."""

from datetime import date
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field

from alerts.oncall import Rotation
from chatops.settings.section import Section
from chatops.settings.times import Handover, weekday_and_time
from chatops.settings.values import Name, ZoneName

#: A Monday. Which it is matters only where somebody wants to begin: then they say so.
_SOME_DAY = date(2024, 1, 1)


class OncallSettings(Section):
    """A rotation; without people there is none, and only who stands in is on call."""

    people: tuple[Name, ...] = Field((), description='a list of names of people in the order of turns, as in ["ada"]')
    handover: Handover = Field("monday 09:00", description='a day and a time, as in "monday 09:00"')
    #: None: as the desk.
    timezone: ZoneName | None = Field(None, description="a name from the IANA list, such as Europe/Berlin")
    weeks: Annotated[int, Field(strict=True, ge=1, le=52)] = Field(1, description="how long a turn is, from 1 to 52")
    starts: date = Field(_SOME_DAY, description="the day on which the first of them began, as in 2026-05-04")

    def rotation(self, zone: str) -> Rotation | None:
        """The same, as alerts have it; `zone` is the desk's."""
        if not self.people:
            return None
        weekday, at = weekday_and_time(self.handover)
        return Rotation(self.people, self.starts, weekday, at, ZoneInfo(self.timezone or zone), self.weeks)
