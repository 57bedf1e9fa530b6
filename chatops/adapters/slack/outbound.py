"""The way out to Slack: messages, edits and pins as calls of the Web API."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from alerts.severity import Severity
from chatops.adapters.base import Fault, Part, SendError
from chatops.adapters.slack.api import SlackApi
from chatops.adapters.slack.attachments import Attachments, Brought, without_picture
from chatops.adapters.slack.channels import Channels, is_direct
from chatops.adapters.slack.ephemeral import Ephemeral, by_themselves, is_whispered
from chatops.adapters.slack.errors import Refused, SlackError, Unanswered, Unreached, told
from chatops.adapters.slack.inbound import PLATFORM, account
from chatops.adapters.slack.postmarks import Postmarks, Unsought, postmark
from chatops.adapters.slack.render import render
from chatops.adapters.slack.spelling import Spelling
from chatops.adapters.slack.threads import Threads
from chatops.adapters.slack.uploads import Uploads
from chatops.messages import Delivery, Message, Posting
from chatops.room import Room
from chatops.words import OURS, Words

log = logging.getLogger(__name__)

#: Slack takes a file at once and can show it a moment later (slackapi/python-slack-sdk issue 1521): so long is waited
#: before each further try to post it.
PICTURE_WAITS_S = (0.5, 1.0, 2.0)
#: Without it nothing can be said.
_SCOPE = "chat:write"
#: In the header that each answer to a token has.
_SCOPES = "x-oauth-scopes"
_TIMESTAMP = re.compile(r"[0-9]{1,12}\.[0-9]{1,6}")
_GONE = frozenset(["no_pin", "not_pinned", "message_not_found"])


class SlackOutbound:
    """What an `Adapter` sends, over one API. Each call ends within the limits of its requests.

    All raise `SendError`, whose cause is the `SlackError`. A `DEGRADE` names only what was there to leave out, so that
    whoever obeys it comes to an end. Slack posts nothing silently: people choose in the app what makes a sound. What is
    to be silent is never shown in the channel beside its thread, and that is all.
    """

    def __init__(
        self,
        api: SlackApi,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        words: Callable[[], Words] = lambda: OURS,
    ) -> None:
        """`words` are those that the desk may name in what it says."""
        self._api = api
        self._spelling = Spelling(words)
        self._sleep = sleep
        self._channels = Channels(api)
        self._uploads = Uploads(api)
        self._postmarks = Postmarks(api)
        self._attachments = Attachments(api, self._uploads, self._postmarks)
        self._threads = Threads(api)
        self._ephemeral = Ephemeral(api, self._spelling)

    async def send(self, room: Room, posting: Posting, *, reply_to: str | None = None, plain: bool = False) -> str:
        """Show a new message; gives its id. One that may be there already is looked for first.

        In the thread of `reply_to`, or of the room's topic; from critical up what is not silent stands in the channel
        too. Where no answer came it is looked for at once, so that `AMBIGUOUS` is what is not there yet.
        What is for one person alone is nowhere to be found: it goes again as it is, and by themselves where it must.
        """
        thread, under = _ts(room.topic or None), _ts(reply_to)
        can_lose = {Part.FORMATTING} if not plain else set()
        can_lose |= ({Part.TOPIC} if room.topic else set()) | ({Part.REPLY} if reply_to and not room.topic else set())
        unsought = False
        try:
            channel = await self._channels.of(room)
            if thread is None and under is not None:
                thread = await self._threads.of(channel, under)
            if posting.whisper_to is not None and is_whispered(posting, channel):
                user = account(posting.whisper_to)
                shown = await self._ephemeral.show(channel, user, thread, posting, plain=plain)
                if shown is not None:
                    return shown
                posting, room, thread = by_themselves(posting), Room(PLATFORM, user), None
                channel = await self._channels.of(room)
            found = await self._already(channel, thread, posting)
            if not isinstance(found, str):
                unsought = found is None
                loud = not room.topic and thread is not None and _is_loud(posting.message)
                return await self._post(channel, thread, found or posting, plain=plain, also_in_channel=loud)
        except SlackError as error:
            meant = told(error, frozenset(can_lose))
            meant.unsought = unsought
            raise meant from error
        self._threads.learn(channel, found, thread)
        await self._attachments.hang_once(posting.message.attachment, channel, thread or found, found)
        return found

    async def edit(self, room: Room, message_id: str, posting: Posting, *, plain: bool = False) -> str:
        """Make a message say this, with the file that goes along; gives its id. A posting without keys takes them."""
        ts = _ts(message_id)
        message = posting.message
        try:
            channel = await self._channels.of(room)
            brought = await self._attachments.bring(message, is_new=False)
            await self._say("chat.update", {"channel": channel, "ts": ts}, posting, brought, plain=plain)
        except SlackError as error:
            can_lose = frozenset([Part.CARD] if plain else [Part.CARD, Part.FORMATTING])
            raise told(error, can_lose) from error
        if message.attachment is not None:
            thread = room.topic or await self._threads.likely(channel, message_id)
            await self._attachments.hang_once(message.attachment, channel, thread, message_id)
        return message_id

    async def probe(self) -> None:
        """Ask who we are, and whether we may speak."""
        try:
            _, headers = await self._api.ask("auth.test", {})
            scopes = headers.get(_SCOPES)
            if scopes is not None and _SCOPE not in [scope.strip() for scope in scopes.split(",")]:
                raise Refused("missing_scope", needed=_SCOPE)
        except SlackError as error:
            raise told(error) from error

    async def pin(self, room: Room, message_id: str) -> None:
        """Pin a message. One that is gone is `DEGRADE` without the card."""
        await self._of_message("pins.add", "timestamp", room, message_id, frozenset(["already_pinned"]))

    async def unpin(self, room: Room, message_id: str) -> None:
        """Take a pin away; that it is away already is no error."""
        await self._of_message("pins.remove", "timestamp", room, message_id, _GONE)

    async def delete(self, room: Room, message_id: str) -> None:
        """Take a message away, and the pictures that it shows; that it is gone is no error.

        A picture is gone from every other message that shows the same.
        """
        try:
            channel = await self._channels.of(room)
        except SlackError as error:
            raise told(error) from error
        pictures = await self._attachments.shown_by(channel, message_id)
        await self._of_message("chat.delete", "ts", room, message_id, frozenset(["message_not_found"]))
        try:
            for picture in pictures:
                await self._uploads.delete(picture)
        except SlackError as error:
            raise told(error) from error

    async def _post(
        self, channel: str, thread: str | None, posting: Posting, *, plain: bool, also_in_channel: bool
    ) -> str:
        file, delivery = posting.message.attachment, posting.delivery
        brought = await self._attachments.bring(posting.message)
        where = {
            "channel": channel,
            "thread_ts": thread,
            "reply_broadcast": also_in_channel or None,
            "unfurl_links": False,
            "unfurl_media": False,
            "metadata": None if delivery is None else postmark(delivery),
        }
        try:
            shown = await self._say("chat.postMessage", where, posting, brought, plain=plain)
            ts = shown.get("ts")
            if not isinstance(ts, str):
                raise Unanswered("it took a message without telling its id")
        except Unanswered:
            found = await self._look_again(channel, thread, delivery)
            if found is None:
                raise
            ts = found
        self._threads.learn(channel, ts, thread)
        if file is not None and brought.document is not None:
            await self._attachments.hang(file, brought.document, channel, thread or ts)
        return ts

    async def _say(
        self, method: str, where: Mapping[str, Any], posting: Posting, brought: Brought, *, plain: bool
    ) -> Mapping[str, Any]:
        """Call a method with what the posting says; with its picture as soon as Slack can show that."""
        waits, direct = iter(PICTURE_WAITS_S), is_direct(where["channel"])
        spelled = self._spelling.of_posting(posting, is_direct=direct)
        while True:
            rendered = render(spelled, plain=plain, picture=brought.picture, note=brought.note, is_direct=direct)
            try:
                answer = await self._api.call(method, {**where, "text": rendered.text, "blocks": rendered.blocks})
            except Refused as error:
                if brought.picture is None or plain or not _is_of_picture(error):
                    raise
            else:
                self._attachments.note_shown(answer.get("ts"), brought.picture)
                return answer
            wait_s = None if brought.is_reused else next(waits, None)
            if wait_s is not None:
                await self._sleep(wait_s)
                continue
            self._uploads.forget(brought.picture)
            anew = brought.is_reused
            brought = await self._attachments.bring(posting.message) if anew else without_picture(posting.message)

    async def _already(self, channel: str, thread: str | None, posting: Posting) -> str | Posting | None:
        """The message, where an earlier try has brought it; else what is to be posted. None where nobody can know."""
        delivery = posting.delivery
        if delivery is None or not delivery.may_be_there:
            return posting
        try:
            found = await self._postmarks.find(channel, thread, delivery)
        except (Refused, Unsought) as error:
            log.warning("slack: %s cannot be looked for in %s: %s", delivery.id, channel, error)
            if not delivery.goes_unsought:
                reason = f"nobody knows whether it arrived, and it cannot be looked for: {error}"
                raise SendError(reason, Fault.AMBIGUOUS, of_room=True) from error
            # As on other platforms then: better twice than never.
            return None
        except Unanswered as error:
            # It was but looked for.
            raise Unreached(str(error)) from error
        return found or replace(delivery.anew or posting, delivery=delivery)

    async def _look_again(self, channel: str, thread: str | None, delivery: Delivery | None) -> str | None:
        """The message that no answer came to, where it is there all the same."""
        if delivery is None:
            return None
        try:
            return await self._postmarks.find(channel, thread, delivery)
        except SlackError as error:
            log.info("slack: %s could not be looked for at once: %s", delivery.id, error)
            return None

    async def _of_message(self, method: str, name: str, room: Room, message_id: str, fine: frozenset[str]) -> None:
        """Call a method that is about one message. A refusal that is `fine` says that it is so already."""
        ts = _ts(message_id)
        try:
            await self._api.call(method, {"channel": await self._channels.of(room), name: ts})
        except SlackError as error:
            if not (isinstance(error, Refused) and error.code in fine):
                raise told(error, frozenset([Part.CARD])) from error


def _is_of_picture(error: Refused) -> bool:
    """Whether it may be the picture that is refused: Slack may say nothing of why."""
    return error.code == "invalid_blocks" and (not error.details or "slack_file" in error.details)


def _is_loud(message: Message) -> bool:
    """Whether it is to be seen by who reads the channel alone: an alarm from critical up."""
    severity = message.facts.get("severity")
    return not message.silent and severity in list(Severity) and Severity(severity).reaches(Severity.CRITICAL)


def _ts(text: str | None) -> str | None:
    if text is not None and _TIMESTAMP.fullmatch(text) is None:
        raise SendError(f"“{text}” is no id of a message on Slack", Fault.REFUSED)
    return text
