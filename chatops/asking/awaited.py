"""Those who may approve an ask: who they are, and what each of them is told by themselves."""

import logging
from collections.abc import Iterable
from uuid import UUID

from alerts.severity import Severity
from chatops.asking.visit import Visit
from chatops.asks import Ask
from chatops.guard.approvals import Request, may_approve
from chatops.guard.audit import StepName
from chatops.guard.permissions import Allowed, Permissions
from chatops.ledger import Unsettled
from chatops.messages import Message
from chatops.outbox import Outbox
from chatops.owed import Kind
from chatops.people import Directory, Principal
from chatops.reach import Reach
from chatops.room import Room

log = logging.getLogger(__name__)


class Awaited:
    """Finds them, and reaches them."""

    def __init__(self, directory: Directory, permissions: Permissions, outbox: Outbox, reach: Reach) -> None:
        self._directory = directory
        self._permissions = permissions
        self._outbox = outbox
        self._reach = reach

    def by(self, visit: Visit, ask: Ask) -> list[Principal]:
        """Who may approve it for whoever asks, in the room or by themselves."""
        request = Request(ask, visit.person, str(visit.asking.sender))

        def may(person: Principal, room: Room) -> bool:
            return isinstance(may_approve(person, request, self._permissions, room), Allowed)

        return [
            person
            for person in self._directory.people
            if (own := self._reach.rooms(person)) and any(may(person, room) for room in (visit.asking.room, *own))
        ]

    def reads_alone(self, visit: Visit) -> bool:
        """Whether whoever asks is alone where they ask."""
        return self._reach.is_direct(visit.asking.room, visit.asking.sender)

    async def ask(self, command_id: UUID, names: Iterable[str], but: Room, message: Message, asker: str) -> None:
        """Owe those of these names the request where they alone read, and may answer it. In `but` it is shown."""
        await self._owe(command_id, names, but, message, asker)

    async def tell(self, waiting: Unsettled, message: Message) -> None:
        """Say on every copy of the request what became of it."""
        asked = waiting.asked
        requests = [step for step in waiting.steps if step.step is StepName.ASKED_TO_APPROVE]
        names = requests[-1].data.get("awaited", []) if requests else []
        await self._owe(asked.id, names, Room.of(asked.platform, asked.room), message, None)

    async def _owe(
        self, command_id: UUID, names: Iterable[str], but: Room, message: Message, asker: str | None
    ) -> None:
        people = [person for name in names if (person := self._directory.named(name)) is not None]
        rooms = [room for person in people for room in self._reach.rooms(person) if person.may_ask_in(room)]
        for room in dict.fromkeys(rooms):
            if room == but:
                continue
            try:
                await self._outbox.owe(
                    message,
                    room,
                    kind=Kind.NOTICE,
                    severity=Severity.WARNING,
                    card=f"approval {command_id}",
                    in_place=asker is None,
                    asker=asker,
                )
            except Exception:
                # What waits must go on: it is shown in the room where it was asked.
                log.exception("the request to approve %s could not be told in %s", command_id, room)
