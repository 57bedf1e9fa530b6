"""Messages as they will be owed: in the parts that their platform takes, their buttons turned into tokens."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from alerts.severity import Severity
from chatops.adapters.base import Ability, Adapter
from chatops.guard.presses import StoredPress, seal
from chatops.ids import uuid7
from chatops.messages import Message, Posting
from chatops.owed import Kind, Owed
from chatops.people import Identity
from chatops.redacted import redacted
from chatops.redactor import Redactor
from chatops.room import Room


@dataclass(frozen=True, slots=True)
class Draft:
    """A message in its parts, and the tokens of its buttons: not stored yet."""

    owed: tuple[Owed, ...]
    minted: tuple[StoredPress, ...]


class Drafts:
    """Drafts messages for the rooms of these platforms. What settles an ask may be pressed `confirm_within`,
    by a second person `approve_within`.
    """

    def __init__(
        self,
        adapters: Mapping[str, Adapter],
        now: Callable[[], datetime],
        confirm_within: timedelta,
        approve_within: timedelta,
        redact: Redactor,
    ) -> None:
        self._adapters = adapters
        self._redact = redact
        self._now = now
        self._confirm_within = confirm_within
        self._approve_within = approve_within

    def answer(
        self,
        message: Message,
        room: Room,
        *,
        asker: str | None,
        command_id: UUID,
        replaces: str | None = None,
        whisper_to: Identity | None = None,
    ) -> Draft:
        """What somebody is told who asked; it takes the place of the message `replaces`.

        With `whisper_to` it is for this account alone, unless it changes a message, or waits for a reply: nobody could
        reply to it.
        """
        parts, minted, at = self._sealed(message, room, asker, command_id)
        if (
            whisper_to is not None
            and replaces is None
            and message.wanted is None
            and not self._is_alone(room, whisper_to)
        ):
            # Nor can anybody choose from a menu there.
            parts = tuple(replace(part, whisper_to=whisper_to, menu="") for part in parts)
        owed = (
            Owed(
                uuid7(),
                room,
                part,
                at,
                command_id=command_id,
                card=str(command_id),
                # The first part takes the old message's place, the others follow it.
                replaces=replaces if number == 0 else None,
            )
            for number, part in enumerate(parts)
        )
        return Draft(tuple(owed), minted)

    def unasked(
        self,
        message: Message,
        room: Room,
        *,
        kind: Kind,
        severity: Severity,
        card: str | None,
        in_place: bool,
        hangs_on: str | None,
        ends: bool,
        asker: str | None = None,
        only_changes: bool = False,
    ) -> Draft:
        """What nobody asked for; its buttons may settle what `asker` asked.

        A card is one message; where it needs more, the rest only follows.
        """
        # An alert's card goes on showing it, whatever is pressed there.
        parts, minted, at = self._sealed(message, room, asker, beside=kind is Kind.ALERT)
        owed = (
            Owed(
                uuid7(),
                room,
                part,
                at,
                kind=kind,
                severity=severity,
                card=card if number == 0 else None,
                in_place=in_place and number == 0,
                hangs_on=hangs_on if number == 0 else None,
                ends=ends and number == 0,
                only_changes=only_changes,
            )
            for number, part in enumerate(parts)
        )
        return Draft(tuple(owed), minted)

    def _is_alone(self, room: Room, identity: Identity) -> bool:
        adapter = self._adapters.get(room.platform)
        return adapter is not None and adapter.direct(identity) == room

    def _sealed(
        self, message: Message, room: Room, asker: str | None, answers: UUID | None = None, *, beside: bool = False
    ) -> tuple[tuple[Posting, ...], tuple[StoredPress, ...], datetime]:
        at = self._now()
        message = redacted(message, self._redact)
        adapter = self._adapters.get(room.platform)
        if adapter is None or Ability.MENU not in adapter.abilities:
            message = replace(message, menu=None)
        lasts, approvable = self._confirm_within, self._approve_within
        posting, minted = seal(message, room, asker, at, lasts, approvable=approvable, answers=answers, beside=beside)
        return adapter.parts(posting) if adapter else (posting,), minted, at
