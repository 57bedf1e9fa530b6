"""Secrets: `x` holds one, or `x_file` names the file that does; never both."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, SecretStr, ValidationInfo

from chatops.settings.faults import fault, told
from chatops.settings.paths import from_folder

#: Whoever writes a secret by hand writes less than this; more is some other file.
LARGEST_FILE = 16_384


@dataclass(frozen=True, slots=True)
class SecretFile:
    """A file and the secret that stood in it when the settings were read."""

    path: Path
    secret: SecretStr

    def read_again(self) -> SecretStr:
        """What stands there now. Raises `ValueError` with what is wrong."""
        return _content(self.path)


_ALONE = "a file that holds the secret and nothing else"


def _read(value: object, info: ValidationInfo) -> SecretFile | None:
    if value is None or isinstance(value, SecretFile):
        return value
    if not isinstance(value, str) or not value:
        raise fault("is no path", f"the path of {_ALONE}")
    path = from_folder(Path(value), info)
    return SecretFile(path, _content(path))


def _content(path: Path) -> SecretStr:
    # The path is not repeated in what is wrong: people put the secret itself here.
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
        secret = content.decode().strip()
    except ValueError:
        raise fault("names what is no text file", f"the path of {_ALONE}") from None
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise fault(
            f"names a file that cannot be read ({reason})",
            f"the path of {_ALONE}, readable for the user that the desk runs as; "
            "a relative path starts at the folder of the settings",
        ) from None
    if len(content) > LARGEST_FILE:
        raise fault("names a file that is too large to be a secret", f"the path of {_ALONE}")
    if not secret:
        raise fault("names a file that is empty", "put the secret there")
    return SecretStr(secret)


def _settle(value: object, info: ValidationInfo) -> object:
    """The secret itself, given here or in the file beside it. The file's field has to stand before this one."""
    beside = f"{info.field_name}_file"
    if beside not in info.data:
        raise told()
    file: SecretFile | None = info.data[beside]
    if file is not None:
        if value is not None:
            raise fault(f"is given, and so is {beside}", "leave one of the two out, in the file and the environment")
        return file.secret
    text = value.get_secret_value() if isinstance(value, SecretStr) else value
    if isinstance(text, str) and not text.strip():
        raise fault("is empty", f"the secret, or {beside} with the path of a file that holds it")
    return SecretStr(text.strip()) if isinstance(text, str) else value


def _require(value: object, info: ValidationInfo) -> object:
    settled = _settle(value, info)
    if settled is None:
        raise fault(
            "is missing", f"{info.field_name}_file with the path of a file that holds it, or {info.field_name} itself"
        )
    return settled


#: Stands before the secret: `token_file: FileOfSecret = None`.
FileOfSecret = Annotated[
    SecretFile | None, BeforeValidator(_read), PlainSerializer(lambda file: file and str(file.path))
]
#: One of the two has to be given. Takes `NOT_GIVEN` as its default, so that it is asked even then.
Secret = Annotated[SecretStr, BeforeValidator(_require)]
OptionalSecret = Annotated[SecretStr | None, BeforeValidator(_settle)]
NOT_GIVEN: Any = None
