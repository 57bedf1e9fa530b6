"""The ask for what happened around an alert."""

from typing import Annotated

from chatops.asks.alerts import Number
from chatops.asks.ask import Ask, Names, Thing
from chatops.people import Role


class Incident(Ask, word="incident", role=Role.OPERATOR, stored=True):
    """Make a post-mortem of an alert: what happened, who was told, who did what, as a file."""

    # What others asked stands in it, of its bot and of alerts: for those who answer for them, not for who only looks.
    alert: Annotated[Number, Names(Thing.ALERT)] = 0

    @property
    def said(self) -> str:
        """`Incident 12`."""
        return f"Incident {self.alert}" if self.alert else "Incident"
