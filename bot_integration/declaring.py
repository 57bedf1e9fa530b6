"""Reads a command of a bot author's own off his coroutine, and runs it with values that fit its model."""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, get_type_hints

from pydantic import BaseModel, Field, GetJsonSchemaHandler, ValidationError
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticUndefined, to_json, to_jsonable_python

from bot_integration.commands import Command, CommandResult, CommandRisk, Custom, Outcome, Preview
from bot_integration.declarations import LONGEST_TEXT, ArgumentType, Declaration
from bot_integration.errors import Refused

#: A coroutine that takes the model of its arguments, the `Custom` itself, both or neither.
Own = Callable[..., Awaitable[CommandResult | Mapping[str, Any] | str | None]]
OwnPreview = Callable[..., Awaitable[Preview | str]]


@dataclass(frozen=True, slots=True)
class Unit:
    """Says what a number counts: `hours: Annotated[float, Unit("h")]`."""

    name: str

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {**handler(schema), "unit": self.name}


@dataclass(frozen=True, slots=True)
class _OfPosition:
    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {**handler(schema), "format": "position"}


#: The id of a position that the bot holds: people choose it from buttons.
PositionId = Annotated[str, Field(min_length=1, max_length=64), _OfPosition()]


@dataclass(frozen=True, slots=True)
class _Call:
    """A coroutine, and under which names it wants the values and the command."""

    function: Callable[..., Awaitable[Any]]
    model: type[BaseModel] | None
    values_as: str = ""
    command_as: str = ""

    async def __call__(self, command: Custom, values: BaseModel | None) -> Any:
        given = {self.values_as: values, self.command_as: command}
        return await self.function(**{name: value for name, value in given.items() if name})


class Declared:
    """One command of a bot author's own, with what carries it out."""

    def __init__(self, declaration: Declaration, carry_out: _Call) -> None:
        self.declaration = declaration
        self._carry_out = carry_out
        self._foretell: _Call | None = None

    def foretold_by(self, function: OwnPreview) -> None:
        """Have this coroutine say what it would do. Raises `ValueError` where it takes something else."""
        call = _call(self.declaration.name, function)
        if call.model not in (None, self._carry_out.model):
            raise ValueError(f"the preview of {self.declaration.name} takes another model than the command")
        self._foretell = call

    async def run(self, command: Custom, now: datetime) -> CommandResult:
        """Carry it out. Raises `Refused` where the values do not fit."""
        answer = await self._carry_out(command, self._values(command))
        if isinstance(answer, CommandResult):
            return answer.model_copy(update={"command_id": command.id})
        if isinstance(answer, Mapping):
            # As it would arrive from afar, so that nobody can tell near from far.
            data = to_jsonable_python(dict(answer), fallback=str)
            return CommandResult(command_id=command.id, outcome=Outcome.DONE, finished_at=now, data=data)
        return CommandResult(command_id=command.id, outcome=Outcome.DONE, finished_at=now, message=answer or "Done.")

    async def preview(self, command: Custom, now: datetime) -> Preview | None:
        """What it would do now; None where its author does not say. Raises `Refused` where the values do not fit."""
        values = self._values(command)
        if self._foretell is None:
            return None
        said = await self._foretell(command, values)
        return said if isinstance(said, Preview) else Preview(command=command.name, at=now, message=said)

    def _values(self, command: Custom) -> BaseModel | None:
        model, given = self._carry_out.model, command.values
        if unknown := given.keys() - (model.model_fields.keys() if model else set()):
            raise Refused(f"{self.declaration.name} takes no {', '.join(sorted(unknown))}.")
        if model is None:
            return None
        try:
            # As JSON, near and far alike: a strict model takes a moment or a choice as text there, and only there.
            return model.model_validate_json(to_json(given, fallback=str))
        except ValidationError as error:
            raise Refused(_in_words(error)) from error


def declare(
    name: str, function: Own, *, role: str, risk: CommandRisk | None, confirm: bool | None, text: str | None
) -> Declared:
    """The command that this coroutine carries out.

    Raises `ValueError` where its name, its role or its model cannot be shown to people, with what can.
    """
    call = _call(name, function)
    said = inspect.cleandoc(function.__doc__ or "") if text is None else text
    try:
        declaration = Declaration.model_validate(
            {
                "name": name,
                "help": said or f"Do {name.replace('_', ' ')}.",
                "role": role,
                "risk": risk,
                "confirm": risk is not None if confirm is None else confirm,
                "arguments": _arguments(name, call.model) if call.model else (),
            }
        )
    except ValidationError as error:
        raise ValueError(f"the command “{name}” cannot be declared: {_in_words(error)}") from error
    return Declared(declaration, call)


