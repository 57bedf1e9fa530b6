"""Asks about what is wrong: which alerts stand, who has them in hand, and what is not to be told for a while."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from alerts.severity import Severity
from chatops.asks.ask import Ask, Closed, Label, Names, Needed, Settled, Thing, Words, folded
from chatops.people import Role


def _without_mark(value: Any) -> Any:
    return value.strip().removeprefix("#") if isinstance(value, str) else value


#: Of an alert, a silence or a stand-in: `12`, `#12`. 0 where none is named.
Number = Annotated[int, BeforeValidator(_without_mark), Field(ge=0, le=2**31 - 1)]


class Alerts(Ask, word="alerts", role=Role.VIEWER):
    """Show what is wrong now, the worst first, or one alert whole."""

    number: Annotated[Number, Names(Thing.ALERT)] = 0
    page: Annotated[int, Field(ge=1, le=10_000), Settled()] = 1
    bot: Label = ""

    @property
    def said(self) -> str:
        """`Alert 12`."""
        return f"Alert {self.number}" if self.number else "Alerts"


class AlertStats(Ask, word="alerts stats", role=Role.VIEWER, stored=True):
    """Show how often each rule fired, and how soon alerts were acknowledged and resolved."""

    days: Annotated[int, Field(ge=1, le=366)] = 30


class Ack(Ask, word="ack", role=Role.OPERATOR, changes=True, emergency=True):
    """Say that you have an alert in hand: nobody is pinged about it."""

    alert: Annotated[Number, Names(Thing.ALERT)] = 0
    #: What was on the card that was pressed; 0: as it stands.
    epoch: Annotated[int, Field(ge=0), Settled()] = 0

    @property
    def said(self) -> str:
        """`Acknowledge alert 12`."""
        return f"Acknowledge alert {self.alert}" if self.alert else "Acknowledge an alert"


class AckAll(Ask, word="ack all", role=Role.OPERATOR, changes=True, emergency=True):
    """Say that you have every alert in hand that stands, of one bot or of all."""

    #: Only what stood then, and has not got worse since; None: what stands when it is asked.
    seen: Annotated[datetime | None, Settled()] = None
    bot: Label = ""

    @property
    def said(self) -> str:
        """`Acknowledge all of alpha`."""
        return "Acknowledge all" + (f" of {self.bot}" if self.bot else "")


class Silence(Ask, word="silence", role=Role.OPERATOR, changes=True):
    """Tell nothing of an alert, a rule, a position or a venue for a while."""

    #: As it was typed; on a card the number of the alert.
    what: Annotated[Label, Needed(), Names(Thing.SILENCED), Field(examples=["alert", "rule", "subject"])] = ""
    length: Annotated[
        Words, BeforeValidator(folded), Needed(), Names(Thing.TIME), Field(examples=["1h", "4h", "until resolved"])
    ] = ""
    bot: Label = ""

    @property
    def said(self) -> str:
        """`Silence health_factor for 1h`."""
        return f"Silence {self.what or 'something'}" + (f" for {self.length}" if self.length else "")


class Unsilence(Ask, word="unsilence", role=Role.OPERATOR, changes=True):
    """End a silence before its time."""

    number: Annotated[Number, Needed(), Names(Thing.SILENCE)] = 0

    @property
    def said(self) -> str:
        """`End silence 3`."""
        return f"End silence {self.number}" if self.number else "End a silence"


class Silences(Ask, word="silences", role=Role.VIEWER, stored=True):
    """Show what is not told, until when, and who wanted that."""


class Rules(Ask, word="rules", role=Role.VIEWER, confirm=True):
    """Show what alerts are held to, or change it."""

    rule: Annotated[Label, Names(Thing.RULE)] = ""
    key: Annotated[Label, Names(Thing.TERM)] = ""
    value: Annotated[Words, Field(examples=["value", "default"])] = ""

    @classmethod
    def forms(cls) -> tuple[str, ...]:
        """Changing is apart from looking."""
        return (cls.word, "rules set")

    @property
    def form(self) -> str:
        """`rules set` changes one."""
        return "rules set" if self.key else self.word

    @property
    def needs(self) -> Role | None:
        """Anybody who may look may look at these; admins change them."""
        return Role.ADMIN if self.key else Role.VIEWER

    @property
    def reads(self) -> bool:
        """Whether it only shows them."""
        return not self.key

    @property
    def said(self) -> str:
        """`Set critical.throttle of health_factor`."""
        return f"Set {self.key} of {self.rule}" if self.key else "Rules"


class Oncall(Ask, word="oncall", role=Role.VIEWER):
    """Show who is on call now and next, and the shifts to come."""


_Until = Annotated[Words, BeforeValidator(folded), Names(Thing.TIME), Field(examples=["2h", "1d"])]


class TakeOncall(Ask, word="oncall take", role=Role.OPERATOR, changes=True):
    """Be on call yourself for a while, or until the shift ends."""

    length: _Until = ""


class GiveOncall(Ask, word="oncall give", role=Role.OPERATOR, changes=True):
    """Put somebody else on call for a while, or until the shift ends."""

    who: Annotated[Label, Needed(), Names(Thing.PERSON)] = ""
    length: _Until = ""


class EndStandIn(Ask, word="oncall end", role=Role.OPERATOR, changes=True):
    """Take back that somebody stands in: the rotation counts again."""

    number: Annotated[Number, Needed(), Names(Thing.STAND_IN)] = 0


_Severity = Annotated[Label, BeforeValidator(folded), Closed(), Field(examples=list(Severity))]


class TryAlert(Ask, word="testalert", role=Role.ADMIN, changes=True):
    """Send a test to whom an alert of this severity tells at once."""

    severity: Annotated[_Severity, Needed()] = ""


class Drill(Ask, word="drill", role=Role.ADMIN, changes=True, confirm=True):
    """Rehearse an alert through its whole escalation."""

    rule: Annotated[Label, Names(Thing.RULE)] = ""
    severity: _Severity = ""

    @property
    def said(self) -> str:
        """`Drill health_factor, critical`."""
        return ", ".join(filter(None, (f"Drill {self.rule}".rstrip(), self.severity)))


class EndDrill(Ask, word="drill end", role=Role.ADMIN, changes=True):
    """End the drill that is under way: who was told reads that it is over."""
