"""What every ask is: a word with what it needs, what it risks and what it is told."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.fields import FieldInfo

from bot_integration import CommandRisk
from chatops.people import Role


class Rest:
    """Marks an argument that takes all the text that is left."""


class Unlogged:
    """Marks an argument that is on no record and behind no button: a code."""


class Settled:
    """Marks an argument that nobody types: a question fills it in, with what was read of the others."""


class Needed:
    """Marks an argument without which nothing can be done: left out, it is asked for."""


class Closed:
    """Marks an argument whose examples are all that it may be."""


class Thing(StrEnum):
    """What an argument may name, of what there is: so it can be offered."""

    ALERT = "alert"
    BOT = "bot"
    BREAKER = "breaker"
    CATEGORY = "category"
    PARAMETER = "parameter"
    PERSON = "person"
    POSITION = "position"
    ROOM = "room"
    RULE = "rule"
    SCOPE = "scope"
    SILENCE = "silence"
    #: Alerts, rules, positions, legs and venues.
    SILENCED = "silenced"
    STAND_IN = "stand-in"
    #: A key of a rule.
    TERM = "term"
    #: A length or a moment: anything that can be typed, and the examples.
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Names:
    """Marks an argument that names something."""

    thing: Thing


def folded(value: Any) -> Any:
    """A text in one case; anything else as it is."""
    return value.casefold() if isinstance(value, str) else value


def _without_percent_sign(value: Any) -> Any:
    return value.strip().removesuffix("%") if isinstance(value, str) else value


Percent = Annotated[float, BeforeValidator(_without_percent_sign), Field(gt=0, le=100)]
Words = Annotated[str, Field(max_length=200), Rest()]
Count = Annotated[int, Field(ge=1, le=100)]
Label = Annotated[str, Field(max_length=64)]
Code = Annotated[str, Field(max_length=64, repr=False), Unlogged()]


class Ask(BaseModel):
    """Base of all asks. Fields are the arguments, in the order in which they are typed."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    #: What is typed; two words where it is one of several things that a word does ("close all").
    word: ClassVar[str] = ""
    #: The least that a person must be.
    role: ClassVar[Role | None] = None
    #: None for what moves no bot.
    risk: ClassVar[CommandRisk | None] = None
    #: Whether to ask twice.
    confirm: ClassVar[bool] = False
    #: Whether it changes something of the desk, though it moves no bot.
    changes: ClassVar[bool] = False
    #: Must never wait for a limit.
    emergency: ClassVar[bool] = False
    #: Only the database has its answer.
    stored: ClassVar[bool] = False
    #: Not typed by people: only buttons make it.
    hidden: ClassVar[bool] = False

    def __init_subclass__(
        cls,
        *,
        word: str = "",
        role: Role | None = None,
        risk: CommandRisk | None = None,
        confirm: bool = False,
        changes: bool = False,
        emergency: bool = False,
        stored: bool = False,
        hidden: bool = False,
        **others: Any,
    ) -> None:
        """Take what an ask says of itself in its class line."""
        super().__init_subclass__(**others)
        cls.word, cls.role, cls.risk = word, role, risk
        cls.confirm, cls.changes, cls.emergency, cls.stored, cls.hidden = confirm, changes, emergency, stored, hidden

    @property
    def form(self) -> str:
        """Which of the things that its word does, where rules differ: `pause all` besides `pause`."""
        return self.word

    @classmethod
    def forms(cls) -> tuple[str, ...]:
        """Every `form` that there is of it: what settings may name."""
        return (cls.word,)

    @property
    def ruled_as(self) -> tuple[str, ...]:
        """The words whose rules in the settings bind it, besides those of its form: the nearest first."""
        return (self.word,)

    @property
    def needs(self) -> Role | None:
        """The role that this very ask needs by default; None lets in anyone known."""
        return self.role

    @property
    def moves(self) -> CommandRisk | None:
        """The risk of this very ask, where it depends on its arguments."""
        return self.risk

    @property
    def proves(self) -> bool:
        """Whether it needs a code whatever the settings say."""
        return False

    @property
    def said(self) -> str:
        """It in a few words, as in a question: `Close SOL-1`."""
        return self.word.capitalize()

    @property
    def doing(self) -> str:
        """What is said while it is done: `Closing SOL-1`. It claims nothing that is not so yet."""
        return "Working on it"

    @property
    def reads(self) -> bool:
        """Whether it changes nothing."""
        return self.risk is None and not self.changes

    @property
    def cannot_wait(self) -> bool:
        """Whether it is done while the database is away, and put on record afterwards."""
        if self.reads or self.moves is CommandRisk.REDUCES:
            return True
        return self.emergency and self.moves is not CommandRisk.INCREASES

    @property
    def arguments(self) -> dict[str, Any]:
        """What was said beyond the word, without what must not be on record; JSON values."""
        return self.model_dump(mode="json", exclude_defaults=True, exclude=self.unlogged())

    @classmethod
    def unlogged(cls) -> set[str]:
        """The arguments that are on no record."""
        return {
            name for name, field in cls.model_fields.items() if any(isinstance(m, Unlogged) for m in field.metadata)
        }

    @classmethod
    def typed(cls) -> tuple[str, ...]:
        """The arguments that people type behind the word, in their order; a bot's name goes before them."""
        return tuple(
            name
            for name, field in cls.model_fields.items()
            if name != "bot" and not any(isinstance(mark, Settled) for mark in field.metadata)
        )

    @classmethod
    def names(cls, argument: str) -> Thing | None:
        """What this argument names; None where it names nothing that there is a list of."""
        field = cls.model_fields.get(argument)
        if argument == "bot" and field is not None:
            return Thing.BOT
        return next((mark.thing for mark in field.metadata if isinstance(mark, Names)), None) if field else None

    @classmethod
    def needed(cls) -> tuple[str, ...]:
        """The typed arguments without which nothing can be done."""
        fields = cls.model_fields
        return tuple(name for name in cls.typed() if any(isinstance(mark, Needed) for mark in fields[name].metadata))

    @property
    def lacks(self) -> tuple[str, ...]:
        """Those of them that were not said."""
        return tuple(name for name in self.needed() if getattr(self, name) == type(self).model_fields[name].default)

    @classmethod
    def summary(cls) -> str:
        """What it shows or does, in one sentence."""
        return (cls.__doc__ or "").strip().splitlines()[0]

    @classmethod
    def usage(cls) -> str:
        """How it is typed, as in `close [position] [percent]`; of few choices each is named, as in `pin [on|off]`."""
        said = [_choices(cls.model_fields[name]) or name for name in cls.typed()]
        return " ".join([cls.word, *(f"[{one}]" for one in said)])


def _choices(field: FieldInfo) -> str:
    """What may be typed for it, where that is little: of a `Literal` all of it, else its examples."""
    named = get_args(field.annotation) if get_origin(field.annotation) is Literal else field.examples or ()
    return "|".join(str(one) for one in named if one != "")


class Cancel(Ask, word="cancel", hidden=True):
    """Leave a question unanswered: nothing is done."""
