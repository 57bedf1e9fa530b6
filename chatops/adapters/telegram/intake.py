"""What polling and the webhook share: an update is stored before that is confirmed, and handed on once."""

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Protocol

import orjson

from chatops.adapters.telegram.bare import bare
from chatops.adapters.telegram.inbound import PLATFORM, UNREADABLE, Update, answers_something
from chatops.arrival import Arrival
from chatops.ids import uuid7
from chatops.link import Link
from chatops.messages import Receipt
from chatops.storage.inbox import Inbox, can_hold

log = logging.getLogger(__name__)

#: What we read; the platform keeps the rest from us. Edits and channel posts ask nothing.
KINDS = ("message", "callback_query")
#: For so long an update that only reads may be without a row.
STORED_WITHIN_S = 0.05
#: How much is kept of what is no JSON object.
_KEPT_CHARACTERS = 10_000

#: Is given every update that comes, stored or not. It does not raise.
Seen = Callable[[Update], None]
#: Is given those that are new, with the moment at which a press in them was made: None where it may have waited.
HandOn = Callable[[Update, Receipt, datetime | None], Awaitable[None]]
#: Whether a text asks something that changes nothing.
OnlyReads = Callable[[str], bool]


class Way(Protocol):
    """How updates come: we ask for them, or Telegram calls."""

    @property
    def link(self) -> Link:
        """Whether what people ask reaches us."""
        ...

    async def open(self) -> None:
        """Take what has to be taken before anything runs. Raises `CannotListen`."""
        ...

    async def run(self) -> None:
        """Hand on what was left over, then what comes, until cancelled."""
        ...

    async def close(self) -> None:
        """Let go of it, once nothing runs."""
        ...


class Intake:
    """Keeps updates in the inbox and hands them on. Where the inbox takes none both methods raise `DatabaseAway`.

    Whatever acts is stored first, and then handled. A text that `only_reads` is handed on at once: it is stored with
    the record of its ask, which saves whoever asked a round trip to the database, and by us where that takes longer.
    Either way it is stored before `take` returns, and only then confirmed to the platform.
    """

    def __init__(self, inbox: Inbox, *, seen: Seen, hand_on: HandOn, only_reads: OnlyReads) -> None:
        self._inbox = inbox
        self._seen = seen
        self._hand_on = hand_on
        self._only_reads = only_reads

    async def hand_on_leftovers(self) -> None:
        """Hand on what was stored and not handled; nobody knows how long it has waited."""
        for left in await self._inbox.unhandled(PLATFORM):
            log.info("telegram: stored update %s handed on again", left.receipt.inbox_id)
            self._seen(left.payload)
            await self._hand_on(left.payload, left.receipt, None)

    async def take(self, batch: Sequence[Update], pressed_at: datetime | None) -> None:
        """Store updates and hand on those that are new. All are stored, or none can be confirmed."""
        for update in batch:
            self._seen(update)
        if all(map(self._may_be_stored_later, batch)):
            receipts: list[Receipt | None] = [_unstored(update) for update in batch]
        else:
            receipts = await self._inbox.store(PLATFORM, [(_key(update), bare(update)) for update in batch])
        new = [(update, receipt) for update, receipt in zip(batch, receipts, strict=True) if receipt is not None]
        for update, receipt in new:
            await self._hand_on(update, receipt, pressed_at)
        await self._stored([receipt for _, receipt in new])
        # People wait for their answers, nobody for the confirmation: what was handed on goes first. Measured: 0.4 ms.
        await asyncio.sleep(0)

    def _may_be_stored_later(self, update: Update) -> bool:
        message = update.get("message")
        text = message.get("text") if isinstance(message, dict) else None
        if not isinstance(text, str) or not isinstance(message, dict):
            return False
        # A reply may be the argument of what acts.
        is_reply = answers_something(message) and not text.startswith("/")
        return not is_reply and self._only_reads(text) and can_hold(update)

    async def _stored(self, receipts: Sequence[Receipt]) -> None:
        """Wait for those that handle them, but not for long: what else people say must not wait behind it."""
        try:
            async with asyncio.timeout(STORED_WITHIN_S):
                for receipt in receipts:
                    if receipt.arrival is not None:
                        await receipt.arrival.stored.wait()
        except TimeoutError:
            await self._inbox.keep(receipts)


def _unstored(update: Update) -> Receipt:
    return Receipt(None, uuid7(), Arrival(PLATFORM, _key(update), bare(update)))


def as_update(raw: object) -> Update:
    """What is no object is kept as one, to be stored and passed over: otherwise it would come for ever."""
    return raw if isinstance(raw, dict) else {UNREADABLE: raw}


def parsed(body: bytes) -> Update:
    """The update in a body, which may hold anything."""
    try:
        return as_update(orjson.loads(body))
    except orjson.JSONDecodeError:
        return as_update(body[: 4 * _KEPT_CHARACTERS].decode(errors="replace")[:_KEPT_CHARACTERS])


def number(update: Update) -> int | None:
    """The platform's number of an update; None where it has none."""
    found = update.get("update_id")
    return found if type(found) is int else None


def _key(update: Update) -> str:
    """What makes an update unique; its content where the platform gave it no number."""
    found = number(update)
    if found is not None:
        return str(found)
    try:
        content = orjson.dumps(update, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        # Nested deeper than orjson writes.
        content = repr(update).encode()
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
