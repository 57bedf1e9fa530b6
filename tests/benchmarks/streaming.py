"""Updates to hundreds of clients of a bot's stream (SPEC 13.8)."""

import asyncio
import gc
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from statistics import fmean, median
from time import monotonic, process_time
from typing import Any

from aiohttp import web

from bot_integration import BotController, PositionStage, Snapshot
from bot_integration.control import ControlServer
from bot_integration.own_loop import OwnLoop
from tests.benchmarks.facts import facts
from tests.benchmarks.lines import Child
from tests.benchmarks.loop_delay import LoopDelay
from tests.benchmarks.pairs import quantile, verdict
from tests.benchmarks.table import table

CLIENTS = 500
UPDATES_A_SECOND = 10
POSITIONS, MOVED = 50, 10
#: The stream and the baseline in turn.
TURNS, TURN_S = 4, 4.0
AT_MOST_MS = 15.0
AT_MOST_DELAY_MS = 5.0


@dataclass(frozen=True, slots=True)
class Measured:
    """Of all turns of one server."""

    #: From publishing to receipt, each client and update.
    latencies_ms: list[float] = field(default_factory=list)
    #: Seconds of CPU a second: of the process of the server, and of that of all clients.
    cpu: list[float] = field(default_factory=list)
    clients_cpu: list[float] = field(default_factory=list)
    #: Of the loop that the bot runs on.
    delays_ms: list[float] = field(default_factory=list)


class Bare:
    """The baseline: a list of WebSockets, and the same text to each, on a loop of its own as well."""

    def __init__(self, first: str) -> None:
        self._first = first
        self._sockets: list[web.WebSocketResponse] = []
        self._runner: web.AppRunner | None = None

    async def open(self) -> str:
        """Listen; gives the URL."""
        application = web.Application()
        application.router.add_get("/v1/stream", self._serve)
        self._runner = web.AppRunner(application, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def send(self, text: str) -> None:
        """To one after another."""
        for socket in self._sockets:
            await socket.send_str(text)

    async def close(self) -> None:
        """End it."""
        assert self._runner is not None
        await self._runner.cleanup()

    async def _serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        await socket.send_str(self._first)
        self._sockets.append(socket)
        async for _ in socket:
            pass
        return socket


async def streaming() -> str:
    """Measure; gives the table."""
    stream, bare = Measured(), Measured()
    controller = BotController("alpha")
    given = _Updates(controller)
    await given.publish()
    async with AsyncExitStack() as stack:
        clients = await stack.enter_async_context(Child.running("tests.benchmarks.stream_clients_process"))
        server = await stack.enter_async_context(ControlServer(controller, listen="127.0.0.1:0"))
        await clients.ask("connect", url=server.url, count=CLIENTS)
        # What the baseline sends is what the stream sent.
        await _turn(clients, server.url, given.publish, Measured())
        texts = await clients.ask("frames", url=server.url)
        own = OwnLoop("a bare server")
        own.start()
        stack.push_async_callback(own.stop)
        baseline = Bare(texts[0])
        url = await own.run(baseline.open())
        stack.push_async_callback(_close, baseline, own)
        stack.push_async_callback(clients.ask, "leave")
        await clients.ask("connect", url=url, count=CLIENTS)
        for _ in range(TURNS):
            await _turn(clients, server.url, given.publish, stream)
            sent = iter(texts)

            async def send(sent: Any = sent) -> int:
                text = next(sent)
                await own.run(baseline.send(text))
                return _bot_seq(text)

            await _turn(clients, url, send, bare)
    size = fmean(len(text.encode()) for text in texts)
    return _report(stream, bare, size)


class _Updates:
    """A bot with some positions, of which a part moves each time, and one reaches another stage: that goes at once."""

    def __init__(self, controller: BotController) -> None:
        self._controller = controller
        self._given = facts(POSITIONS)
        self._count = 0

    async def publish(self) -> int:
        """The next one; gives its number."""
        self._count += 1
        positions = list(self._given["positions"])
        for place in range(MOVED):
            held = positions[place]
            legs = tuple(leg.model_copy(update={"mark_price": leg.mark_price + 1}) for leg in held.legs)
            positions[place] = held.model_copy(update={"legs": legs, "divergence": self._count / 1_000})
        stage = PositionStage.REBALANCING if self._count % 2 else PositionStage.OPEN
        positions[0] = positions[0].model_copy(update={"stage": stage})
        self._given = {**self._given, "positions": tuple(positions)}
        faults = self._controller.publish(self._given)
        assert not faults, faults
        snapshot = self._controller.snapshot()
        assert isinstance(snapshot, Snapshot)
        return snapshot.seq


async def _turn(clients: Child, url: str, tell: Callable[[], Awaitable[int]], into: Measured) -> None:
    await clients.ask("start", url=url)
    # What the turn before left behind is not paid for in this one.
    gc.collect()
    delay = LoopDelay(asyncio.get_running_loop().time)
    delay.start()
    numbers, moments = [], []
    cpu, began = process_time(), monotonic()
    due = began
    for _ in range(int(TURN_S * UPDATES_A_SECOND)):
        due += 1 / UPDATES_A_SECOND
        await asyncio.sleep(max(0.0, due - monotonic()))
        moments.append(monotonic())
        numbers.append(await tell())
    into.cpu.append((process_time() - cpu) / (monotonic() - began))
    into.delays_ms.extend(await delay.stop())
    came = await clients.ask("came", url=url, numbers=numbers)
    into.clients_cpu.append(came["cpu_s"] / TURN_S)
    for received in came["moments"]:
        into.latencies_ms.extend((moment - at) * 1_000 for moment, at in zip(received, moments, strict=True))


def _bot_seq(text: str) -> int:
    _, _, rest = text.partition('"bot_seq":')
    return int(rest.partition(",")[0])


async def _close(bare: Bare, own: OwnLoop) -> None:
    with suppress(ConnectionError):
        await own.run(bare.close())


def _report(stream: Measured, bare: Measured, size: float) -> str:
    heads = ("", "p50 ms", "p99 ms", "max ms", "CPU %", "loop of the bot p99 ms", "promise")
    rows: list[tuple[str, ...]] = []
    for name, one in (("the stream", stream), ("bare WebSockets", bare)):
        latencies = one.latencies_ms
        rows.append(
            (
                name,
                f"{median(latencies):.2f}",
                f"{quantile(latencies, 0.99):.2f}",
                f"{max(latencies):.2f}",
                f"{fmean(one.cpu) * 100:.0f}",
                f"{quantile(one.delays_ms, 0.99):.2f}",
                ""
                if one is bare
                else f"{verdict(quantile(latencies, 0.99), AT_MOST_MS, ' ms')}, "
                f"loop {verdict(quantile(one.delays_ms, 0.99), AT_MOST_DELAY_MS, ' ms')}",
            )
        )
    rows.append(
        (
            "ratio",
            *(
                f"{of(stream.latencies_ms) / of(bare.latencies_ms):.2f}"
                for of in (median, lambda values: quantile(values, 0.99), max)
            ),
            f"{fmean(stream.cpu) / fmean(bare.cpu):.2f}",
            "",
            "",
        )
    )
    return (
        f"  {CLIENTS} clients, {UPDATES_A_SECOND} updates a second, {size / 1_000:.1f} kB a frame; "
        f"the process of the clients took {fmean(stream.clients_cpu) * 100:.0f} % of a core\n\n" + table(heads, rows)
    )
