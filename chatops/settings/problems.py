"""What is wrong with the settings: all of it at once, each with its place and what to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from chatops.settings import faults
from chatops.settings.shape import Model, field_at, keys, model_at
from chatops.settings.values import NAME


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. It repeats nothing of what was given but names: that may be a secret."""

    #: The file, or the variable of the environment.
    source: str
    #: As in `bots.0.url`; empty where it is the whole file.
    key: str
    #: It goes on from the key: "is missing".
    what: str
    #: What belongs there, or what to do.
    todo: str = ""
    #: What the bot, room or person is called, where it is one of those.
    name: str = ""

    def __str__(self) -> str:
        named = f" ({self.name})" if self.name else ""
        subject = f"{self.key}{named} " if self.key else ""
        return f"{self.source}: {subject}{self.what}" + (f": {self.todo}" if self.todo else "")


class SettingsError(Exception):
    """The settings cannot be used. `problems` has every reason."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def explain(
    error: ValidationError, model: Model, tree: Mapping[str, Any], source: str, origins: Mapping[str, str]
) -> list[Problem]:
    """The problems that pydantic found in `tree`. `origins` has the variables that keys came from."""
    found = error.errors(include_url=False, include_input=False)
    return [_problem(one, model, tree, source, origins) for one in found if one["type"] != faults.TOLD]


def _problem(
    error: ErrorDetails, model: Model, tree: Mapping[str, Any], source: str, origins: Mapping[str, str]
) -> Problem:
    location = error["loc"]
    what, todo = _words(error, model, location)
    key = ".".join(str(step) for step in location)
    origin = next((origins[way] for way in _ways(location) if way in origins), source)
    return Problem(origin, key, what, todo, _name(tree, location))


def _ways(location: Sequence[str | int]) -> list[str]:
    """The key and all that hold it, the nearest first."""
    return [".".join(str(step) for step in location[:end]) for end in range(len(location), 0, -1)]


def _name(tree: Any, location: Sequence[str | int]) -> str:
    if len(location) < 2 or not isinstance(location[1], int):
        return ""
    try:
        name = tree[location[0]][location[1]]["name"]
    except (KeyError, IndexError, TypeError):
        return ""
    # What does not look like one may be a secret in the wrong place.
    return name if isinstance(name, str) and NAME.fullmatch(name) else ""


def _words(error: ErrorDetails, model: Model, location: Sequence[str | int]) -> tuple[str, str]:
    # What stands in a list of values is described by the list.
    field = field_at(model, location[:-1] if isinstance(location[-1], int) else location)
    described = (field.description if field is not None else None) or ""
    match error["type"]:
        case faults.FAULT:
            context = error["ctx"]
            return context["what"], context["todo"] or described
        case "extra_forbidden":
            return "is no key here", nearest(str(location[-1]), model, location[:-1])
        case "missing":
            return "is missing", described
        case "model_type" | "model_attributes_type" | "dict_type":
            return "is no part with keys of its own", described or f"[{location[-1]}] and keys below it"
        case "tuple_type":
            return "is no list", described
    message = error["msg"].removeprefix("Input ").removeprefix("Value error, ")
    return f"is not right: it {message}", described


def nearest(key: str, model: Model, location: Sequence[str | int]) -> str:
    """What somebody may have meant who wrote this key in the part at `location`."""
    here = model_at(model, location)
    known = keys(here) if here is not None else {}
    near = get_close_matches(key, known, n=1)
    return f"did you mean {near[0]}?" if near else f"one of {', '.join(known)}"
