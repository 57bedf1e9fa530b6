"""A strict Telegram Bot API server for tests: `async with TelegramServer() as server`."""

from tests.servers.common.calls import Violation
from tests.servers.common.faults import (
    DropAfterAccept,
    DropBeforeAccept,
    RefuseAfterAccept,
    Rule,
    StallAfterAccept,
    StallBeforeAccept,
)
from tests.servers.common.seen import NotSeen
from tests.servers.telegram.callbacks import CallbackAnswer
from tests.servers.telegram.calls import Call
from tests.servers.telegram.chat import Chat
from tests.servers.telegram.errors import ApiError, Status, TooManyRequests
from tests.servers.telegram.markup import Button
from tests.servers.telegram.message import Attachment, Message
from tests.servers.telegram.person import Person
from tests.servers.telegram.server import TelegramServer

__all__ = [
    "ApiError",
    "Attachment",
    "Button",
    "Call",
    "CallbackAnswer",
    "Chat",
    "DropAfterAccept",
    "DropBeforeAccept",
    "Message",
    "NotSeen",
    "Person",
    "RefuseAfterAccept",
    "Rule",
    "StallAfterAccept",
    "StallBeforeAccept",
    "Status",
    "TelegramServer",
    "TooManyRequests",
    "Violation",
]
