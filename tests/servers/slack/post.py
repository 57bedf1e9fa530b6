"""A message as it stands in a channel now."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tests.servers.slack.account import Account
from tests.servers.slack.block_kit import mentions, texts_of
from tests.servers.slack.block_kit.blocks import elements_of

Blocks = tuple[Mapping[str, Any], ...]
#: How many earlier forms of a post are kept; a card is edited for days.
_EDITS_KEPT = 1000


@dataclass(frozen=True, slots=True)
class File:
    """What was uploaded."""

    id: str
    name: str
    title: str
    alt_text: str
    content: bytes = field(repr=False)

    def shape(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "title": self.title,
            "size": len(self.content),
            "mode": "hosted",
            "alt_txt": self.alt_text,
        }


@dataclass(frozen=True, slots=True)
class Control:
    """What can be pressed or chosen from: the element, and the block that it stands in."""

    block_id: str
    element: Mapping[str, Any]

    @property
    def label(self) -> str:
        """What is written on it; of a menu, what stands there before anything is chosen."""
        text = self.element.get("text") or self.element.get("placeholder") or {}
        return str(text.get("text", ""))

    @property
    def action_id(self) -> str:
        return str(self.element["action_id"])

    @property
    def choices(self) -> tuple[str, ...]:
        return tuple(str(option["text"]["text"]) for option in self.options)

    @property
    def options(self) -> list[Mapping[str, Any]]:
        groups = self.element.get("option_groups", [{"options": self.element.get("options", [])}])
        return [option for group in groups for option in group["options"]]


@dataclass(frozen=True, slots=True)
class Post:
    """What people see. `text` is what a notification reads where there are blocks.

    `ts` is its id in its channel; `thread_ts` that of the post under which it stands, or None. `edits` are the
    earlier forms, oldest first. `only_for` is the one person who sees it, where it is ephemeral.
    """

    channel_id: str
    ts: str
    author: Account
    text: str = ""
    blocks: Blocks = ()
    thread_ts: str | None = None
    metadata: Mapping[str, Any] | None = None
    files: tuple[File, ...] = ()
    edits: tuple["Post", ...] = field(default=(), repr=False)
    edited_ts: str | None = None
    #: A reply that was shown in the channel too.
    is_broadcast: bool = False
    only_for: str | None = None
    unfurls: bool = True
    reactions: tuple[tuple[str, str], ...] = ()
    subtype: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_from_app(self) -> bool:
        return self.author.is_app

    @property
    def mentions(self) -> tuple[str, ...]:
        """Whom it wakes: `@U…`, `!channel` and their like. What an app writes of people's words has none."""
        return mentions(self.text, list(self.blocks))

    @property
    def controls(self) -> list[Control]:
        return controls_of(list(self.blocks))

    @property
    def labels(self) -> tuple[str, ...]:
        """What is written on what can be pressed, in reading order."""
        return tuple(control.label for control in self.controls)

    @property
    def words(self) -> str:
        """All that it shows, a line a text; where there are no blocks, its text."""
        shown = [content for _, content in texts_of(list(self.blocks))]
        return "\n".join(shown) if shown else self.text

    def edited(self, at: str, **changes: Any) -> "Post":
        """The next form of this post, which remembers this one."""
        earlier = (*self.edits, replace(self, edits=()))[-_EDITS_KEPT:]
        return replace(self, edited_ts=at, edits=earlier, **changes)

    def shape(self, app: Mapping[str, Any], *, with_metadata: bool = False) -> dict[str, Any]:
        """The post as a `message` of the Web API; `app` is what stands in what the app itself has written."""
        body: dict[str, Any] = {
            "type": "message",
            "user": self.author.id,
            "text": self.text,
            "ts": self.ts,
            "team": self.author.team_id,
        }
        if self.subtype is not None:
            body["subtype"] = self.subtype
        if self.is_from_app:
            body.update(app)
        if self.blocks:
            body["blocks"] = [dict(block) for block in self.blocks]
        if self.thread_ts is not None:
            body["thread_ts"] = self.thread_ts
        if self.files:
            body["files"] = [file.shape() for file in self.files]
        if self.edited_ts is not None:
            body["edited"] = {"user": self.author.id, "ts": self.edited_ts}
        if self.reactions:
            body["reactions"] = [{"name": name, "users": [user], "count": 1} for name, user in self.reactions]
        if with_metadata and self.metadata is not None:
            body["metadata"] = dict(self.metadata)
        body.update(self.extra)
        return body


def controls_of(blocks: list[Any]) -> list[Control]:
    return [Control(block["block_id"], element) for block, element in elements_of(blocks)]
