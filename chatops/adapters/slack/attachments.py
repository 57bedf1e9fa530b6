"""What goes along with a message: a picture is shown in it, any other file hangs in its thread."""

import logging
from collections import OrderedDict
from dataclasses import dataclass

from chatops.adapters.slack.api import SlackApi
from chatops.adapters.slack.errors import Paused, SlackError, Unanswered, send_error
from chatops.adapters.slack.mrkdwn import clean, escaped
from chatops.adapters.slack.postmarks import Postmarks
from chatops.adapters.slack.uploads import Uploads, is_shown
from chatops.layout import fit
from chatops.messages import Attachment, Message

log = logging.getLogger(__name__)

_NAME_COLUMNS = 40
_REASON_COLUMNS = 140
#: Of so many messages it is known which picture they show, the newest ones.
_MOST = 1024


@dataclass(frozen=True, slots=True)
class Brought:
    """A file that Slack has now, or why it has not: `note` is said in the message."""

    #: What the message shows.
    picture: str | None = None
    #: Whether another message showed it before: Slack may have let it go since.
    is_reused: bool = False
    #: What is to be hung in its thread.
    document: str | None = None
    note: str = ""


class Attachments:
    """Brings files to Slack. No message waits for its file: what cannot be brought is told of in it."""

    def __init__(self, api: SlackApi, uploads: Uploads, postmarks: Postmarks) -> None:
        self._api = api
        self._uploads = uploads
        self._postmarks = postmarks
        self._shown: OrderedDict[str, str] = OrderedDict()

    async def bring(self, message: Message, *, is_new: bool = True) -> Brought:
        """Upload the file of a message, so that nobody sees it yet. Raises `Paused` alone.

        Where the message is not new its document may hang there: `hang_once`.
        """
        file = message.attachment
        if file is None:
            return Brought()
        in_thread = f"The file “{_name(file)}” is in the thread."
        try:
            if is_shown(file):
                known = self._uploads.known(file)
                picture = known or await self._uploads.picture(file, message.title)
                return Brought(picture=picture, is_reused=known is not None)
            if not is_new:
                return Brought(note=in_thread)
            document = await self._uploads.begin(file, message.title if file.is_picture else "")
        except Paused:
            raise
        except SlackError as error:
            log.warning("slack: the file %s is not taken: %s", file.name, error)
            return Brought(note=_not_here(file, str(send_error(error))))
        return Brought(document=document, note=in_thread)

    async def hang(self, file: Attachment, document: str, channel: str, thread: str) -> None:
        """Show a file in a thread; where that fails, say so there. Raises nothing."""
        try:
            await self._uploads.complete(document, file, channel=channel, thread=thread)
        except Unanswered as error:
            if not await self._hangs(document, channel, thread):
                log.warning("slack: nobody knows whether the file %s is shown: %s", file.name, error)
                await self._say(f"The file “{_name(file)}” may be missing: {send_error(error)}.", channel, thread)
        except SlackError as error:
            log.warning("slack: the file %s is not shown: %s", file.name, error)
            await self._say(_not_here(file, str(send_error(error))), channel, thread)

    async def hang_once(self, file: Attachment | None, channel: str, thread: str, after: str) -> None:
        """Show the file of the message `after` in a thread, unless it hangs there. Raises nothing."""
        if file is None or is_shown(file):
            return
        try:
            if await self._postmarks.has_file(channel, thread, after, file.name):
                return
            document = await self._uploads.begin(file)
        except SlackError as error:
            log.warning("slack: the file %s is not taken: %s", file.name, error)
            await self._say(_not_here(file, str(send_error(error))), channel, thread)
            return
        await self.hang(file, document, channel, thread)

    def note_shown(self, ts: object, picture: str | None) -> None:
        """A message shows a picture."""
        if isinstance(ts, str) and picture is not None:
            self._shown[ts] = picture
            if len(self._shown) > _MOST:
                self._shown.popitem(last=False)

    async def shown_by(self, channel: str, ts: str) -> list[str]:
        """The ids of what a message shows; none where neither we nor Slack can tell. Raises nothing."""
        if ts in self._shown:
            return [self._shown[ts]]
        try:
            return await self._postmarks.pictures(channel, ts)
        except SlackError as error:
            log.warning("slack: whether %s shows a picture is not known: %s", ts, error)
            return []

    async def _hangs(self, document: str, channel: str, thread: str) -> bool:
        try:
            return await self._postmarks.has_file(channel, thread, thread, document)
        except SlackError:
            return False

    async def _say(self, text: str, channel: str, thread: str) -> None:
        try:
            await self._api.call(
                "chat.postMessage", {"channel": channel, "thread_ts": thread, "text": escaped(clean(text))}
            )
        except SlackError as error:
            log.warning("slack: that a file is missing could not be said: %s", error)


def without_picture(message: Message) -> Brought:
    """What is left where Slack does not show its picture."""
    return Brought(note=_not_here(message.attachment, "Slack does not show it") if message.attachment else "")


def _not_here(file: Attachment, why: str) -> str:
    return f"The file “{_name(file)}” is not here: {fit(why, _REASON_COLUMNS)}."


def _name(file: Attachment) -> str:
    return fit(file.name, _NAME_COLUMNS)
