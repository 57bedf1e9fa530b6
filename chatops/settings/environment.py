"""Settings from the environment: `QUARTERDECK_TELEGRAM__TOKEN`, `QUARTERDECK_BOTS__0__TOKEN_FILE`.

pydantic-settings has no way to be handed an environment, knows no items of lists, and passes over a
name that is misspelt, so this is ours.
"""

import json
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from chatops.settings.problems import Problem, nearest
from chatops.settings.shape import Model, every_key, field_at, is_collection, model_at

PREFIX = "QUARTERDECK_"
#: Between a part and its key.
DELIMITER = "__"

Location = tuple[str | int, ...]


class Environment:
    """The variables that are ours, laid over what the file says. An empty one counts as not set."""

    def __init__(self, model: Model, environ: Mapping[str, str]) -> None:
        self._model = model
        self._environ = {name: value for name, value in environ.items() if name.startswith(PREFIX) and value}
        #: Keys that were taken from here, with the variable of each.
        self.origins: dict[str, str] = {}
        self.problems: list[Problem] = []

    def lay_over(self, tree: dict[str, Any]) -> None:
        """Put every variable in its place in `tree`; what has no place goes to `problems`."""
        # The whole before its parts, the first item of a list before the second.
        for name in sorted(self._environ, key=lambda name: [(len(step), step) for step in _steps(name)]):
            steps = _steps(name)
            if len(steps) > 1 or field_at(self._model, steps) is not None:
                self._place(tree, name, tuple(int(step) if _is_number(step) else step for step in steps))
            else:
                self._pass_over(name, steps[0])

    def _pass_over(self, name: str, way: str) -> None:
        """Others set variables of this prefix too (Kubernetes does for a service of our name)."""
        for key in every_key(self._model):
            if "_".join(key) == way:
                meant = PREFIX + DELIMITER.join(key).upper()
                self.problems.append(Problem(name, ".".join(key), "is not read from here", f"two underscores: {meant}"))

    def _place(self, tree: dict[str, Any], name: str, location: Location) -> None:
        key = ".".join(str(step) for step in location)
        field = field_at(self._model, location)
        if field is None and (not isinstance(location[-1], int) or model_at(self._model, location) is None):
            depth = _known_depth(self._model, location)
            self.problems.append(
                Problem(name, key, "is no key", nearest(str(location[depth]), self._model, location[:depth]))
            )
            return
        value: Any = self._environ[name]
        if field is None or is_collection(field):
            try:
                value = json.loads(value)
            except ValueError:
                self.problems.append(Problem(name, key, "is no JSON", 'a list or an object, as in ["alerts"]'))
                return
        holder = _holder(tree, location)
        if isinstance(holder, dict) and isinstance(location[-1], str):
            holder[location[-1]] = value
        elif isinstance(holder, list) and isinstance(location[-1], int) and location[-1] <= len(holder):
            holder[location[-1] : location[-1] + 1] = [value]
        else:
            self.problems.append(Problem(name, key, "has nothing to stand in", "the items of a list in order, from 0"))
            return
        self.origins[key] = name


def _steps(name: str) -> list[str]:
    return name.removeprefix(PREFIX).lower().split(DELIMITER)


def _is_number(step: str) -> bool:
    return step.isdecimal() and step.isascii()


def _known_depth(model: Model, location: Location) -> int:
    """How many steps of the way lead to a part that there is."""
    return next(depth for depth in range(len(location) - 1, -1, -1) if model_at(model, location[:depth]) is not None)


def _holder(tree: dict[str, Any], location: Location) -> Any:
    """What the last step of the way stands in, made where it is not there; None where something else is."""
    here: Any = tree
    for step, following in pairwise(location):
        fresh: Any = [] if isinstance(following, int) else {}
        if isinstance(here, dict):
            here = here.setdefault(step, fresh)
        elif isinstance(here, list) and isinstance(step, int) and step <= len(here):
            if step == len(here):
                here.append(fresh)
            here = here[step]
        else:
            return None
    return here
