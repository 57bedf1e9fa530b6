"""Files on their way to Slack: uploaded first, and then shown by their ids.

The contract's limits.files.flow: ask for an address, post the bytes there, complete. Completed without a channel a file
is the app's alone, until a message shows it. A picture is uploaded once, and shown again by its id.
"""

import hashlib
from collections import OrderedDict

from chatops.adapters.slack.api import SlackApi
from chatops.adapters.slack.errors import Refused, Unanswered
from chatops.layout import plain
from chatops.messages import Attachment

#: Of so many pictures the ids are kept, those that were used last.
MOST = 256
#: Contract, limits.files.alt_txt_chars; an image needs less.
ALT_CHARACTERS = 200
#: Slack takes 1 GB (docs.slack.dev, files); nothing of ours is of that kind.
FILE_BYTES = 20_000_000

_GONE = frozenset(["file_deleted", "file_not_found"])
_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8")


def is_shown(file: Attachment) -> bool:
    """Whether it is a picture that a message can show; any other file hangs in its thread."""
    return file.is_picture and file.content.startswith(_PICTURES)


def why_not_sendable(file: Attachment) -> str | None:
    """What is wrong with a file that is not taken in any way."""
    size = len(file.content)
    if size > FILE_BYTES:
        return f"is too large for Slack: {size / 1e6:,.1f} MB of {FILE_BYTES / 1e6:.0f}"
    # Contract, limits.files.length_zero.
    return None if size else "is empty"


class Uploads:
    """Takes files to Slack. All raise `SlackError`; of a file that did not come whole nobody sees anything."""

    def __init__(self, api: SlackApi, most: int = MOST) -> None:
        self._api = api
        self._most = most
        self._ids: OrderedDict[str, str] = OrderedDict()

    def known(self, file: Attachment) -> str | None:
        """The id of a picture that Slack holds already."""
        mark = _mark(file)
        if mark in self._ids:
            self._ids.move_to_end(mark)
        return self._ids.get(mark)

    async def picture(self, file: Attachment, shows_what: str) -> str:
        """Bring a picture; gives its id. `shows_what` is for who cannot see it."""
        file_id = await self.begin(file, shows_what)
        await self.complete(file_id, file)
        self._ids[_mark(file)] = file_id
        if len(self._ids) > self._most:
            self._ids.popitem(last=False)
        return file_id

    def forget(self, file_id: str) -> None:
        """It is not taken any more, or gone."""
        for mark in [mark for mark, known in self._ids.items() if known == file_id]:
            del self._ids[mark]

    async def begin(self, file: Attachment, shows_what: str = "") -> str:
        """Bring the bytes; gives the id. Nobody can be shown it before it is complete."""
        alternative = plain(shows_what).strip()[:ALT_CHARACTERS]
        answer = await self._api.call(
            "files.getUploadURLExternal",
            {"filename": _name(file), "length": len(file.content), "alt_txt": alternative or None},
        )
        url, file_id = answer.get("upload_url"), answer.get("file_id")
        if not isinstance(url, str) or not isinstance(file_id, str):
            raise Unanswered("it gave no address for a file")
        await self._api.put(url, file.content)
        return file_id

    async def complete(
        self, file_id: str, file: Attachment, *, channel: str | None = None, thread: str | None = None
    ) -> None:
        """Say that it is there: with a channel it is shown there, as a message of its own."""
        await self._api.call(
            "files.completeUploadExternal",
            {"files": [{"id": file_id, "title": _name(file)}], "channel_id": channel, "thread_ts": thread},
        )

    async def delete(self, file_id: str) -> None:
        """Take a file away; that it is gone is no error."""
        self.forget(file_id)
        try:
            await self._api.call("files.delete", {"file": file_id})
        except Refused as error:
            if error.code not in _GONE:
                raise


def _mark(file: Attachment) -> str:
    return hashlib.sha256(file.content).hexdigest()


def _name(file: Attachment) -> str:
    return plain(file.name).strip()[:ALT_CHARACTERS] or "file"
