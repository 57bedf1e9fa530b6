"""Apprise as one of the platforms: each room is one target."""

import asyncio
import logging
from collections.abc import Iterable
from functools import partial
from types import TracebackType
from typing import Self

from alerts.severity import Severity
from chatops.adapters.apprise.errors import UnusableChannel
from chatops.adapters.apprise.faults import of_failure
from chatops.adapters.apprise.teller import Target, Told, expect_usable, tell
from chatops.adapters.base import Fault, SendError
from chatops.adapters.channel_room import OneWay
from chatops.adapters.in_words import body_of
from chatops.adapters.pauses import Pauses
from chatops.daemon_threads import DaemonThreads
from chatops.ids import uuid7
from chatops.messages import Posting
from chatops.room import Room

log = logging.getLogger(__name__)

PLATFORM = "apprise"
#: By then nobody waits for a call any more; its thread goes on until it ends by itself.
WITHIN_S = 20.0
#: Calls at one moment.
AT_ONCE = 4


class AppriseAdapter(OneWay):
    """An `Adapter`, for `async with`.

    Raises `UnusableChannel` on the way in, with every channel that is one.
    """

    def __init__(self, targets: Iterable[Target], *, within_s: float = WITHIN_S, at_once: int = AT_ONCE) -> None:
        self._targets = {target.name: target for target in targets}
        self._within_s = within_s
        self._at_once = at_once
        self._pauses = Pauses()
        self._threads: DaemonThreads | None = None
        #: Channels whose call has not ended: another one would only wait behind it.
        self._busy: dict[str, asyncio.Future[Told]] = {}

    @property
    def platform(self) -> str:
        """As rooms name it."""
        return PLATFORM

    async def __aenter__(self) -> Self:
        wrong = await asyncio.to_thread(lambda: [why for one in self._targets.values() if (why := unusable(one))])
        if wrong:
            raise UnusableChannel("; ".join(wrong))
        self._threads = DaemonThreads("apprise", self._at_once)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._threads is not None:
            self._threads.shutdown()
            self._threads = None
        for call in tuple(self._busy.values()):
            # What still runs is left to itself, and tells a loop that is gone nothing.
            call.cancel()

    async def send(self, room: Room, posting: Posting, *, reply_to: str | None = None, plain: bool = False) -> str:
        """Tell one target; gives an id that means nothing there. Raises `SendError`."""
        target = self._targets.get(room.id)
        if target is None:
            raise SendError(f"there is no channel {room.id} any more", Fault.DEAD_RECIPIENT)
        if self._threads is None or room.id in self._busy or len(self._busy) >= self._at_once:
            raise SendError("calls from before have not ended", Fault.RETRY_AFTER, wait_s=self._pauses.next_s(room.id))
        told = await self._call(self._threads, target, posting)
        if told.was_refused:
            raise SendError(
                "the channel leads to a private address: set allow_private = true there if that is meant",
                Fault.DEAD_RECIPIENT,
            )
        if not told.ok:
            raise of_failure(told.logged, partial(self._pauses.next_s, room.id))
        self._pauses.end(room.id)
        return str(uuid7())

    async def _call(self, threads: DaemonThreads, target: Target, posting: Posting) -> Told:
        title, body = posting.message.title, body_of(posting) or posting.message.title
        file = posting.message.attachment
        call = asyncio.wrap_future(threads.submit(tell, target, title, body, _severity(posting), file))
        self._busy[target.name] = call
        call.add_done_callback(partial(self._ended, target.name))
        try:
            async with asyncio.timeout(self._within_s):
                # The thread goes on even where nobody waits for it: its channel stays busy until it ends.
                return await asyncio.shield(call)
        except TimeoutError as error:
            raise SendError("the channel did not answer in time", Fault.AMBIGUOUS, of_room=True) from error
        except UnusableChannel as error:
            raise SendError(str(error), Fault.DEAD_RECIPIENT) from error
        except Exception as error:  # noqa: BLE001 - a plugin is others' code, and its traceback may hold secrets
            # Whatever escapes it, it may have sent before.
            log.warning("a call of the channel %s broke: %s", target.name, type(error).__name__)
            raise SendError("the call of the channel broke", Fault.AMBIGUOUS, of_room=True) from None

    def _ended(self, name: str, call: "asyncio.Future[Told]") -> None:
        self._busy.pop(name, None)
        if not call.cancelled():
            # Whoever waited has gone: what it raised is nobody's.
            call.exception()


def unusable(target: Target) -> str | None:
    """Why nothing could ever be sent there, with its name; None where something may. Blocks while Apprise loads."""
    try:
        expect_usable(target)
    except UnusableChannel as error:
        return f"channel {target.name}: {error}"
    return None


def _severity(posting: Posting) -> Severity:
    said = posting.message.facts.get("severity", Severity.INFO)
    return Severity(said) if said in list(Severity) else Severity.INFO