def _call(name: str, function: Callable[..., Awaitable[Any]]) -> _Call:
    takes = f"the command “{name}”: a coroutine that takes one pydantic model, the Custom itself, both or neither"
    if not inspect.iscoroutinefunction(function):
        raise ValueError(takes)
    try:
        hints = get_type_hints(function)
    except NameError as error:
        raise ValueError(f"the command “{name}”: {error}; its model must stand where the module can see it") from error
    model: type[BaseModel] | None = None
    named = {"values_as": "", "command_as": ""}
    for parameter in inspect.signature(function).parameters.values():
        kind = hints.get(parameter.name)
        role = "command_as" if kind is Custom else "values_as"
        fits = (
            isinstance(kind, type) and issubclass(kind, BaseModel) and (kind is Custom or not issubclass(kind, Command))
        )
        if not fits or named[role]:
            raise ValueError(f"{takes}; “{parameter.name}” is neither")
        named[role] = parameter.name
        model = model if kind is Custom else kind
    return _Call(function, model, **named)


def _arguments(name: str, model: type[BaseModel]) -> list[dict[str, Any]]:
    try:
        schema = model.model_json_schema(by_alias=False)
    except Exception as error:
        raise ValueError(f"the command “{name}”: {model.__name__} cannot be told as JSON: {error}") from error
    found = []
    for field, told in schema.get("properties", {}).items():
        info = model.model_fields[field]
        if info.alias is not None or info.validation_alias is not None:
            raise ValueError(f"the command “{name}”: {field} has an alias; people type its own name")
        if field == "bot":
            raise ValueError(f"the command “{name}”: no argument can be called bot; people name the bot by that")
        shape = _shape(told, schema.get("$defs", {}))
        argument = _typed(shape) if shape is not None else None
        if shape is None or argument is None:
            can = ", ".join(ArgumentType)
            raise ValueError(f"the command “{name}”: {field} is nothing that can be typed in a chat; there are {can}")
        default = info.default
        said = "" if default in (PydanticUndefined, None) else _said(told.get("default"))
        about = {"unit": shape.get("unit", ""), "help": info.description or "", "default": said}
        found.append({"name": field, "required": info.is_required(), **argument, **about})
    return found


def _shape(told: Mapping[str, Any], defs: Mapping[str, Any]) -> dict[str, Any] | None:
    """What one field is, without its names and without "or nothing"; None where it is one of several things."""
    if "$ref" in told:
        return _shape({**defs[told["$ref"].rpartition("/")[2]], **_without(told, "$ref")}, defs)
    several = [one for one in told.get("anyOf", ()) if one.get("type") != "null"]
    if not several:
        return dict(told)
    if [one.get("type") for one in several] == ["number", "string"]:
        # A Decimal: a number, or its digits as text.
        several = several[:1]
    return _shape({**_without(told, "anyOf"), **several[0]}, defs) if len(several) == 1 else None


def _without(told: Mapping[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in told.items() if name != key}


def _typed(shape: Mapping[str, Any]) -> dict[str, Any] | None:
    match shape:
        case {"enum": [*choices]} if all(isinstance(one, str) for one in choices):
            return {"type": ArgumentType.CHOICE, "choices": choices}
        case {"const": str(only)}:
            return {"type": ArgumentType.CHOICE, "choices": [only]}
        case {"enum": _} | {"const": _}:
            return None
        case {"type": "boolean"}:
            return {"type": ArgumentType.BOOL}
        case {"type": "integer" | "number" as kind}:
            bounds = {"min": "minimum", "max": "maximum", "above": "exclusiveMinimum", "below": "exclusiveMaximum"}
            told = {ours: shape[theirs] for ours, theirs in bounds.items() if theirs in shape}
            return {"type": ArgumentType.INT if kind == "integer" else ArgumentType.FLOAT, **told}
        case {"type": "string", "format": "date-time"}:
            return {"type": ArgumentType.MOMENT}
        case {"type": "string", "format": "position"}:
            return {"type": ArgumentType.POSITION}
        case {"type": "string", "format": _}:
            return None
        case {"type": "string"}:
            return {"type": ArgumentType.STR, "longest": shape.get("maxLength", LONGEST_TEXT)}
        case _:
            return None


def _said(default: Any) -> str:
    if isinstance(default, bool):
        return "yes" if default else "no"
    return f"{default:g}" if isinstance(default, float) else str(default)


def _in_words(error: ValidationError) -> str:
    """Each value that is wrong and why, never with what was sent: that may be a secret."""
    said = []
    for detail in error.errors(include_url=False, include_input=False, include_context=False)[:3]:
        what = detail["msg"].partition(", unable")[0]
        for beginning in ("Input ", "String ", "Value error, ", "Assertion failed, "):
            what = what.removeprefix(beginning)
        place = ".".join(map(str, detail["loc"]))
        what = "is missing" if detail["type"] == "missing" else what
        said.append(f"{place}: {what}" if place else what)
    return f"{'; '.join(said)}."
