"""What every fact is made of: frozen values, money, moments and names."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    model_validator,
)


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("lies before the first year, or after the last") from error


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
Amount = Annotated[Decimal, PlainSerializer(float, return_type=float, when_used="json")]
Name = Annotated[str, Field(min_length=1, max_length=64)]


class Fact(BaseModel):
    """A value that crosses a border: frozen, and closed but for what goes into `extra`."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    extra: dict[str, Any] = Field(default_factory=dict)

    _known: ClassVar[frozenset[str]] = frozenset()

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        """Look the names of the fields up once a class."""
        cls._known = frozenset(cls.model_fields)

    @model_validator(mode="before")
    @classmethod
    def _keep_unknown_fields(cls, given: Any) -> Any:
        """Move what this version has no field for into `extra`, so that nothing a strategy says is lost."""
        if not isinstance(given, dict):
            return given
        # Run for every fact of every snapshot: nearly always there is nothing to move.
        if given.keys() <= cls._known:
            return {**given, "extra": _own(given["extra"])} if given.get("extra") else given
        unknown = given.keys() - cls._known
        extra = given.get("extra", {})
        # An `extra` that is no mapping is a fault that validation names.
        if not isinstance(extra, dict):
            return given
        known = {key: value for key, value in given.items() if key not in unknown}
        known["extra"] = _own({**extra, **{str(key): given[key] for key in unknown}})
        return known


def _own(given: Any) -> Any:
    """A copy as deep as there are mappings and lists: what an author goes on changing is no fact."""
    if isinstance(given, dict):
        return {key: _own(value) for key, value in given.items()}
    return [_own(value) for value in given] if isinstance(given, list) else given
