"""Where a bot keeps its own record, and what stands where in it."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo

from chatops.elsewhere.shape import SHAPES, SQLITE, Part, Shape, faults_of, mapped
from chatops.settings.faults import fault
from chatops.settings.section import Section

_SHAPES = f"one of {', '.join(SHAPES)}"


class HistoryTableSettings(Section):
    """A table of a bot's own database; what is left out is as the shape has it."""

    table: str = Field("", description="the name of the table")
    columns: dict[str, str] = Field(
        default_factory=dict,
        description='its column for each meaning, as in { at = "filled_at" }; "" where it has none',
    )


def shape_of(named: str, tables: Mapping[Part, HistoryTableSettings]) -> Shape:
    """What stands where, by the shape of this name and by what is said of it."""
    return mapped(named, {part: (one.table, one.columns) for part, one in tables.items()})


def _path_of_sqlite(value: str | None) -> str | None:
    if value is not None and (not value.startswith(SQLITE) or value == SQLITE):
        raise fault("is no SQLite file", "sqlite:///PATH, with four slashes for a path from the root")
    return value


def _known_shape(value: str) -> str:
    if value and value not in SHAPES:
        raise fault("is no shape", _SHAPES)
    return value


def _whole(tables: dict[Part, HistoryTableSettings], info: ValidationInfo) -> dict[Part, HistoryTableSettings]:
    named = info.data.get("history_shape")
    if named is None or "history" not in info.data:
        # What is wrong there is said there.
        return tables
    if info.data["history"] is None:
        if named or tables:
            raise fault("is for a bot that has history", "set history, or leave history_shape and history_tables out")
    elif wrong := faults_of(shape_of(named, tables)):
        raise fault(f"is not whole: {wrong}", f"set history_shape ({_SHAPES}), or name each table and its columns")
    return tables


OwnHistory = Annotated[str | None, AfterValidator(_path_of_sqlite)]
HistoryShape = Annotated[str, AfterValidator(_known_shape)]
HistoryTables = Annotated[dict[Part, HistoryTableSettings], AfterValidator(_whole)]
OWN_HISTORY: str | None = Field(
    None, description="sqlite:///PATH of what it has on record itself, from before it was heard here"
)
HISTORY_SHAPE: str = Field("", description=_SHAPES)
HISTORY_TABLES: dict[Part, HistoryTableSettings] = Field(
    default_factory=dict,
    validate_default=True,
    description="tables and columns that are called otherwise than the shape has them",
)
