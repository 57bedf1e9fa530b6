"""Paths of the settings: a relative one starts at the folder of the file that it stands in."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, ValidationInfo

#: The key of the folder in the context of a validation.
FOLDER = "folder"


def from_folder(path: Path, info: ValidationInfo) -> Path:
    """The path as seen from the settings' folder; as it is where settings are made without a file."""
    folder: Path | None = (info.context or {}).get(FOLDER)
    return path if folder is None else folder / path


FolderPath = Annotated[Path, AfterValidator(from_folder)]
