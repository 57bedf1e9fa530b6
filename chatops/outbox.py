"""The one door out: what is owed is stored, then sent once, in order, whatever breaks."""

import asyncio
import logging
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial
from uuid import UUID

from alerts.severity import Severity
from chatops.adapters.base import Adapter, Fault
from chatops.delivery.answers import Answers
from chatops.delivery.beside import Beside
from chatops.delivery.book import Book, Storing, ValueT
from chatops.delivery.courier import Courier
from chatops.delivery.curious import Curious
from chatops.delivery.endings import Ending, Sent
from chatops.delivery.gate import Gate
from chatops.delivery.outages import Outages
from chatops.drafts import Draft, Drafts
from chatops.guard.presses import APPROVABLE
from chatops.link import Link
from chatops.messages import Message
from chatops.owed import Kind, Owed, State
from chatops.people import Identity
from chatops.redactor import Redactor
from chatops.room import Room
from chatops.storage.deliveries import Deliveries
from chatops.storage.errors import DatabaseAway
from chatops.storage.spool import Spool
from chatops.tasks import running

log = logging.getLogger(__name__)

#: Between two looks for messages whose sender died, and for platforms that stay away.
LOOK_EVERY_S = 60.0

#: Told of each message that needs no more sending.
Counted = Callable[[Owed, State], None]
#: Told of each chat that has another id now: its platform, the id that it had, and the one that it has.
Moved = Callable[[str, str, str], None]


