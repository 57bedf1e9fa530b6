"""How a validator says what is wrong: in our words, at the key that it concerns, and never with what was given."""

from collections.abc import Iterable

from pydantic import ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

FAULT = "quarterdeck_fault"
#: What this key would say follows from what another one has said already.
TOLD = "quarterdeck_told"

Location = tuple[str | int, ...]


def fault(what: str, todo: str = "") -> PydanticCustomError:
    """What is wrong ("is no IANA time zone") and what to do; without the latter the field's description says it."""
    # Braces would be taken for fields of a template.
    return PydanticCustomError(FAULT, "{what}: {todo}" if todo else "{what}", {"what": what, "todo": todo})


def told() -> PydanticCustomError:
    """Invalid, with nothing to add."""
    return PydanticCustomError(TOLD, "follows from another problem")


def raise_faults(faults: Iterable[tuple[Location, PydanticCustomError]]) -> None:
    """Raise every fault at its place below the validator's own. Does nothing where there is none."""
    details = [InitErrorDetails(type=error, loc=location, input=None) for location, error in faults]
    if details:
        raise ValidationError.from_exception_data("Settings", details, hide_input=True)
