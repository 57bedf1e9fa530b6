"""Modals and Homes, and the triggers that a modal is opened with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tests.servers.common.bell import Bell
from tests.servers.slack.block_kit import filled
from tests.servers.slack.errors import ApiError
from tests.servers.slack.limits import TRIGGER_S, VIEW_STACK
from tests.servers.slack.post import Control, controls_of


@dataclass(frozen=True, slots=True)
class View:
    """What one person has open, or has as Home. `body` is what the app gave, with ids filled in."""

    id: str
    user_id: str
    body: Mapping[str, Any]
    root_id: str
    previous_id: str | None
    hash: str
    #: Where somebody pressed to open it, if it was in a channel.
    channel_id: str | None = None
    edits: tuple["View", ...] = field(default=(), repr=False)

    @property
    def blocks(self) -> list[Any]:
        return list(self.body["blocks"])

    @property
    def callback_id(self) -> str:
        return str(self.body.get("callback_id", ""))

    @property
    def title(self) -> str:
        return str(self.body.get("title", {}).get("text", ""))

    @property
    def controls(self) -> list[Control]:
        """What can be pressed, chosen from or written into."""
        return controls_of(self.blocks)

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(control.label for control in self.controls)


@dataclass(slots=True)
class Trigger:
    user_id: str
    at: float
    channel_id: str | None
    view_id: str | None
    is_used: bool = False


class Views:
    """Who has what open. A trigger is good once, for three seconds."""

    def __init__(self, now: Callable[[], float], next_id: Callable[[str], str], changed: Bell) -> None:
        self._now = now
        self._next_id = next_id
        self._changed = changed
        self._triggers: dict[str, Trigger] = {}
        self._hashes = 0
        self.by_id: dict[str, View] = {}
        #: A person's modals, the one in front last.
        self.stacks: dict[str, list[str]] = {}
        self.homes: dict[str, str] = {}
        self.has_home_tab = True

    def trigger(self, user_id: str, channel_id: str | None = None, view_id: str | None = None) -> str:
        """A new trigger id, for something that a person has just done."""
        trigger_id = f"{int(self._now())}.{len(self._triggers) + 1}.{user_id.lower()}"
        self._triggers[trigger_id] = Trigger(user_id, self._now(), channel_id, view_id)
        return trigger_id

    def redeem(self, trigger_id: str) -> Trigger:
        trigger = self._triggers.get(trigger_id)
        if trigger is None:
            raise ApiError("invalid_trigger_id")
        if self._now() - trigger.at > TRIGGER_S:
            raise ApiError("expired_trigger_id")
        if trigger.is_used:
            raise ApiError("exchanged_trigger_id")
        trigger.is_used = True
        return trigger

    def show(self, user_id: str, body: Mapping[str, Any], *, push: bool, channel_id: str | None = None) -> View:
        """A modal in front of a person: alone, or upon what is open."""
        stack = self.stacks.get(user_id, []) if push else []
        if len(stack) >= VIEW_STACK:
            raise ApiError("push_limit_reached")
        view = self._new(user_id, body, stack, channel_id)
        self.stacks[user_id] = [*stack, view.id]
        self._changed.ring()
        return view

    def publish(self, user_id: str, body: Mapping[str, Any], given_hash: str | None) -> View:
        """The Home of a person."""
        if user_id in self.homes:
            return self.change(self.by_id[self.homes[user_id]], body, given_hash)
        view = self._new(user_id, body, [], None)
        self.homes[user_id] = view.id
        self._changed.ring()
        return view

    def find(self, view_id: str | None, external_id: str | None) -> View:
        for view in self.by_id.values():
            if (view_id and view.id == view_id) or (external_id and view.body.get("external_id") == external_id):
                return view
        raise ApiError("not_found")

    def change(self, view: View, body: Mapping[str, Any], given_hash: str | None = None) -> View:
        if given_hash is not None and given_hash != view.hash:
            raise ApiError("hash_conflict")
        self._admit_external(body, view.id)
        earlier = (*view.edits, replace(view, edits=()))
        changed = replace(view, body=self._filled(body), hash=self._next_hash(), edits=earlier)
        self.by_id[view.id] = changed
        self._changed.ring()
        return changed

    def close(self, user_id: str, *, everything: bool = False) -> list[View]:
        """Take the modal in front away, or all; returns what is gone, the front one first."""
        stack = self.stacks.get(user_id, [])
        kept = [] if everything else stack[:-1]
        gone = [self.by_id.pop(view_id) for view_id in reversed(stack[len(kept) :])]
        self.stacks[user_id] = kept
        self._changed.ring()
        return gone

    def stack(self, user_id: str) -> list[View]:
        """A person's modals, the one in front first."""
        return [self.by_id[view_id] for view_id in reversed(self.stacks.get(user_id, []))]

    def home(self, user_id: str) -> View | None:
        view_id = self.homes.get(user_id)
        return None if view_id is None else self.by_id[view_id]

    def _new(self, user_id: str, body: Mapping[str, Any], stack: list[str], channel_id: str | None) -> View:
        self._admit_external(body, None)
        view_id = self._next_id("V")
        root, previous = (stack[0], stack[-1]) if stack else (view_id, None)
        view = View(view_id, user_id, self._filled(body), root, previous, self._next_hash(), channel_id)
        self.by_id[view_id] = view
        return view

    def _admit_external(self, body: Mapping[str, Any], own_id: str | None) -> None:
        external_id = body.get("external_id")
        if external_id and any(
            view.body.get("external_id") == external_id and view.id != own_id for view in self.by_id.values()
        ):
            raise ApiError("duplicate_external_id")

    def _filled(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return {**body, "blocks": filled(list(body["blocks"]), len(self.by_id) * 1000)}

    def _next_hash(self) -> str:
        self._hashes += 1
        return f"{int(self._now())}.{self._hashes:08d}"
