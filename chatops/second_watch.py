"""Whoever watches the watch of a desk: the auditor, and the heartbeat for somebody else."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from alerts.severity import Severity
from chatops.alerting.auditing import Auditing
from chatops.alerting.heartbeat import Heartbeat
from chatops.fleet import Fleet
from chatops.messages import Message
from chatops.outbox import Outbox
from chatops.owed import Kind
from chatops.parts import Desk
from chatops.probes import AskWaiting
from chatops.room import Room
from chatops.settings import HeartbeatSettings
from chatops.tasks import running


@asynccontextmanager
async def watching_the_watch(
    desk: Desk,
    fleet: Fleet,
    ask: AskWaiting,
    rooms: Sequence[Room],
    heartbeat: HeartbeatSettings | None,
    *,
    died: Callable[[BaseException], None],
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> AsyncIterator[Auditing]:
    """Both, until the block ends. `rooms` are told where alerts themselves stand still, muted or not."""
    alerting, outbox = desk.alerting, desk.outbox
    auditing = Auditing(
        alerting.watch,
        fleet,
        ask,
        lambda message: cry(outbox, message, rooms),
        platforms=lambda: outbox.links,
        terms=alerting.held_to,
        sleep=sleep,
    )
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(running(auditing.run(), "auditing alerts", died=died))
        if heartbeat is not None:
            beating = Heartbeat(
                heartbeat.url.get_secret_value(),
                heartbeat.every,
                lambda: auditing.audited,
                now=alerting.now,
                sleep=sleep,
            )
            await stack.enter_async_context(running(beating.run(), "the heartbeat"))
        yield auditing


async def cry(outbox: Outbox, message: Message, rooms: Sequence[Room]) -> None:
    """Owe it to every room, past all that alerts go through. One that cannot be owed keeps it from no other."""
    owed = [outbox.owe(message, room, kind=Kind.ALERT, severity=Severity.EMERGENCY) for room in rooms]
    failed = [one for one in await asyncio.gather(*owed, return_exceptions=True) if isinstance(one, Exception)]
    if failed:
        raise failed[0]
