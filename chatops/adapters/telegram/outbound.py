"""The way out to Telegram: messages, edits and pins as calls of the Bot API."""

from collections.abc import Callable, Mapping
from typing import Any

from telegram.error import BadRequest, TelegramError

from chatops.adapters.base import Fault, Part, SendError
from chatops.adapters.telegram.api import BotApi
from chatops.adapters.telegram.errors import is_a_file, is_not_pinned, is_not_there, is_unchanged, send_error
from chatops.adapters.telegram.media import sendable_as_photo
from chatops.adapters.telegram.render import Rendered, render
from chatops.adapters.telegram.uploads import Uploads
from chatops.layout import plain as on_one_line
from chatops.messages import Attachment, Message, Posting
from chatops.room import Room

#: The topic that every forum has; it is written to without its id (contract, semantics.groups.topics).
GENERAL_TOPIC = "1"
#: Contract, types.ForceReply.limits.
PLACEHOLDER_CHARACTERS = 64


class Outbound:
    """What an `Adapter` sends, over one API. Each call ends within the limits of its request.

    All raise `SendError`, whose cause is the library's own error. A `DEGRADE` names only what was there to leave out,
    so that whoever obeys it comes to an end.
    """

    def __init__(self, api: BotApi) -> None:
        self._api = api
        self._uploads = Uploads()

    async def send(self, room: Room, posting: Posting, *, reply_to: str | None = None, plain: bool = False) -> str:
        """Show a new message; gives its id."""
        message, rendered = posting.message, render(posting, plain=plain)
        parameters = {**_address(room), **_text(message, rendered), **(_keyboard(rendered) or _asking(room, posting))}
        can_lose = {Part.FORMATTING} if rendered.entities else set()
        if room.topic and room.topic != GENERAL_TOPIC:
            parameters["message_thread_id"] = _integer(room.topic, "a topic")
            can_lose.add(Part.TOPIC)
        if reply_to is not None:
            target = _integer(reply_to, "a message")
            parameters["reply_parameters"] = {"message_id": target, "allow_sending_without_reply": False}
            can_lose.add(Part.REPLY)
        if message.silent:
            parameters["disable_notification"] = True
        try:
            shown = await self._post(parameters, message.attachment)
        except TelegramError as error:
            raise _told(error, can_lose) from error
        try:
            return str(shown["message_id"])
        except (KeyError, TypeError) as error:
            raise SendError("Telegram took a message without telling its id", Fault.AMBIGUOUS) from error

    async def edit(self, room: Room, message_id: str, posting: Posting, *, plain: bool = False) -> str:
        """Make a message say this, with the file that goes along; gives its id. A posting without keys takes them.

        What had no file gets one; but Telegram takes none away (core.telegram.org/bots/api#editmessagetext). So a
        message with a file that is to be without loses its keys, and is `DEGRADE` without the card.
        """
        rendered = render(posting, plain=plain)
        card = {**_address(room), "message_id": _integer(message_id, "a message")}
        try:
            await self._change({**card, **_keyboard(rendered)}, posting.message, rendered)
        except TelegramError as error:
            if is_unchanged(error):
                return message_id
            if is_a_file(error):
                await self._take_keys(card)
            raise _told(error, {Part.CARD, Part.FORMATTING} if rendered.entities else {Part.CARD}) from error
        return message_id

    async def probe(self) -> None:
        """Ask who we are: whoever answers takes our token."""
        try:
            await self._api.call("getMe", {})
        except TelegramError as error:
            raise _told(error) from error

    async def pin(self, room: Room, message_id: str) -> None:
        """Pin a message, without a sound. One that is gone is `DEGRADE` without the card."""
        parameters = {**_address(room), "message_id": _integer(message_id, "a message"), "disable_notification": True}
        try:
            await self._api.call("pinChatMessage", parameters)
        except TelegramError as error:
            raise _told(error, {Part.CARD}) from error

    async def unpin(self, room: Room, message_id: str) -> None:
        """Take a pin away; that it is away already is no error."""
        try:
            await self._api.call(
                "unpinChatMessage", {**_address(room), "message_id": _integer(message_id, "a message")}
            )
        except TelegramError as error:
            if not is_not_pinned(error):
                raise _told(error) from error

    async def delete(self, room: Room, message_id: str) -> None:
        """Take a message away; that it is gone is no error. After 48 hours Telegram refuses."""
        try:
            await self._api.call("deleteMessage", {**_address(room), "message_id": _integer(message_id, "a message")})
        except TelegramError as error:
            if not is_not_there(error):
                raise _told(error) from error

    async def _post(self, parameters: Mapping[str, Any], file: Attachment | None) -> Any:
        if file is None:
            return await self._api.call("sendMessage", parameters)
        kind, method = ("photo", "sendPhoto") if sendable_as_photo(file) else ("document", "sendDocument")
        return await self._with_file(
            method, (kind, file), lambda known: {**parameters, kind: known} if known else parameters
        )

    async def _change(self, parameters: Mapping[str, Any], message: Message, rendered: Rendered) -> None:
        text, file = _text(message, rendered), message.attachment
        if file is None:
            await self._api.call("editMessageText", {**parameters, **text})
            return
        kind = "photo" if sendable_as_photo(file) else "document"

        def pointing(known: str | None) -> dict[str, Any]:
            return {**parameters, "media": {"type": kind, "media": known or f"attach://{kind}", **text}}

        await self._with_file("editMessageMedia", (kind, file), pointing)

    async def _with_file(
        self, method: str, file: tuple[str, Attachment], pointing: Callable[[str | None], Mapping[str, Any]]
    ) -> Any:
        """Call a method with a file: by its id where Telegram has it, else by its bytes.

        `pointing` gives the parameters for an id, and for bytes (None).
        """
        mark = self._uploads.mark(file[1])
        known = self._uploads.known(mark)
        if known is not None:
            try:
                return await self._api.call(method, pointing(known))
            except BadRequest as error:
                # Whatever it says of an id that it does not take: of what we know it says nothing.
                if is_unchanged(error) or send_error(error).fault is not Fault.REFUSED:
                    raise
                self._uploads.forget(mark)
        shown = await self._api.call(method, pointing(None), file=file)
        self._uploads.learn(mark, shown)
        return shown

    async def _take_keys(self, card: Mapping[str, Any]) -> None:
        """What stands in its place comes below it: nobody shall press here any more."""
        try:
            await self._api.call("editMessageReplyMarkup", card)
        except BadRequest:
            # It had none, or is gone.
            return
        except TelegramError as error:
            raise _told(error) from error


