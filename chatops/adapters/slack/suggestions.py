"""Somebody types into a menu, and Slack asks us for its options: in a form, or under a message of ours (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chatops.adapters.slack.bare import bare
from chatops.adapters.slack.inbound import Unreadable, doer, replied_to
from chatops.adapters.slack.modals import opened
from chatops.people import Identity
from chatops.room import Room

#: More nobody types to find something.
_TYPED_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class InForm:
    """For an argument of a word, of which so much is filled in and settled."""

    sender: Identity
    word: str
    argument: str
    typed: str
    filled: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class UnderMessage:
    """For what a reply to a message of ours may say."""

    sender: Identity
    room: Room
    message_id: str
    typed: str


def sought(body: Mapping[str, Any]) -> InForm | UnderMessage:
    """What a `block_suggestion` is for. Raises `Unreadable`."""
    update = bare("view" if isinstance(body.get("view"), dict) else "action", body, 0)
    sender = doer(update)
    typed, argument = str(body.get("value") or "")[:_TYPED_CHARACTERS].strip(), str(body.get("action_id"))
    if "form" in update:
        form = opened(update["form"])
        if form is None:
            raise Unreadable("a form of nobody's")
        return InForm(sender, form.word, argument, typed, {**form.settled, **update["filled"]})
    return UnderMessage(sender, *replied_to(update, sender), typed)
