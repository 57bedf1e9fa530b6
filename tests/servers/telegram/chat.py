"""A chat as people use it: they say, press and read."""

import re
from collections.abc import Callable
from itertools import takewhile
from typing import Any

from tests.servers.common.seen import PATIENCE_S, NotSeen
from tests.servers.telegram.entities import Entity, units
from tests.servers.telegram.message import Message
from tests.servers.telegram.person import CHANNEL_BOT, GROUP_ANONYMOUS_BOT, Person
from tests.servers.telegram.record import ChatRecord

_COMMAND = re.compile(r"(?<![\w/@])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?")


class Chat(ChatRecord):
    """The hands and eyes of the people in one chat."""

    _read = 0

    @property
    def from_bot(self) -> list[Message]:
        """The bot's messages as they are now, oldest first."""
        bot = self._around.bot.id
        return [one for one in self.messages if one.sender is not None and one.sender.id == bot]

    async def say(
        self,
        person: Person,
        text: str,
        *,
        edited: Message | int | None = None,
        reply_to: Message | int | None = None,
        thread: int | None = None,
        forwarded_from: Person | None = None,
        via_bot: Person | None = None,
        sender_chat: ChatRecord | None = None,
        anonymous: bool = False,
        date: int | None = None,
        entities: tuple[Entity, ...] = (),
        extra: dict[str, Any] | None = None,
    ) -> Message:
        """Say something; the bot is owed an update if the platform would hand it over.

        `edited` changes an earlier message instead. `anonymous` speaks as the group,
        `sender_chat` as another channel; in a channel every message is a post of the channel.
        `date` is Unix seconds. `extra` is laid over the message as it is.
        """
        fields = dict(extra or {})
        sender: Person | None = person
        if self.kind == "channel":
            sender, sender_chat = None, self
        elif anonymous:
            sender, sender_chat = GROUP_ANONYMOUS_BOT, self
        elif sender_chat is not None:
            sender = CHANNEL_BOT
        else:
            self.members.setdefault(person.id, "member")
        if sender_chat is not None:
            fields["sender_chat"] = sender_chat.shape()
        at = self._around.seconds() if date is None else date
        if forwarded_from is not None:
            fields["forward_origin"] = {
                "type": "user",
                "date": at,
                "sender_user": forwarded_from.shape(),
            }
        if via_bot is not None:
            fields["via_bot"] = via_bot.shape()
        marks = (*commands_in(text), *entities)
        if edited is not None:
            message = self.now(edited).edited(at, text=text, entities=marks)
        else:
            message = Message(
                self.id,
                self.next_id(),
                at,
                sender,
                text,
                marks,
                thread_id=thread,
                reply_to=None if reply_to is None else self.now(reply_to).message_id,
                extra=fields,
            )
        self.put(message)
        self._hand_over(message)
        return message

    async def press(
        self,
        person: Person,
        message: Message | int,
        label: str,
        *,
        inaccessible: bool = False,
    ) -> str:
        """Press the button that reads `label` on the message as it is now.

        Returns the query's id. Raises `NotSeen` where there is no such button.
        """
        for row in self.now(message).buttons:
            for button in row:
                if button.label == label:
                    return await self.press_data(person, message, button.data, inaccessible=inaccessible)
        raise NotSeen(f"no button {label!r} on #{self.now(message).message_id}\n{self.picture()}")

    async def press_data(
        self,
        person: Person,
        message: Message | int,
        data: str,
        *,
        inaccessible: bool = False,
    ) -> str:
        """Send any data for a message, as a forged client can; returns the query's id.

        With `inaccessible` the platform no longer shows the bot what was pressed on.
        """
        shown = self._shown_or_given(message)
        if inaccessible:
            body: dict[str, Any] = {
                "chat": self.shape(),
                "message_id": shown.message_id,
                "date": 0,
            }
        else:
            body = self.shape_of(shown)
        query_id = self._around.queries.ask()
        query = {"id": query_id, "from": person.shape(), "chat_instance": f"chat{self.id}"}
        self._around.updates.push("callback_query", {**query, "message": body, "data": data})
        return query_id

    def now(self, message: Message | int) -> Message:
        """The message as the platform shows it now; raises `NotSeen` where it is gone."""
        message_id = message if isinstance(message, int) else message.message_id
        found = self.find(message_id)
        if found is None:
            raise NotSeen(f"message #{message_id} is not there\n{self.picture()}")
        return found

    async def next_message(
        self,
        containing: str = "",
        *,
        where: Callable[[Message], bool] | None = None,
        timeout_s: float = PATIENCE_S,
    ) -> Message:
        """The next message of the bot that was not read yet; those before it count as read."""

        def found() -> Message | None:
            for message in self._unread():
                if containing in message.text and (where is None or where(message)):
                    return message
            return None

        message = await self._wait(found, f"no new message with {containing!r}", timeout_s)
        self._read = message.message_id
        return message

    async def shows(
        self,
        containing: str,
        *,
        on: Message | int | None = None,
        timeout_s: float = PATIENCE_S,
    ) -> Message:
        """Wait until a message of the bot (or `on`) reads so, new or edited; the last such."""

        def found() -> Message | None:
            shown = self.from_bot if on is None else [self.now(on)]
            return next((one for one in reversed(shown) if containing in one.text), None)

        return await self._wait(found, f"nothing shows {containing!r}", timeout_s)

    async def _wait(self, found: Callable[[], Message | None], complaint: str, timeout_s: float) -> Message:
        await self._around.changed.until(found, timeout_s)
        message = found()
        if message is None:
            raise NotSeen(f"{complaint} within {timeout_s:g} s\n{self.picture()}")
        return message

    def _unread(self) -> list[Message]:
        newest_first = takewhile(lambda one: one.message_id > self._read, reversed(self._messages.values()))
        bot = self._around.bot.id
        unread = [one for one in newest_first if one.sender is not None and one.sender.id == bot]
        return unread[::-1]

    def _shown_or_given(self, message: Message | int) -> Message:
        # A client may still press what has been deleted in the meantime.
        if isinstance(message, Message):
            return self.find(message.message_id) or message
        return self.now(message)

    def _hand_over(self, message: Message) -> None:
        if self.bot_status in ("left", "kicked") or not self._is_for_bot(message):
            return
        kind = "channel_post" if self.kind == "channel" else "message"
        if message.edit_date is not None:
            kind = f"edited_{kind}"
        self._around.updates.push(kind, self.shape_of(message))

    def _is_for_bot(self, message: Message) -> bool:
        """The privacy mode (core.telegram.org/bots/features#privacy-mode)."""
        is_group = self.kind in ("group", "supergroup")
        if not is_group:
            return True
        bot = self._around.bot
        for entity in message.entities:
            if entity["type"] == "bot_command" and entity["offset"] == 0:
                _, _, name = message.text[: entity["length"]].partition("@")
                return not name or name.lower() == str(bot.username).lower()
        if not self._around.privacy or self.bot_status == "administrator":
            return True
        answered = None if message.reply_to is None else self.find(message.reply_to)
        if answered is not None and answered.sender is not None:
            return answered.sender.id == bot.id
        return bool(message.extra.get("via_bot", {}).get("id") == bot.id)


def commands_in(text: str) -> tuple[Entity, ...]:
    """The `bot_command` entities that a client marks in a text."""
    return tuple(
        {
            "type": "bot_command",
            "offset": units(text[: found.start()]),
            "length": units(found.group()),
        }
        for found in _COMMAND.finditer(text)
    )
