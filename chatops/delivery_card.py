"""One delivery, whole, as the command line shows it."""

from collections.abc import Iterator
from datetime import datetime
from typing import TextIO

from chatops.layout import plain
from chatops.room_names import RoomNames
from chatops.storage.delivery_facts import Whole


def put_whole(whole: Whole, names: RoomNames, stream: TextIO) -> None:
    """Write what is known of it, a fact a line, and below what it says with its buttons and its file."""
    facts = list(_facts(whole, names))
    broad = max(len(name) for name, _ in facts)
    # What a stranger or a bot has written must not steer the terminal.
    stream.writelines(f"{name:<{broad}}  {plain(said)}\n" for name, said in facts)
    stream.write("\n")
    stream.writelines(f"{plain(line)}\n" for line in whole.message.text.splitlines())
    if whole.buttons:
        stream.write("\n")
    stream.writelines("".join(f"[{plain(label)}] " for label in row).rstrip() + "\n" for row in whole.buttons)


def _facts(whole: Whole, names: RoomNames) -> Iterator[tuple[str, str]]:
    listed = whole.listed
    yield "id", str(listed.id)
    yield "created", _said(listed.created_at)
    yield "kind", listed.kind
    yield "severity", listed.severity
    name, place = names.name(listed.room), str(listed.room)
    yield "room", place if name == place else f"{name} ({place})"
    yield "state", listed.state
    yield "reason", listed.reason or "–"
    yield "tries", str(listed.attempts)
    if whole.file is not None:
        yield "file", f"{whole.file} ({_size(whole.file_size)})"
    for fact, value in whole.facts.items():
        yield fact.replace("_", " "), _said(value)
    if whole.message.silent:
        yield "silent", "yes"


def _said(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S} UTC"
    return "yes" if value is True else str(value)


def _size(size: int | None) -> str:
    return "not kept any more" if size is None else f"{size:,} bytes"
