"""Files that a terminal cannot show: kept in a folder, where whoever sits there can open them."""

import asyncio
import os
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from chatops.layout import fit, plain
from chatops.messages import Attachment

#: So many are kept; the oldest goes when another comes.
MOST = 50

_NAME_COLUMNS = 40
_UNFIT = re.compile(r"[^\w.-]+")
#: As we name them: what somebody else put there stays.
_OURS = re.compile(r"\d{8}-\d{6}-\d{3}-.+")


class Files:
    """A folder of ours, made when it is needed; without one, files are named and not kept."""

    def __init__(self, folder: Path | None, now: Callable[[], datetime], most: int = MOST) -> None:
        self._folder = folder
        self._now = now
        self._most = most

    async def keep(self, file: Attachment) -> tuple[str, Path | None]:
        """Store it; gives the words that stand for it, and its place where it has one."""
        said = f"[{'picture' if file.is_picture else 'file'}] {fit(file.name, _NAME_COLUMNS)}"
        if self._folder is None:
            return said, None
        try:
            path = await asyncio.to_thread(self._store, self._folder, file)
        except OSError as error:
            return f"{said}: could not be kept, {plain(error.strerror or 'the disk refused it')}", None
        return f"{said}: {plain(str(path))}", path

    async def drop(self, path: Path) -> None:
        """Take it away. Raises `OSError`."""
        await asyncio.to_thread(path.unlink, missing_ok=True)

    def _store(self, folder: Path, file: Attachment) -> Path:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        ours = sorted(one for one in folder.iterdir() if _OURS.fullmatch(one.name))
        for old in ours[: max(0, len(ours) - self._most + 1)]:
            old.unlink(missing_ok=True)
        name = _UNFIT.sub("-", file.name)[-_NAME_COLUMNS:].strip("-.") or "file"
        stamp = f"{self._now():%Y%m%d-%H%M%S}"
        number = sum(one.name.startswith(stamp) for one in ours)
        while True:
            number += 1
            path = folder / f"{stamp}-{number:03d}-{name}"
            try:
                # What a desk shows one person is nobody else's business.
                descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            except FileExistsError:
                continue
            with os.fdopen(descriptor, "wb") as out:
                out.write(file.content)
            return path
