"""The mark in a message of ours by which it is found again: whether Slack has it need not be guessed."""

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any

from chatops.adapters.slack.api import SlackApi
from chatops.adapters.slack.errors import SlackError
from chatops.messages import Delivery

EVENT_TYPE = "quarterdeck_delivery"
#: Slack's clock and ours may differ by so much.
_SLACK = timedelta(minutes=2)
_PAGE = 200
#: Behind so many messages it is not looked for any more.
_PAGES = 10


class Unsought(SlackError):
    """There is too much to look through."""


def postmark(delivery: Delivery) -> Mapping[str, Any]:
    """The value of `metadata`. People do not see it; apps of the same workspace that may read it can."""
    return {"event_type": EVENT_TYPE, "event_payload": {"id": str(delivery.id)}}


class Postmarks:
    """Looks for messages of ours in what a channel shows. Raises `SlackError`: nobody knows whether it is there."""

    def __init__(self, api: SlackApi) -> None:
        self._api = api

    async def find(self, channel: str, thread: str | None, delivery: Delivery) -> str | None:
        """The id of the message with the mark of this delivery; None where there is none."""
        wanted = str(delivery.id)
        oldest = f"{(delivery.created_at - _SLACK).timestamp():.6f}"
        async for message in self._messages(channel, thread, oldest):
            if _marked(message.get("metadata")) == wanted and isinstance(message.get("ts"), str):
                return str(message["ts"])
        return None

    async def has_file(self, channel: str, thread: str, after: str, known_as: str) -> bool:
        """Whether a file of this id, or this name, came into a thread after a message."""
        async for message in self._messages(channel, thread, after):
            for file in _list(message, "files"):
                if known_as in (file.get("id"), file.get("name"), file.get("title")):
                    return True
        return False

    async def pictures(self, channel: str, ts: str) -> list[str]:
        """The ids of the files that a message shows."""
        answer = await self._api.call(
            "conversations.replies", {"channel": channel, "ts": ts, "latest": ts, "inclusive": True, "limit": 1}
        )
        shown = [message for message in _list(answer, "messages") if message.get("ts") == ts]
        images = [block for message in shown for block in _list(message, "blocks") if block.get("type") == "image"]
        return [str(image["slack_file"]["id"]) for image in images if "id" in image.get("slack_file", {})]

    async def _messages(self, channel: str, thread: str | None, oldest: str) -> AsyncIterator[Mapping[str, Any]]:
        where = {"channel": channel} if thread is None else {"channel": channel, "ts": thread}
        method = "conversations.history" if thread is None else "conversations.replies"
        what = {**where, "oldest": oldest, "limit": _PAGE, "include_all_metadata": True}
        cursor: str | None = None
        for _ in range(_PAGES):
            answer = await self._api.call(method, {**what, "cursor": cursor})
            for message in _list(answer, "messages"):
                yield message
            metadata = answer.get("response_metadata")
            cursor = metadata.get("next_cursor") if isinstance(metadata, Mapping) else None
            if not cursor:
                return
        raise Unsought(f"{channel} has more messages than are looked through")


def _list(value: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = value.get(name)
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def _marked(metadata: object) -> object:
    """The id of the delivery that a message is; None where it is none of ours."""
    if not isinstance(metadata, Mapping) or metadata.get("event_type") != EVENT_TYPE:
        return None
    payload = metadata.get("event_payload")
    return payload.get("id") if isinstance(payload, Mapping) else None
