"""The one door out: what is owed is stored, then sent once, in order, whatever breaks."""

import asyncio
import logging
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from alerts.severity import Severity
from chatops.adapters.base import Adapter, Fault
from chatops.delivery.book import Book
from chatops.delivery.courier import Courier
from chatops.delivery.endings import Ending, Ends, Sent, Waits
from chatops.delivery.gate import Gate
from chatops.delivery.outages import Outages
from chatops.guard.presses import StoredPress, seal
from chatops.ids import uuid7
from chatops.link import Link
from chatops.messages import Message, Room
from chatops.owed import Kind, Owed, State
from chatops.storage.deliveries import Deliveries
from chatops.storage.errors import DatabaseAway
from chatops.storage.spool import Spool
from chatops.tasks import running

log = logging.getLogger(__name__)

#: Between two looks for messages whose sender died, and for platforms that stay away.
LOOK_EVERY_S = 60.0

#: Told of each message that needs no more sending.
Counted = Callable[[Owed, State], None]


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer as it will be owed, in the parts that its platform takes, and the tokens of its buttons."""

    owed: tuple[Owed, ...]
    minted: tuple[StoredPress, ...]


class Outbox:
    """Shows messages in rooms, whatever the platform.

    An answer is drafted, recorded with its ask (`Ledger.record`), and shown at once. Whatever nobody asked for is owed:
    stored, and sent when its turn comes. Nothing is sent but inside `open`.
    """

    def __init__(
        self,
        adapters: Iterable[Adapter],
        deliveries: Deliveries,
        spool: Spool,
        *,
        now: Callable[[], datetime],
        confirm_within: timedelta,
        rooms: Sequence[Room] = (),
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
        counted: Counted = lambda owed, state: None,
    ) -> None:
        """`rooms` are told when another platform cannot be reached."""
        self._deliveries = deliveries
        self._book = Book(deliveries, spool, now)
        self._now = now
        self._confirm_within = confirm_within
        self._sleep = sleep
        self._counted = counted
        self._outages = Outages(rooms, now)
        #: Who waits to hear what became of a message.
        self._curious: dict[UUID, asyncio.Future[str | None]] = {}
        self._tellings: set[asyncio.Task[None]] = set()
        self._adapters: dict[str, Adapter] = {}
        self._couriers: dict[str, Courier] = {}
        for adapter in adapters:
            gate = Gate(
                adapter.probe,
                now=now,
                sleep=sleep,
                jitter=jitter,
                platform=adapter.platform,
                on_change=partial(self._heard, adapter.platform),
            )
            self._adapters[adapter.platform] = adapter
            self._couriers[adapter.platform] = Courier(
                adapter, self._book, gate, now=now, monotonic=monotonic, sleep=sleep, ended=self._ended
            )

    @property
    def links(self) -> Mapping[str, Link]:
        """Whether each platform takes what we send, and since when."""
        return {platform: courier.gate.link for platform, courier in self._couriers.items()}

    def wake(self) -> None:
        """Look again: something may be owed."""
        for courier in self._couriers.values():
            courier.wake()

    def note_open(self, platform: str) -> None:
        """The platform answered somebody else of us: it may be back."""
        if platform in self._couriers:
            self._couriers[platform].gate.note_open()

    def heard_nobody(self, platform: str, reason: str | None) -> None:
        """What people say there does not reach us, for this reason, until it is called with None."""
        self._tell(self._outages.deaf(platform, reason, silent_too=not self._couriers[platform].gate.is_open))

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Send what is owed, until the block ends."""
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._stop_telling)
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

    # ------------------------------------------------------------------ answers

    def draft(
        self,
        message: Message,
        room: Room,
        *,
        asker: str | None,
        command_id: UUID,
        replaces: str | None = None,
    ) -> Draft:
        """The message as it will be owed: to be recorded before `show`."""
        posting, minted = seal(message, room, asker, self._now(), self._confirm_within)
        adapter = self._adapters.get(room.platform)
        parts = adapter.parts(posting) if adapter else (posting,)
        at, card = self._now(), str(command_id)
        return Draft(
            tuple(
                Owed(
                    uuid7(),
                    room,
                    part,
                    at,
                    command_id=command_id,
                    card=card,
                    # The first part takes the old message's place, the others follow it.
                    replaces=replaces if number == 0 else None,
                )
                for number, part in enumerate(parts)
            ),
            minted,
        )

    async def show(self, draft: Draft) -> str | None:
        """Put a recorded answer before people; gives the id of its first part there, None where it has to wait."""
        first: str | None = None
        for number, owed in enumerate(draft.owed):
            ending = await self._show(owed)
            if isinstance(ending, Sent):
                first = first or ending.message_id
            elif not isinstance(ending, Ends):
                # What comes behind it stays behind it.
                for later in draft.owed[number + 1 :]:
                    await self._wait_in_line(later, "waits for what is before it")
                break
        return first

    async def progress(self, message: Message, room: Room, *, command_id: UUID, card: str | None) -> str | None:
        """Say on a card how far it has come; gives the card's id, another where it had to be shown anew.

        Nothing is stored: it is about to be overtaken, and where it cannot go at once it is left out.
        """
        courier = self._couriers.get(room.platform)
        if courier is None:
            return card
        owed = self.draft(message, room, asker=None, command_id=command_id, replaces=card).owed[0]
        ending = await courier.deliver_now(owed)
        return ending.message_id if isinstance(ending, Sent) else card

    async def tell(self, message: Message, room: Room, *, command_id: UUID, replaces: str | None = None) -> None:
        """Answer without a record, where recording is what broke: on disk if need be."""
        draft = self.draft(message, room, asker=None, command_id=command_id, replaces=replaces)
        await self._owe(draft.owed, draft.minted)

    # ------------------------------------------------------------------ what nobody asked for

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
    ) -> UUID:
        """Store a message that will go out when its turn comes; gives its id, for `gone`.

        States of one `card` take each other's place while they wait; with `in_place` they change the message that
        shows the card. It hangs under the first message of the card `hangs_on`. With `ends` it tells the end of what
        its card is about. While the database is away it is stored on disk.
        """
        posting, minted = seal(message, room, None, self._now(), self._confirm_within)
        adapter = self._adapters.get(room.platform)
        at = self._now()
        owed = tuple(
            Owed(
                uuid7(),
                room,
                part,
                at,
                kind=kind,
                severity=severity,
                # A card is one message; where it needs more, the rest only follows.
                card=card if number == 0 else None,
                in_place=in_place and number == 0,
                hangs_on=hangs_on if number == 0 else None,
                ends=ends and number == 0,
            )
            for number, part in enumerate(adapter.parts(posting) if adapter else (posting,))
        )
        await self._owe(owed, minted)
        return owed[0].id

    async def gone(self, delivery: UUID, within_s: float) -> str | None:
        """Wait until a message owed just now is sent; gives its id there, None where it is not sent in time."""
        future = self._curious.setdefault(delivery, asyncio.get_running_loop().create_future())
        try:
            async with asyncio.timeout(within_s):
                return await asyncio.shield(future)
        except TimeoutError:
            return None
        finally:
            self._curious.pop(delivery, None)

    async def shown_as(self, room: Room, card: str) -> str | None:
        """The message that shows this card in this room. Raises `DatabaseAway`."""
        return await self._deliveries.shown_as(room, card)

    # ------------------------------------------------------------------ within

    async def _owe(self, owed: Sequence[Owed], minted: Sequence[StoredPress]) -> None:
        await self._book.owe(owed, minted)
        for room in {one.room.platform for one in owed}:
            if room in self._couriers:
                self._couriers[room].wake()

    async def _show(self, owed: Owed) -> Ending | None:
        courier = self._couriers.get(owed.room.platform)
        if courier is None:
            ending: Ending | None = Ends(State.DEAD, f"there is no {owed.room.platform} here")
        else:
            try:
                ending = await courier.deliver_now(owed)
            except Exception:
                log.exception("message %s could not be shown", owed.id)
                # Nobody knows how far it came: as with a try that nobody answered.
                ending = Waits("it broke on our side", repeat=not owed.edits)
        if ending is None:
            await self._wait_in_line(owed, "waits its turn")
        elif courier is None:
            await self._book.note(owed, ending)
        else:
            if not isinstance(ending, Sent | Ends):
                courier.put_in_line(owed)
            await courier.note(owed, ending)
        return ending

    async def _wait_in_line(self, owed: Owed, reason: str) -> None:
        await self._book.note(owed, Waits(reason))
        if owed.room.platform in self._couriers:
            self._couriers[owed.room.platform].put_in_line(owed)

    async def _look_after(self) -> None:
        """For ever: messages whose sender died go again, and platforms that stay away are told of."""
        while True:
            await self._sleep(LOOK_EVERY_S)
            for platform, link in self.links.items():
                self._heard(platform, link)
            try:
                if await self._deliveries.recover(now=self._now(), everyone=False):
                    self.wake()
            except DatabaseAway as error:
                log.info("nothing recovered yet: %s", error)

    def _ended(self, owed: Owed, state: State, message_id: str | None) -> None:
        self._counted(owed, state)
        curious = self._curious.get(owed.id)
        if curious is not None and not curious.done():
            curious.set_result(message_id)

    def _heard(self, platform: str, link: Link) -> None:
        for_a_person = self._couriers[platform].gate.fault is Fault.DEAD_CREDENTIAL
        self._tell(self._outages.heard(platform, link, for_a_person=for_a_person))

    def _tell(self, what: Iterable[tuple[Room, Message]]) -> None:
        """Owe what is told by those who cannot wait for it: in a task each."""
        for room, message in what:
            telling = self._owe_critical(message, room)
            task = asyncio.create_task(telling, name=f"telling {room} of an outage")
            self._tellings.add(task)
            task.add_done_callback(self._tellings.discard)

    async def _owe_critical(self, message: Message, room: Room) -> None:
        try:
            await self.owe(message, room, kind=Kind.NOTICE, severity=Severity.CRITICAL)
        except Exception:
            log.exception("an outage could not be told in %s", room)

    async def _stop_telling(self) -> None:
        for task in self._tellings:
            task.cancel()
        await asyncio.gather(*self._tellings, return_exceptions=True)
