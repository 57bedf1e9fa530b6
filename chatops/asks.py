"""Everything that a person may ask, one class each: its word, its role, its risk, its help and its arguments.

The parser, `/help`, the platforms' menus and the permission check read these classes and nothing else.
"""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic.fields import FieldInfo

from bot_integration import CommandRisk
from chatops.notices.kinds import Loudness
from chatops.people import Role


class Rest:
    """Marks an argument that takes all the text that is left."""


def _without_percent_sign(value: Any) -> Any:
    return value.strip().removesuffix("%") if isinstance(value, str) else value


def _folded(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


Percent = Annotated[float, BeforeValidator(_without_percent_sign), Field(gt=0, le=100)]
Words = Annotated[str, Field(max_length=200), Rest()]
Count = Annotated[int, Field(ge=1, le=100)]
Label = Annotated[str, Field(max_length=64)]


class Ask(BaseModel):
    """Base of all asks. Fields are the arguments, in the order in which they are typed."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    word: ClassVar[str] = ""
    #: The least that a person must be.
    role: ClassVar[Role | None] = None
    #: None for what moves no bot.
    risk: ClassVar[CommandRisk | None] = None
    #: Whether to ask twice.
    confirm: ClassVar[bool] = False
    #: Not typed by people: only buttons make it.
    hidden: ClassVar[bool] = False

    def __init_subclass__(
        cls,
        *,
        word: str = "",
        role: Role | None = None,
        risk: CommandRisk | None = None,
        confirm: bool = False,
        hidden: bool = False,
        **others: Any,
    ) -> None:
        """Take what an ask says of itself in its class line."""
        super().__init_subclass__(**others)
        cls.word, cls.role, cls.risk = word, role, risk
        cls.confirm, cls.hidden = confirm, hidden

    @property
    def needs(self) -> Role | None:
        """The role that this very ask needs; None lets in anyone known."""
        return self.role

    @property
    def reads(self) -> bool:
        """Whether it changes nothing."""
        return self.risk is None

    @property
    def arguments(self) -> dict[str, Any]:
        """What was said beyond the word; JSON values."""
        return self.model_dump(mode="json", exclude_defaults=True)

    @classmethod
    def summary(cls) -> str:
        """What it shows or does, in one sentence."""
        return (cls.__doc__ or "").strip().splitlines()[0]

    @classmethod
    def usage(cls) -> str:
        """How it is typed, as in `close [position] [percent]`; of few choices each is named, as in `pin [on|off]`."""
        said = [_choices(field) or name for name, field in cls.model_fields.items() if name != "bot"]
        return " ".join([cls.word, *(f"[{one}]" for one in said)])


def _choices(field: FieldInfo) -> str:
    """What may be typed for it, where that is little: of a `Literal` all of it, else its examples."""
    named = get_args(field.annotation) if get_origin(field.annotation) is Literal else field.examples or ()
    return "|".join(str(one) for one in named)


class Start(Ask, word="start"):
    """Say who you are and what you can do here."""


class Help(Ask, word="help"):
    """Show what you may ask, or all about one word."""

    about: Label = ""


class Whoami(Ask, word="whoami"):
    """Show your name, your role and the account that I know you by."""


class Version(Ask, word="version"):
    """Show which Quarterdeck this is."""


class Status(Ask, word="status", role=Role.VIEWER):
    """Show how each bot is: money, danger, venues, and how old the facts are."""

    bot: Label = ""


class Positions(Ask, word="positions", role=Role.VIEWER):
    """Show every position, the most endangered first."""

    page: Annotated[int, Field(ge=1, le=10_000)] = 1
    bot: Label = ""


class ShowPosition(Ask, word="position", role=Role.VIEWER):
    """Show one position: its money, its danger, both legs."""

    position: Label = ""
    bot: Label = ""


class Close(Ask, word="close", role=Role.OPERATOR, risk=CommandRisk.REDUCES, confirm=True):
    """Close a position, or a part of it."""

    position: Label = ""
    percent: Percent = 100
    bot: Label = ""


#: Scopes of a pause that an operator may touch; wider ones are for admins.
OPERATOR_SCOPES = ("entry", "exit")


class _Scoped(Ask):
    scope: Annotated[Label, Field(examples=[*OPERATOR_SCOPES, "all", "venue"])] = ""
    reason: Words = ""
    bot: Label = ""

    @property
    def needs(self) -> Role | None:
        """An operator may hold entries or exits; all, or a whole venue, is for admins."""
        if not self.scope or self.scope.casefold() in OPERATOR_SCOPES:
            return Role.OPERATOR
        return Role.ADMIN


class Pause(_Scoped, word="pause", role=Role.OPERATOR, risk=CommandRisk.REDUCES, confirm=True):
    """Hold a bot back: entry, exit, all, or one venue."""


class Resume(_Scoped, word="resume", role=Role.OPERATOR, risk=CommandRisk.INCREASES, confirm=True):
    """Let a paused bot go on: entry, exit, all, or one venue."""


class Events(Ask, word="events", role=Role.VIEWER):
    """Show what happened last."""

    count: Count = 10
    bot: Label = ""


class Pin(Ask, word="pin", role=Role.OPERATOR):
    """Keep the status in sight in this room, pinned and up to date, or let it go."""

    switch: Annotated[Literal["on", "off"], BeforeValidator(_folded)] = "on"

    @property
    def reads(self) -> bool:
        """It changes the room, though no bot."""
        return False


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
            what = _folded(given.get("what"))
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


class Cancel(Ask, word="cancel", hidden=True):
    """Leave a question unanswered: nothing is done."""


#: Every ask, in the order in which help and menus show them.
ASKS: tuple[type[Ask], ...] = (
    Status,
    Positions,
    ShowPosition,
    Close,
    Pause,
    Resume,
    Events,
    Pin,
    Prefs,
    Help,
    Whoami,
    Version,
    Start,
    Cancel,
)


def by_word(word: str) -> type[Ask] | None:
    """The ask of this word, hidden ones included."""
    return _BY_WORD.get(word)


def stored_ask(word: str, arguments: Mapping[str, Any]) -> Ask | None:
    """The ask of a stored row; None where this version no longer has the word, or takes other arguments."""
    kind = by_word(word)
    try:
        return None if kind is None else kind.model_validate(arguments)
    except ValidationError:
        return None


_BY_WORD = {ask.word: ask for ask in ASKS}
