"""One argument of an ask as a field of a form: all of it read from the class of the ask (pure)."""

from collections.abc import Sequence
from typing import Any, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt, MaxLen
from pydantic.fields import FieldInfo

from bot_integration import Argument, ArgumentType
from chatops.asks import Ask
from chatops.asks.ask import Closed, Thing
from chatops.asks.custom import CustomAsk, said_value
from chatops.forms import MOST_OPTIONS, Field, Takes
from chatops.layout import fit
from chatops.views.custom import takes as declared

#: Characters of a hint.
_HINT = 150
_NUMBERS = frozenset({ArgumentType.INT, ArgumentType.FLOAT})


def field(kind: type[Ask], argument: str, given: str = "") -> Field:
    """The field of an argument that is typed, with what is `given` in it, else with what it is where nobody says it."""
    found = kind.model_fields[argument]
    declaration = kind.argument(argument) if issubclass(kind, CustomAsk) else None
    options = _options(found, declaration)
    return Field(
        argument,
        _label(argument, found, declaration),
        takes=_takes(kind, argument, options, declaration),
        options=options,
        given=given or (text_of(found.default) if found.default else ""),
        optional=argument not in kind.needed(),
        hint=fit(_hint(kind, argument, options, declaration), _HINT),
        longest=_longest(found, declaration),
    )


def of_bot(names: Sequence[str]) -> Field:
    """The field of the bot that is meant, one of these."""
    takes = Takes.CHOICE if len(names) <= MOST_OPTIONS else Takes.SUGGESTED
    return Field("bot", "Bot", takes, tuple(names) if takes is Takes.CHOICE else (), optional=True, longest=64)


def text_of(value: Any) -> str:
    """A value of an ask as somebody would type it: read back it is the same."""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return said_value(value)


def _label(argument: str, found: FieldInfo, declaration: Argument | None) -> str:
    """Its name, or the title that it has where that alone says little."""
    name = (declaration.name if declaration else found.title or argument).replace("_", " ")
    unit = f" ({declaration.unit})" if declaration is not None and declaration.unit else ""
    return f"{name[:1].upper()}{name[1:]}{unit}"


def _options(found: FieldInfo, declaration: Argument | None) -> tuple[str, ...]:
    """All that it may be, where that is a list."""
    if declaration is not None:
        return ("yes", "no") if declaration.type is ArgumentType.BOOL else declaration.choices
    if get_origin(found.annotation) is Literal:
        return tuple(str(one) for one in get_args(found.annotation) if one != "")
    if any(isinstance(mark, Closed) for mark in found.metadata):
        return tuple(str(one) for one in found.examples or ())
    return ()


def _takes(kind: type[Ask], argument: str, options: tuple[str, ...], declaration: Argument | None) -> Takes:
    if kind.names(argument) is not None:
        return Takes.SUGGESTED
    if options:
        return Takes.CHOICE
    found = kind.model_fields[argument]
    is_number = declaration.type in _NUMBERS if declaration else found.annotation in (int, float)
    return Takes.NUMBER if is_number else Takes.TEXT


def _hint(kind: type[Ask], argument: str, options: tuple[str, ...], declaration: Argument | None) -> str:
    if declaration is not None:
        said = "" if options or declaration.type is ArgumentType.POSITION else f"{declared(declaration)}."
        usual = f" {declaration.default} where you do not say." if declaration.default else ""
        return f"{declaration.help} {said[:1].upper()}{said[1:]}{usual}".strip()
    found = kind.model_fields[argument]
    if kind.names(argument) is Thing.TIME and found.examples:
        return f"As {', '.join(map(str, found.examples))}."
    bounds = ", ".join(bound for mark in found.metadata if (bound := _bound(mark)))
    return f"{bounds[:1].upper()}{bounds[1:]}." if bounds and kind.names(argument) is None else ""


def _bound(mark: object) -> str:
    match mark:
        case Gt(gt=low):
            return f"over {low}"
        case Ge(ge=low):
            return f"at least {low}"
        case Lt(lt=high):
            return f"under {high}"
        case Le(le=high):
            return f"at most {high}"
        case _:
            return ""


def _longest(found: FieldInfo, declaration: Argument | None) -> int:
    if declaration is not None:
        return declaration.longest if declaration.type is ArgumentType.STR else 64
    return next((mark.max_length for mark in found.metadata if isinstance(mark, MaxLen)), 200)
