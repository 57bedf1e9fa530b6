"""Which keys there are, read off the model itself."""

from collections.abc import Iterable, Sequence
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

Model = type[BaseModel]


def keys(model: Model) -> dict[str, FieldInfo]:
    """The fields of a part, as the file calls them."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def part(field: FieldInfo) -> Model | None:
    """The part that a field holds; None where it holds a value or a list."""
    kinds = _alternatives(field.annotation)
    return next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)), None)


def item(field: FieldInfo) -> Model | None:
    """The part of which a field holds a list; None where it does not."""
    first = next((get_args(kind)[0] for kind in _alternatives(field.annotation) if get_origin(kind) is tuple), None)
    return first if isinstance(first, type) and issubclass(first, BaseModel) else None


def entry(field: FieldInfo) -> Model | None:
    """The part that a field holds under each of its names; None where it does not."""
    if get_origin(field.annotation) is not dict:
        return None
    of = get_args(field.annotation)[1]
    return of if isinstance(of, type) and issubclass(of, BaseModel) else None


def is_collection(field: FieldInfo) -> bool:
    """Whether a variable of the environment has to write it as JSON."""
    held = {get_origin(kind) for kind in _alternatives(field.annotation)}
    return not held.isdisjoint((tuple, frozenset, dict)) or part(field) is not None


def model_at(root: Model, location: Sequence[str | int]) -> Model | None:
    """The part that stands at this place; None where there is none."""
    model: Model | None = root
    field: FieldInfo | None = None
    for step in location:
        if isinstance(step, int):
            model = item(field) if field is not None else None
        elif model is None and field is not None:
            model, field = entry(field), None
        else:
            field = keys(model).get(step) if model is not None else None
            model = part(field) if field is not None else None
    return model


def field_at(root: Model, location: Sequence[str | int]) -> FieldInfo | None:
    """The field that stands at this place; None where there is none."""
    if not location or isinstance(location[-1], int):
        return None
    model = model_at(root, location[:-1])
    return keys(model).get(location[-1]) if model is not None else None


def every_key(root: Model) -> Iterable[tuple[str, ...]]:
    """The way to every value, list items left out."""
    for key, field in keys(root).items():
        inner = part(field)
        if inner is None:
            yield (key,)
        else:
            yield from ((key, *rest) for rest in every_key(inner))


def _alternatives(annotation: Any) -> tuple[Any, ...]:
    return get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)