def _address(room: Room) -> dict[str, Any]:
    return {"chat_id": _integer(room.id, "a chat")}


def _text(message: Message, rendered: Rendered) -> dict[str, Any]:
    if message.attachment is not None:
        return {"caption": rendered.text, "caption_entities": rendered.entities}
    return {"text": rendered.text, "entities": rendered.entities, "link_preview_options": {"is_disabled": True}}


def _keyboard(rendered: Rendered) -> dict[str, Any]:
    return {"reply_markup": {"inline_keyboard": rendered.keyboard}} if rendered.keyboard else {}


def _asking(room: Room, posting: Posting) -> dict[str, Any]:
    """Opens the reply for whoever reads it, where that can only be the one who is asked: a private chat.

    Contract, types.ForceReply.
    """
    if not posting.wants or room.id.startswith("-"):
        return {}
    hint = on_one_line(posting.wants.rstrip("_")).strip()[:PLACEHOLDER_CHARACTERS]
    return {"reply_markup": {"force_reply": True, **({"input_field_placeholder": hint} if hint else {})}}


def _told(error: TelegramError, can_lose: set[Part] | frozenset[Part] = frozenset()) -> SendError:
    """The error for the outbox, where only `can_lose` was there to leave out."""
    meant = send_error(error)
    if meant.without is None or meant.without in can_lose:
        return meant
    if meant.without is Part.TOPIC:
        # A card in a topic that is closed is posted anew; what went to no topic meets one that is closed to all.
        anew = Part.CARD in can_lose
        fault = Fault.DEGRADE if anew else Fault.DEAD_RECIPIENT
        return SendError(str(meant), fault, without=Part.CARD if anew else None)
    return SendError(str(meant), Fault.REFUSED)


def _integer(text: str, what: str) -> int:
    try:
        number = int(text)
    except ValueError as error:
        raise SendError(f"“{text}” is no id of {what} on Telegram", Fault.REFUSED) from error
    if number.bit_length() > 63:
        raise SendError(f"“{text}” is no id of {what} on Telegram", Fault.REFUSED)
    return number