class Outbox:
    """Shows messages in rooms, whatever the platform.

    An answer is drafted, recorded with its ask (`Ledger.record`), and shown at once. Whatever nobody asked for is owed:
    stored, and sent when its turn comes, inside `open`.
    """

    def __init__(
        self,
        adapters: Iterable[Adapter],
        deliveries: Deliveries,
        spool: Spool,
        *,
        now: Callable[[], datetime],
        confirm_within: timedelta,
        approve_within: timedelta = APPROVABLE,
        rooms: Sequence[Room] = (),
        beside: Beside | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
        counted: Counted = lambda owed, state: None,
        moved: Moved = lambda platform, old, new: None,
        muted: Callable[[Room], bool] = lambda room: False,
        zone_of: Callable[[Room], tzinfo] = lambda room: UTC,
        redact: Redactor | None = None,
    ) -> None:
        """`rooms` are told when another platform is away, unless they are `muted`; each in the time of `zone_of`."""
        self._deliveries = deliveries
        self._book = Book(deliveries, spool, now=now, sleep=sleep, beside=beside)
        self._now = now
        self._sleep = sleep
        self._counted = counted
        owe = partial(self.owe, kind=Kind.NOTICE, severity=Severity.CRITICAL)
        self._outages = Outages(rooms, now, owe, muted=muted, zone_of=zone_of)
        self._curious = Curious()
        by_platform = {adapter.platform: adapter for adapter in adapters}
        self._drafts = Drafts(by_platform, now, confirm_within, approve_within, redact or Redactor())
        self._couriers: dict[str, Courier] = {}
        for adapter in by_platform.values():
            gate = Gate(
                adapter.probe,
                now=now,
                sleep=sleep,
                jitter=jitter,
                platform=adapter.platform,
                on_change=partial(self._heard, adapter.platform),
            )
            self._couriers[adapter.platform] = Courier(
                adapter,
                self._book,
                gate,
                now=now,
                monotonic=monotonic,
                sleep=sleep,
                ended=self._ended,
                moved=partial(moved, adapter.platform),
                zone_of=zone_of,
            )
        self._answers = Answers(self._book, self._couriers)

    @property
    def links(self) -> Mapping[str, Link]:
        """Whether each platform takes what we send, and since when."""
        return {platform: courier.gate.link for platform, courier in self._couriers.items()}

    def wake(self) -> None:
        """Look again: something may be owed, and the database may be back."""
        self._book.look()
        self._hand_out()

    def note_open(self, platform: str) -> None:
        """The platform answered somebody else of us: it may be back."""
        if platform in self._couriers:
            self._couriers[platform].gate.note_open()

    def heard_nobody(self, platform: str, reason: str | None) -> None:
        """What people say there does not reach us, for this reason, until it is called with None."""
        self._outages.deaf(platform, reason, silent_too=not self._couriers[platform].gate.is_open)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Send what is owed, until the block ends."""
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._outages.stop)
            await stack.enter_async_context(running(self._book.run(self._hand_out), "looking after the database"))
            for platform, courier in self._couriers.items():
                await stack.enter_async_context(running(courier.gate.run(), f"probing {platform}"))
                await stack.enter_async_context(running(courier.run(), f"sending to {platform}"))
            await stack.enter_async_context(running(self._look_after(), "looking after what is owed"))
            yield

    async def take_stock(self) -> None:
        """At a start, before anything new is owed: what the last stop left in the middle goes on or ends.

        Raises `DatabaseAway`.
        """
        await self._book.carry()
        await self._deliveries.give_up_overtaken()
        await self._deliveries.recover(now=self._now(), everyone=True)
        for platform, chat, delivery in await self._deliveries.answers_waiting():
            if platform in self._couriers:
                self._couriers[platform].lines.join(chat, delivery)

    def draft(
        self,
        message: Message,
        room: Room,
        *,
        asker: str | None,
        command_id: UUID,
        replaces: str | None = None,
        whisper_to: Identity | None = None,
    ) -> Draft:
        """The message as it will be owed: to be recorded before `show`. See `Drafts.answer`."""
        return self._drafts.answer(
            message, room, asker=asker, command_id=command_id, replaces=replaces, whisper_to=whisper_to
        )

    async def put(self, draft: Draft) -> Ending | None:
        """Put a recorded answer before people; gives what came of its first part, None where it has to wait."""
        return await self._answers.put(draft)

    async def show(self, draft: Draft) -> str | None:
        """The same; gives the id of its first part there, where it has one by now."""
        ending = await self.put(draft)
        return ending.message_id if isinstance(ending, Sent) else None

    async def progress(self, message: Message, room: Room, *, command_id: UUID, card: str | None) -> str | None:
        """Say on a card how far it has come; gives the card's id, another where it had to be shown anew.

        Nothing is stored: it is about to be overtaken, and where it cannot go at once it is left out.
        """
        if (courier := self._couriers.get(room.platform)) is None:
            return card
        owed = self.draft(message, room, asker=None, command_id=command_id, replaces=card).owed[0]
        ending = await courier.deliver_now(owed)
        return ending.message_id if isinstance(ending, Sent) else card

    async def tell(self, message: Message, room: Room, *, command_id: UUID, whisper_to: Identity | None = None) -> None:
        """Answer without a record, where recording is what broke: on disk if need be."""
        await self._owe(self.draft(message, room, asker=None, command_id=command_id, whisper_to=whisper_to))

    @property
    def drafts(self) -> Drafts:
        """For those who have messages stored with what else they store (`owe_by`)."""
        return self._drafts

    async def owe(
        self,
        message: Message,
        room: Room,
        *,
        kind: Kind,
        severity: Severity = Severity.INFO,
        card: str | None = None,
        in_place: bool = False,
        hangs_on: str | None = None,
        ends: bool = False,
        asker: str | None = None,
    ) -> UUID:
        """Store a message that will go out when its turn comes; gives its id, for `gone`.

        States of one `card` take each other's place while they wait; with `in_place` they change the message that
        shows the card. It hangs under the first message of the card `hangs_on`. With `ends` it tells the end of what
        its card is about. Buttons that settle an ask need its `asker`. While the database is away it is stored on disk.
        """
        draft = self._drafts.unasked(
            message,
            room,
            kind=kind,
            severity=severity,
            card=card,
            in_place=in_place,
            hangs_on=hangs_on,
            ends=ends,
            asker=asker,
        )
        await self._owe(draft)
        return draft.owed[0].id

    async def owe_by(
        self, owed: Sequence[Owed], storing: Storing[ValueT], aside: Storing[None] | None = None
    ) -> ValueT | None:
        """Have messages stored by `storing`, by one transaction with what else it stores; they go out in their turn.

        Gives what it gives; None where the database is away: then all of it, they too, is kept by `aside`, and they go
        out from where else they can be kept.
        """
        try:
            return await self._book.owe_by(owed, storing, aside)
        finally:
            self._hand_out()

    async def gone(self, delivery: UUID, within_s: float) -> str | None:
        """Wait until a message owed just now is sent; gives its id there, None where it is not sent in time."""
        return await self._curious.hear(delivery, within_s)

    async def shown_as(self, room: Room, card: str) -> str | None:
        """The message that shows this card in this room. Raises `DatabaseAway`."""
        return await self._deliveries.shown_as(room, card)

    def _hand_out(self) -> None:
        for courier in self._couriers.values():
            courier.wake()

    async def _owe(self, draft: Draft) -> None:
        courier = self._couriers.get(draft.owed[0].room.platform)
        if courier is None:
            await self._book.owe(draft.owed, draft.minted)
            return
        answers = [(one.room.id, one.id) for one in draft.owed if one.kind is Kind.ANSWER]
        for chat, delivery in answers:
            courier.lines.join(chat, delivery)
        try:
            await courier.owe(draft.owed, draft.minted)
        except Exception:
            # It is owed nowhere: nobody stands behind it.
            for chat, delivery in answers:
                courier.lines.leave(chat, delivery)
            raise

    async def _look_after(self) -> None:
        """For ever: messages whose sender died go again, and platforms that stay away are told of."""
        while True:
            await self._sleep(LOOK_EVERY_S)
            try:
                await self._look()
            except DatabaseAway as error:
                # Where nothing is owed, nobody else finds out; the rooms are told by the next look.
                self._book.lost(error)
            except Exception:
                log.exception("what is owed was not looked after")

    async def _look(self) -> None:
        for platform, link in self.links.items():
            self._heard(platform, link)
        self._outages.database(is_here=self._book.is_here)
        if await self._deliveries.recover(now=self._now(), everyone=False):
            self.wake()
        if any(courier.lines for courier in self._couriers.values()):
            # What is aside the table does not know.
            await self._book.carry()
            waiting = {delivery for _, _, delivery in await self._deliveries.answers_waiting()}
            for courier in self._couriers.values():
                courier.lines.check(waiting)

    def _ended(self, owed: Owed, state: State, message_id: str | None) -> None:
        self._counted(owed, state)
        self._curious.tell(owed.id, message_id)

    def _heard(self, platform: str, link: Link) -> None:
        fault = self._couriers[platform].gate.fault
        self._outages.heard(platform, link, for_a_person=fault is Fault.DEAD_CREDENTIAL)
