"""Reading the settings: the file, the environment over it, and the model over both."""

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from alerts.terms import DEFAULTS, Terms
from chatops.settings.environment import Environment
from chatops.settings.model import ATTACHED, Settings
from chatops.settings.paths import FOLDER
from chatops.settings.problems import Problem, SettingsError, explain
from chatops.settings.templates import RULES


def read_settings(
    path: Path,
    environ: Mapping[str, str],
    *,
    attached: Iterable[str] = (),
    rules: Mapping[str, Terms] = DEFAULTS,
) -> Settings:
    """The settings in a TOML file; variables `QUARTERDECK_PART__KEY` in `environ` come before it.

    Files that hold secrets are read too; a relative path starts at the folder of `path`, wherever
    it was given. `attached` are the names of bots that are here already, and need no `[[bots]]`; `rules` are the
    rules of alerts with their usual terms. Raises `SettingsError` with every problem that was found.
    """
    tree = _parse(path)
    environment = Environment(Settings, environ)
    environment.lay_over(tree)
    problems = list(environment.problems)
    settings: Settings | None = None
    try:
        context = {FOLDER: path.absolute().parent, ATTACHED: tuple(attached), RULES: rules}
        settings = Settings.model_validate(tree, context=context)
    except ValidationError as error:
        problems += explain(error, Settings, tree, str(path), environment.origins)
    # Outside the handler: the error of pydantic holds what was given, secrets too.
    if problems or settings is None:
        raise SettingsError(problems)
    return settings


def _parse(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        problem = Problem(str(path), "", f"cannot be read ({reason})", "make one from quarterdeck.example.toml")
    except UnicodeDecodeError as error:
        problem = Problem(str(path), "", f"is no UTF-8 text (at byte {error.start})", "save it as UTF-8")
    except tomllib.TOMLDecodeError as error:
        problem = Problem(str(path), "", f"is no TOML ({error})", "text stands in quotes, one key = value a line")
    raise SettingsError([problem])
