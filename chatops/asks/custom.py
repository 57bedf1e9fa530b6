"""Asks that bot authors declare: one class is made for each, as though it stood here."""

import math
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, create_model
from pydantic_core import PydanticCustomError

from bot_integration import Argument, ArgumentType, Declaration
from chatops.asks import by_word
from chatops.asks.ask import Ask, Label, Rest, Thing
from chatops.people import Role

#: So many choices are named in the usage of a word.
_NAMED = 6


class CustomAsk(Ask, hidden=True):
    """A command of a bot author's own. Every argument may be left out: what is missing is asked for."""

    # An author's argument may begin with anything.
    model_config = ConfigDict(protected_namespaces=())

    declared: ClassVar[Declaration]
    #: The bots that have declared it so.
    bots: ClassVar[tuple[str, ...]] = ()
    #: What it is called where it has to be told apart from that of another bot, by bot, folded.
    apart: ClassVar[Mapping[str, str]] = {}

    bot: Label = ""

    @property
    def ruled_as(self) -> tuple[str, ...]:
        """Under every name that it can be offered as: what other bots declare must not rid it of its rules."""
        name = self.declared.name
        known = self.apart.get(self.bot.casefold())
        apart = self.apart.values() if known is None else (known,)
        return (*apart, self.word, *(() if by_word(name) else (name,)))

    @property
    def said(self) -> str:
        """`Cooldown SOL 24`."""
        values = self.values
        said = [said_value(values[one.name], one) for one in self.declared.arguments if one.name in values]
        return " ".join([self.word.replace("_", " ").capitalize(), *said])

    @property
    def doing(self) -> str:
        """The same: what an author's word does is not known here."""
        return self.said

    @property
    def values(self) -> dict[str, Any]:
        """What was said, by the names that the bot knows; JSON values."""
        told = self.model_dump(mode="json", exclude={"bot"})
        return {one.name: told[key] for one in self.declared.arguments if told[key := field_of(one)] is not None}

    @property
    def missing(self) -> Argument | None:
        """The first that has to be said and was not."""
        given = self.values
        return next((one for one in self.declared.arguments if one.required and one.name not in given), None)

    @classmethod
    def names(cls, argument: str) -> Thing | None:
        """Of what a bot declares, positions."""
        if argument == "bot":
            return Thing.BOT
        one = cls.argument(argument)
        return Thing.POSITION if one is not None and one.type is ArgumentType.POSITION else None

    @classmethod
    def needed(cls) -> tuple[str, ...]:
        """Those that their author wants to have."""
        return tuple(field_of(one) for one in cls.declared.arguments if one.required)

    @classmethod
    def usage(cls) -> str:
        """As of any ask, with the arguments by the names that their author gave them."""
        said = ["|".join(one.choices) if 0 < len(one.choices) <= _NAMED else one.name for one in cls.declared.arguments]
        return " ".join([cls.word, *(f"[{one}]" for one in said)])

    def told(self, argument: Argument, value: Any) -> "CustomAsk":
        """The same with this argument. Raises `ValidationError` where it does not fit."""
        return self.model_validate({**self.arguments, field_of(argument): value})

    @classmethod
    def argument(cls, field: str) -> Argument | None:
        """The argument behind a field of this class."""
        return next((one for one in cls.declared.arguments if field_of(one) == field), None)


class Gone(Ask, word="?", hidden=True):
    """A stored ask of a word that is not known now: of another version, or of a bot that has not been heard."""

    said_word: Label = ""

    @property
    def said(self) -> str:
        """The word that it was."""
        return self.said_word


def field_of(argument: Argument) -> str:
    """The field of an ask that holds an argument: its own name, where every ask has no other use for that."""
    name = argument.name
    # No two arguments are one field: "bot" is "bot_", and "bot_" another.
    is_taken = hasattr(CustomAsk, name) or name in CustomAsk.__annotations__ or name.endswith("_")
    return f"{name}_" if is_taken else name


def said_value(value: Any, argument: Argument | None = None) -> str:
    """A value in few words, as that of an argument where it is one's."""
    if argument is not None and argument.type is ArgumentType.MOMENT:
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            moment = None
        # Settled, it has the offset of whoever said it. Until then it is as it was typed.
        return f"{moment:%Y-%m-%d %H:%M %Z}" if moment is not None and moment.tzinfo is not None else str(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def ask_of(word: str, declaration: Declaration, bots: tuple[str, ...], text: str) -> type[CustomAsk]:
    """The class of asks that a declaration makes, under this word; `text` is its help."""
    last = declaration.arguments[-1] if declaration.arguments else None
    fields: dict[str, Any] = {}
    for one in declaration.arguments:
        kind: Any = _type(one) | None
        if one is last and one.type is ArgumentType.STR:
            kind = Annotated[kind, Rest()]
        fields[field_of(one)] = (kind, None)
    made: type[CustomAsk] = create_model(
        f"Custom_{word}",
        __base__=CustomAsk,
        __doc__=text,
        __cls_kwargs__={
            "word": word,
            "role": Role(declaration.role),
            "risk": declaration.risk,
            "confirm": declaration.confirm,
        },
        **fields,
    )
    made.declared, made.bots = declaration, bots
    return made


def _type(one: Argument) -> Any:
    match one.type:
        case ArgumentType.STR:
            return Annotated[str, Field(min_length=1, max_length=one.longest)]
        case ArgumentType.INT:
            bounds: dict[str, Any] = {
                "ge": None if one.min is None else math.ceil(one.min),
                "le": None if one.max is None else math.floor(one.max),
                "gt": None if one.above is None else math.floor(one.above),
                "lt": None if one.below is None else math.ceil(one.below),
            }
            return Annotated[int, BeforeValidator(_without(one.unit)), Field(**bounds)]
        case ArgumentType.FLOAT:
            numbers: dict[str, Any] = {"ge": one.min, "le": one.max, "gt": one.above, "lt": one.below}
            return Annotated[float, BeforeValidator(_without(one.unit)), Field(**numbers)]
        case ArgumentType.BOOL:
            return bool
        case ArgumentType.CHOICE:
            return Annotated[str, AfterValidator(partial(_one_of, one.choices))]
        case ArgumentType.MOMENT | ArgumentType.POSITION:
            # As they were typed: what is meant depends on the clock, and on what the bot holds.
            return Annotated[str, Field(min_length=1, max_length=64)]


def _without(unit: str) -> Callable[[Any], Any]:
    """Takes the unit off that somebody typed behind a number."""

    def bare(value: Any) -> Any:
        return value.strip().casefold().removesuffix(unit.casefold()).strip() if isinstance(value, str) else value

    return bare


def _one_of(choices: tuple[str, ...], value: str) -> str:
    exact = value if value in choices else None
    found = exact or next((one for one in choices if one.casefold() == value.casefold()), None)
    if found is None:
        raise PydanticCustomError("choice", "should be one of {choices}", {"choices": ", ".join(choices[:_NAMED])})
    return found
