"""The status card that a room keeps in sight: posted, pinned, and edited when the facts have changed."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from alerts.model import Alert
from chatops.adapters.base import Adapter, Fault, SendError
from chatops.fleet import Fleet
from chatops.lasting import Lasting
from chatops.messages import Message
from chatops.owed import Kind
from chatops.preferences import Preferences
from chatops.readers import EVERYBODY, Reads
from chatops.restraints import Wish, WishesOf
from chatops.room import Room
from chatops.storage.errors import DatabaseAway
from chatops.views.pinned import pinned_status, signature
from chatops.views.status import AlertsOf

log = logging.getLogger(__name__)

CARD = "status"
#: Edits count against the 20 a minute that a group may get: so often leaves most of them to others.
UPDATE_EVERY_S = 15.0
#: For so long a person waits to hear whether it is pinned.
SHOWN_WITHIN_S = 10.0
#: What will be over by itself.
_PASSING = (Fault.RETRY_AFTER, Fault.BACKOFF, Fault.AMBIGUOUS)
#: The key among a room's preferences.
_PIN = "pin"
#: Why a card is not pinned that was being pinned.
_LET_GO = "somebody let it go meanwhile"


class Cards(Protocol):
    """The door out, for a card that is kept up to date."""

    async def owe(
        self, message: Message, room: Room, *, kind: Kind, card: str | None = None, in_place: bool = False
    ) -> UUID:
        """Have it sent, or the message edited that shows the card."""
        ...

    async def gone(self, delivery: UUID, within_s: float) -> str | None:
        """The id of the message once it is sent; None where it is not sent in time."""
        ...

    async def shown_as(self, room: Room, card: str) -> str | None:
        """The message that shows the card. Raises `DatabaseAway`."""
        ...


@dataclass(frozen=True, slots=True)
class InSight:
    """It is pinned."""


@dataclass(frozen=True, slots=True)
class NotPinned:
    """It is shown, and the platform would not pin it."""

    reason: str


@dataclass(frozen=True, slots=True)
class NotShown:
    """It is not out yet, or the platform is busy: it is pinned as soon as it can be."""


class PinnedStatus:
    """The pinned cards of all rooms. Which rooms have one is stored, and goes on after a restart."""

    def __init__(
        self,
        fleet: Fleet,
        outbox: Cards,
        adapters: Iterable[Adapter],
        preferences: Preferences,
        *,
        now: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        desired: Callable[[str], Sequence[Wish]] = lambda bot: (),
        alerts: Callable[[str], Sequence[Alert]] = lambda bot: (),
        readers: Reads = EVERYBODY,
    ) -> None:
        """`desired` is what people want of a bot, `alerts` what stands of it; `readers` is who reads where."""
        self._readers = readers
        self._fleet = fleet
        self._desired = desired
        self._alerts = alerts
        self._outbox = outbox
        self._adapters = {adapter.platform: adapter for adapter in adapters}
        self._preferences = preferences
        self._now = now
        self._sleep = sleep
        #: What each card said last, and the cards that were owed and not looked for since.
        self._said: dict[Room, str] = {}
        self._unseen: set[Room] = set()
        #: The messages that the platform would not pin: asked again only by a person.
        self._refused: dict[Room, str] = {}
        #: Until when the platform wants to be asked for no pin there.
        self._paused: dict[Room, datetime] = {}
        self._waits = Lasting(log, "the pinned status waits for the database", level=logging.INFO)

    async def pin(self, room: Room, by: str) -> InSight | NotPinned | NotShown:
        """Show the status in this room, pin it, and keep it up to date. Raises `DatabaseAway`."""
        # Read before it changes: the message may be one of the chat that this was.
        pinned = {"message_id": self._pinned(room), "chat": room.id}
        await self._preferences.choose(room, _PIN, {"by": by, **pinned}, by)
        delivery = await self._show(room)
        message_id = await self._outbox.gone(delivery, SHOWN_WITHIN_S) or await self._outbox.shown_as(room, CARD)
        if message_id is None:
            return NotShown()
        self._unseen.discard(room)
        return await self._keep_in_sight(room, message_id)

    async def unpin(self, room: Room) -> bool:
        """Let it go. False where there was none. Raises `DatabaseAway`."""
        if not self._chosen(room):
            return False
        before = self._pinned(room)
        await self._preferences.forget(room, _PIN)
        self._said.pop(room, None)
        self._refused.pop(room, None)
        self._unseen.discard(room)
        await self._let_go(room, before)
        return True

    async def run(self) -> None:
        """Keep every card up to date until cancelled. What breaks in one room does not reach the others."""
        while True:
            for room in filter(self._readers.may_be_told, tuple(self._preferences.choices(_PIN))):
                try:
                    await self._refresh(room)
                    self._waits.over()
                except DatabaseAway as error:
                    self._waits.met(error)
                except Exception:
                    log.exception("the status in %s is not kept up to date", room)
            await self._sleep(UPDATE_EVERY_S)

    # ------------------------------------------------------------------------ inside

    async def _refresh(self, room: Room) -> None:
        if room in self._unseen:
            # Where the old message was gone it is another now, and not in sight.
            message_id = await self._outbox.shown_as(room, CARD)
            if message_id is not None:
                # Pinning puts it back where that has to be tried again.
                self._unseen.discard(room)
                if message_id not in (self._pinned(room), self._refused.get(room)):
                    await self._keep_in_sight(room, message_id)
        if not self._chosen(room):
            # Somebody let it go meanwhile.
            return
        if signature(self._known(), self._now(), self._wishes(), self._standing()) != self._said.get(room):
            await self._show(room)

    async def _show(self, room: Room) -> UUID:
        known, now, wishes, alerts = self._known(), self._now(), self._wishes(), self._standing()
        card = pinned_status(known, now.astimezone(self._readers.zone(room)), wishes, alerts)
        # No notice: those are folded into a list where many wait, and this is a card.
        delivery = await self._outbox.owe(card, room, kind=Kind.REPORT, card=CARD, in_place=True)
        self._said[room] = signature(known, now, wishes, alerts)
        self._unseen.add(room)
        return delivery

    async def _keep_in_sight(self, room: Room, message_id: str) -> InSight | NotPinned | NotShown:
        adapter = self._adapters.get(room.platform)
        if adapter is None:
            return NotPinned(f"there is no {room.platform} here")
        if not self._chosen(room):
            return NotPinned(_LET_GO)
        paused_until = self._paused.get(room)
        if paused_until is not None and self._now() < paused_until:
            self._unseen.add(room)
            return NotShown()
        try:
            await adapter.pin(room, message_id)
        except SendError as error:
            log.warning("the status in %s is not pinned: %s", room, error)
            if error.wait_s is not None:
                self._paused[room] = self._now() + timedelta(seconds=error.wait_s)
            if error.fault in _PASSING:
                self._unseen.add(room)
                return NotShown()
            self._refused[room] = message_id
            return NotPinned(str(error))
        self._refused.pop(room, None)
        self._paused.pop(room, None)
        chosen, before = self._chosen(room), self._pinned(room)
        if not chosen:
            await self._let_go(room, message_id)
            return NotPinned(_LET_GO)
        if before != message_id:
            chosen |= {"message_id": message_id, "chat": room.id}
            await self._preferences.choose(room, _PIN, chosen, chosen["by"])
            await self._let_go(room, before)
        return InSight()

    async def _let_go(self, room: Room, message_id: str | None) -> None:
        adapter = self._adapters.get(room.platform)
        if adapter is None or message_id is None:
            return
        try:
            await adapter.unpin(room, message_id)
        except SendError as error:
            # It may be gone, and a person can unpin what is not.
            log.info("the status in %s is not unpinned: %s", room, error)

    def _chosen(self, room: Room) -> dict[str, Any]:
        chosen = self._preferences.choices(_PIN).get(room)
        return dict(chosen) if isinstance(chosen, dict) else {}

    def _pinned(self, room: Room) -> str | None:
        """The message that is pinned there. In a chat that has another id now the old one's says nothing."""
        chosen = self._chosen(room)
        message_id = chosen.get("message_id") if chosen.get("chat", room.id) == room.id else None
        return message_id if isinstance(message_id, str) else None

    def _wishes(self) -> WishesOf:
        return {name: wishes for name in self._fleet.names if (wishes := self._desired(name))}

    def _standing(self) -> AlertsOf:
        return {name: alerts for name in self._fleet.names if (alerts := self._alerts(name))}

    def _known(self) -> list[tuple[str, Any]]:
        return [(bot.name, snapshot) for bot, snapshot in self._fleet.snapshots()]
