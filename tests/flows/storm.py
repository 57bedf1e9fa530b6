"""Updates at random: some are what people do, many are not, and many are no updates at all."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from random import Random
from typing import Any

from chatops.asks import ASKS
from tests.flows.conftest import ADA, BOB, EVE, VIC
from tests.servers.telegram import Chat, Person, TelegramServer

#: What moves people about would change who may do what: an admin, who may, does not say it here.
ABOUT_PEOPLE = {"invite", "role", "revoke", "mute", "claim"}
WORDS = sorted({ask.word for ask in ASKS if not ask.hidden})
ACTING = ("close SOL-1", "close eth 50%", "pause entry lunch", "pause all", "pause bybit", "resume entry", "resume all")
ARGUMENTS = (
    *("SOL-1", "eth", "alpha", "all", "entry", "exit", "bybit", "on", "off", "50%", "0", "-1", "7d", "24h", "1e9"),
    *("bob", "admin", "Ünïcode", "💥", "a" * 300, "'; DROP TABLE presses; --", "{}", "\x00", "\u202e", "/close"),
)
JUNK: tuple[Any, ...] = (None, True, 0, -1, 2**70, 1.5, "", "x" * 20_000, "\x00", "\ud83d", [], {}, [[]], {"id": 1})


class Storm:
    """Makes them up, one after the other, from what it sees on the platform."""

    def __init__(self, server: TelegramServer, chance: Random, now: Callable[[], datetime]) -> None:
        self._now = now
        self._chance = chance
        self._people = {id_: server.person(int(id_), f"Person {id_}") for id_ in (ADA, BOB, VIC, EVE)}
        self._impostor = server.person(777, "ada", "ada")
        self._robot = server.person(999, "Robot", is_bot=True)
        forum = server.group(-1007654321000, "Forum", forum=True)
        self._topic = server.topic(forum, "carry")
        self._group = server.group(-1005555555555, "Desk")
        self._privates = {id_: server.private(person) for id_, person in self._people.items()}
        self._channel = server.channel(-1009999999999)
        self._forum = forum
        #: Every token that was ever shown, with the message that showed it.
        self._tokens: dict[str, tuple[Chat, int]] = {}
        self._newest: list[str] = []
        #: The Confirm of the last questions.
        self._questions: list[str] = []
        self._id = 500_000

    def update(self) -> dict[str, Any]:
        """The next one."""
        kind = self._chance.choices(
            (self._word, self._press, self._confirm, self._foreign, self._strange, self._malformed),
            (14, 14, 8, 22, 21, 21),
        )[0]
        return kind()

    def look(self) -> None:
        """See what is shown now."""
        self._newest.clear()
        self._questions.clear()
        for chat in (self._group, self._forum, *self._privates.values()):
            for message in chat.from_bot[-6:]:
                for row in message.buttons:
                    for button in row:
                        self._tokens[button.data] = (chat, message.message_id)
                        self._newest.append(button.data)
                        if button.label == "Confirm":
                            self._questions.append(button.data)

    # What people do.

    def _word(self) -> dict[str, Any]:
        chance = self._chance
        id_ = chance.choices((ADA, BOB, VIC, EVE), (3, 3, 2, 1))[0]
        said = chance.choice(ACTING) if chance.random() < 0.5 else " ".join([chance.choice(WORDS), *self._arguments()])
        if id_ == ADA and said.split()[0] in ABOUT_PEOPLE:
            said = "status"
        return {"message": self._message(self._people[id_], self._place(id_), "/" + said)}

    def _confirm(self) -> dict[str, Any]:
        return self._press(self._chance.choice(self._questions) if self._questions else None)

    def _press(self, token: str | None = None) -> dict[str, Any]:
        chance = self._chance
        if token is None:
            token = chance.choice(self._newest) if self._newest and chance.random() < 0.7 else self._any_token()
        chat, message_id = self._tokens.get(token, (self._group, 1))
        id_ = chance.choices((ADA, BOB, VIC, EVE), (5, 5, 2, 1))[0]
        if chat in self._privates.values() and chance.random() < 0.9:
            id_ = str(chat.id)
        if chance.random() < 0.07:
            chat = self._place(id_)
        return {"callback_query": self._query(self._people[id_], chat, message_id, token)}

    def _any_token(self) -> str:
        forged = ("A" * 22, "", "close:SOL-1", "x" * 65, "\x00", "💥", str(self._chance.getrandbits(130)))
        kept = list(self._tokens)[-400:]
        return self._chance.choice(kept if kept and self._chance.random() < 0.7 else forged)

    # What asks nothing, though it reads as if it did.

    def _foreign(self) -> dict[str, Any]:
        chance = self._chance
        ada = self._people[ADA]
        message = self._message(ada, self._group, "/" + chance.choice(ACTING))
        marks: dict[str, dict[str, Any]] = {
            "forward_origin": {"type": "user", "date": 1, "sender_user": ada.shape()},
            "via_bot": self._robot.shape(),
            "sender_chat": self._channel.shape(),
            "edit_date": message["date"],
            "from": self._robot.shape(),
        }
        mark = chance.choice([*marks, "anonymous", "impostor", "channel", "edited", "pressed by a bot"])
        match mark:
            case "anonymous":
                by = {"id": 1087968824, "is_bot": True, "first_name": "Group"}
                return {"message": {**message, "from": by, "sender_chat": self._group.shape()}}
            case "impostor":
                return {"message": {**message, "from": self._impostor.shape()}}
            case "channel":
                return {"channel_post": {**message, "chat": self._channel.shape()}}
            case "edited":
                return {"edited_message": {**message, "edit_date": message["date"]}}
            case "pressed by a bot":
                return {"callback_query": self._query(self._robot, self._group, 1, self._any_token())}
            case _:
                return {"message": {**message, mark: marks[mark]}}

    def _strange(self) -> dict[str, Any]:
        chance = self._chance
        ada, vic = self._people[ADA], self._people[VIC]
        message = self._message(ada, self._group, "?")
        del message["text"]
        return chance.choice(
            (
                {"message": {**message, "new_chat_members": [vic.shape(), self._robot.shape()]}},
                {"message": {**message, "left_chat_member": vic.shape()}},
                {"message": {**message, "sticker": {"file_id": "1", "emoji": "💥"}}},
                {"message": {**message, "caption": "/close SOL-1", "photo": []}},
                {"my_chat_member": {"chat": self._group.shape(), "from": ada.shape(), "date": 1}},
                {"inline_query": {"id": "1", "from": ada.shape(), "query": "/close SOL-1", "offset": ""}},
                {"message_reaction": {"chat": self._group.shape(), "message_id": 1, "user": ada.shape()}},
                {"poll": {"id": "1"}},
                {"message": self._message(vic, self._privates[VIC], self._nonsense())},
                {"message": self._message(self._people[BOB], self._privates[BOB], self._nonsense())},
                {},
            )
        )

    def _nonsense(self) -> str:
        return "".join(chr(self._chance.choice((32, 47, 64, 97, 0x202E, 0x1F4A5, 0x300))) for _ in range(12))

    # What is no update at all.

    def _malformed(self) -> dict[str, Any]:
        chance = self._chance
        update: dict[str, Any] = json.loads(json.dumps(self._press() if chance.random() < 0.5 else self._word()))
        if chance.random() < 0.05:
            deep: dict[str, Any] = {}
            for _ in range(chance.choice((50, 300))):
                deep = {"message": deep, "text": "/close SOL-1"}
            return {**update, "extra": deep}
        spots = list(_spots(update))
        for _ in range(chance.choice((1, 1, 2, 5))):
            holder, key = chance.choice(spots)
            holder[key] = chance.choice(JUNK)
        return update

    # The forms that the platform documents.

    def _arguments(self) -> Iterator[str]:
        for _ in range(self._chance.choice((0, 0, 1, 1, 2, 3))):
            yield self._chance.choice(ARGUMENTS)

    def _place(self, id_: str) -> Chat:
        return self._chance.choice((self._privates[id_], self._privates[id_], self._group, self._forum))

    def _message(self, person: Person, chat: Chat, text: str) -> dict[str, Any]:
        self._id += 1
        topic = {"message_thread_id": self._topic, "is_topic_message": True} if chat is self._forum else {}
        date = int(self._now().timestamp()) - self._chance.choices((0, 59, 61, 90_000), (20, 1, 1, 1))[0]
        about = {"message_id": self._id, "date": date, "chat": chat.shape(), "from": person.shape()}
        return {**about, **topic, "text": text}

    def _query(self, person: Person, chat: Chat, message_id: int, token: str) -> dict[str, Any]:
        shown = chat.find(message_id)
        if shown is None or self._chance.random() < 0.1:
            message: dict[str, Any] = {"chat": chat.shape(), "message_id": message_id, "date": 0}
        else:
            message = chat.shape_of(shown)
        asked = self._chance.getrandbits(60)
        return {"id": str(asked), "from": person.shape(), "chat_instance": "1", "message": message, "data": token}


def _spots(within: dict[str, Any] | list[Any]) -> Iterator[tuple[Any, Any]]:
    """Every place in it that holds something."""
    for key, held in list(within.items() if isinstance(within, dict) else enumerate(within)):
        yield within, key
        if isinstance(held, dict | list):
            yield from _spots(held)
