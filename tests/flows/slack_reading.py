"""A post of Slack's in the shape of the memory platform's, so that one story reads both."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from html import unescape
from itertools import groupby
from typing import Any

from chatops.adapters.memory import Shown
from chatops.messages import Attachment, Key, Message, Paragraph, Posting
from chatops.room import Room
from tests.servers.slack import Control, File, Post

#: What one is told to write there: stories quote words as they are written elsewhere.
_COMMAND = re.compile(r"/deck (?=[a-z])")
_LISTED = re.compile(r"^/deck [a-z_]+(?: · [a-z_]+)+$", re.MULTILINE)

#: Finds what was uploaded, by its id.
Find = Callable[[str], File | None]


def as_shown(posts: list[Post], room: Room, find: Find) -> list[Shown]:
    """What stands there, the oldest first. A file that hangs in the thread of a message belongs to that."""
    read: list[Shown] = []
    for post in sorted(posts, key=lambda post: post.ts):
        if post.files and not post.blocks and not post.text:
            _hang(post, read)
        else:
            earlier = tuple(_posting(one, find) for one in post.edits)
            read.append(Shown(post.ts, room, _posting(post, find), earlier, post.thread_ts))
    return read


def control_of(post: Post, token: str) -> tuple[Control, Mapping[str, Any]] | None:
    """What to press for this token, and what is chosen by that; also where it is not there any more."""
    for form in (post, *reversed(post.edits)):
        for control in form.controls:
            if control.element.get("value") == token:
                return control, {}
            for option in control.options:
                if option.get("value") == token:
                    return control, {"selected_option": option}
    return None


def _hang(post: Post, above: list[Shown]) -> None:
    for index in reversed(range(len(above))):
        shown = above[index]
        if post.thread_ts in (shown.id, shown.reply_to):
            message = replace(shown.message, attachment=_attachment(post.files[0]))
            above[index] = replace(shown, posting=replace(shown.posting, message=message))
            return


def _posting(post: Post, find: Find) -> Posting:
    title, *rest = [_read(block) for block in post.blocks if block["type"] in ("header", "section")] or [post.text]
    pictures = [block["slack_file"]["id"] for block in post.blocks if block["type"] == "image"]
    file = find(pictures[0]) if pictures else None
    attachment = None if file is None else _attachment(file, is_picture=True)
    rows = [tuple(_keys(list(row))) for _, row in groupby(post.controls, key=lambda control: control.block_id)]
    said = Message(title, tuple(Paragraph(text) for text in rest), attachment=attachment)
    return Posting(said, tuple(row for row in rows if row))


def _keys(controls: list[Control]) -> Iterator[Key]:
    """Buttons, and what menus offer: one finds it in any of these."""
    for control in controls:
        if "value" in control.element:
            yield Key(_COMMAND.sub("/", control.label), control.element["value"])
        for label, option in zip(control.choices, control.options, strict=True):
            yield Key(label, option["value"])


def _attachment(file: File, *, is_picture: bool = False) -> Attachment:
    return Attachment(file.name, file.content, is_picture)


def _read(block: Mapping[str, Any]) -> str:
    """What a person reads there."""
    text = str(block["text"]["text"])
    if block["text"]["type"] != "plain_text":
        text = unescape(text).removeprefix("```\n").removesuffix("\n```").strip("*")
    text = _LISTED.sub(lambda line: line[0].replace(" · ", " /"), text)
    return _COMMAND.sub("/", text)
