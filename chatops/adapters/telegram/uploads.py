"""Pictures that Telegram has already: sent again by the id that it gave them, and not by their bytes.

An id is good for the bot that it was given to (core.telegram.org/bots/api#sending-files), and nowhere is said for how
long: whoever is refused one forgets it, and sends the bytes.
"""

import hashlib
from collections import OrderedDict
from typing import Any

from chatops.adapters.telegram.media import sendable_as_photo
from chatops.messages import Attachment

#: Of so many pictures the ids are kept, those that were used last.
MOST = 256


class Uploads:
    """Ids of pictures by what is in them. Those of documents are not kept: each is sent once."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._ids: OrderedDict[str, str] = OrderedDict()

    def mark(self, file: Attachment) -> str | None:
        """What it is known by, the same for the same picture; None where it is no picture."""
        return hashlib.sha256(file.content).hexdigest() if sendable_as_photo(file) else None

    def known(self, mark: str | None) -> str | None:
        """The id under which Telegram has it."""
        file_id = None if mark is None else self._ids.get(mark)
        if file_id is not None:
            self._ids.move_to_end(mark or "")
        return file_id

    def learn(self, mark: str | None, shown: Any) -> None:
        """Keep the id out of the message that Telegram made of it, where it tells one."""
        if mark is None:
            return
        try:
            # The largest stands last. A smaller one cannot be sent again.
            file_id = shown["photo"][-1]["file_id"]
        except (KeyError, TypeError, IndexError):
            return
        if isinstance(file_id, str) and file_id:
            self._ids[mark] = file_id
            self._ids.move_to_end(mark)
            if len(self._ids) > self._most:
                self._ids.popitem(last=False)

    def forget(self, mark: str | None) -> None:
        """Telegram does not take its id any more."""
        if mark is not None:
            self._ids.pop(mark, None)
