"""A message owed, as a row of `deliveries` and back."""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from alerts.severity import Severity
from chatops.guard.audit import moment
from chatops.guard.presses import StoredPress
from chatops.owed import Kind, Owed
from chatops.payload import payload_of, posting_of
from chatops.room import Room
from chatops.storage.database import Record

#: What a row or a line that was not written by us can make of itself when it is read.
UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError)


def row_of(owed: Owed) -> dict[str, Any]:
    """The row as JSON values, its file among them; what is not there is left out."""
    row = bare_row_of(owed)
    file = file_of(owed)
    if file is not None:
        row["file"] = b64encode(file).decode()
    return row


def file_of(owed: Owed) -> bytes | None:
    """The bytes of the file that goes along."""
    attachment = owed.posting.message.attachment
    return None if attachment is None else attachment.content


def bare_row_of(owed: Owed) -> dict[str, Any]:
    """The row as JSON values without its file: as text 50 MB would hold up everybody."""
    row: dict[str, Any] = {
        "id": str(owed.id),
        "kind": owed.kind,
        "severity": owed.severity,
        "lane": int(owed.lane),
        "platform": owed.room.platform,
        "room": owed.room.key,
        "payload": payload_of(owed.posting, owed.replaces),
        "created_at": moment(owed.created_at),
    }
    if owed.command_id is not None:
        row["command_id"] = str(owed.command_id)
    if owed.card is not None:
        row["card"] = owed.card
    if owed.in_place:
        row["in_place"] = True
    if owed.hangs_on is not None:
        row["hangs_on"] = owed.hangs_on
    if owed.ends:
        row["ends"] = True
    if owed.only_changes:
        row["payload"]["only_changes"] = True
    return row


def owed_of(row: Record | Mapping[str, Any]) -> Owed:
    """What a row of the table says, or one of `row_of` with moments, ids and file as the table gives them.

    Raises one of `UNREADABLE` where it is no such row.
    """
    payload = row["payload"]
    return Owed(
        id=row["id"],
        room=Room.of(row["platform"], row["room"]),
        posting=posting_of(payload, row["file"]),
        created_at=row["created_at"],
        kind=Kind(row["kind"]),
        severity=Severity(row["severity"]),
        command_id=row["command_id"],
        card=row["card"],
        in_place=row["in_place"],
        replaces=payload["replaces"],
        hangs_on=row["hangs_on"],
        ends=row["ends"],
        only_changes=bool(payload.get("only_changes")),
    )


def owed_of_json(row: Mapping[str, Any]) -> Owed:
    """The message that `row_of` made this from.

    Raises one of `UNREADABLE` where it is no such row.
    """
    command_id, file = row.get("command_id"), row.get("file")
    values = {
        "card": None,
        "in_place": False,
        "hangs_on": None,
        "ends": False,
        **row,
        "id": UUID(row["id"]),
        "command_id": UUID(command_id) if command_id is not None else None,
        "created_at": datetime.fromisoformat(row["created_at"]),
        "file": b64decode(file, validate=True) if file is not None else None,
    }
    return owed_of(values)


def press_row_of(press: StoredPress) -> dict[str, Any]:
    """A row of `presses` as JSON values."""
    return {
        "token": press.token,
        "ask": press.ask.arguments,
        "word": press.ask.word,
        "principal": press.principal,
        "platform": press.room.platform,
        "room": press.room.key,
        "command_id": str(press.command_id) if press.command_id else None,
        "created_at": moment(press.created_at),
        "expires_at": moment(press.expires_at) if press.expires_at else None,
        "whose": press.whose,
        "preview": dict(press.preview) or None,
        "fills": press.fills,
        "beside": press.beside,
    }
