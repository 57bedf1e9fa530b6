"""Some fields of a fact, as JSON has them, put into it (pure)."""

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, TypeVar

from pydantic import ConfigDict, TypeAdapter, with_config
from typing_extensions import TypedDict

from bot_integration.fact import Fact
from bot_integration.retouch import retouched

FactT = TypeVar("FactT", bound=Fact)


def merged(fact: FactT, changed: Mapping[str, Any], **known_already: Any) -> FactT:
    """The fact with these fields as they are now; what this version has no field for goes to `extra`.

    `known_already` are fields as the fact holds them; where `changed` has one of them too, it has the last word.

    Raises `ValidationError` where one of them cannot be that.
    """
    given = fields(type(fact), changed)
    known = fact.__dict__
    if not given.keys() <= known.keys():
        unknown = {name: value for name, value in given.items() if name not in known}
        given = {name: value for name, value in given.items() if name in known}
        given["extra"] = {**given.get("extra", fact.extra), **unknown}
    return retouched(fact, {**known_already, **given} if known_already else given)


def fields(model: type[Fact], given: Mapping[str, Any]) -> dict[str, Any]:
    """These fields of it as it would hold them, and others as they came. Raises `ValidationError`."""
    found: dict[str, Any] = _fields_of(model).validate_python(given)
    return found


@cache
def _fields_of(model: type[Fact]) -> TypeAdapter[Any]:
    # All that came is read in one go: several times as fast as field by field.
    types: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        types[name] = Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
    typed_dict: Any = TypedDict
    kind = typed_dict(f"{model.__name__}Fields", types, total=False)
    return TypeAdapter(with_config(ConfigDict(extra="allow", allow_inf_nan=False))(kind))
