"""Says over HTTP whether the program lives (/healthz) and can do its work (/readyz), with its figures (/metrics)."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from types import TracebackType
from typing import Self

from aiohttp import web

from chatops.listening import Listening
from chatops.settings.address import Address

log = logging.getLogger(__name__)

#: A probe that has not answered by then counts as failed.
PROBE_S = 2.0


@dataclass(frozen=True, slots=True)
class Probe:
    """How a part is. `detail` is for everybody who reaches the port: nothing secret belongs in it."""

    ok: bool
    detail: str = ""
    #: Without this part the program is not ready.
    required: bool = True


@dataclass(frozen=True, slots=True)
class Page:
    """What is answered as it is."""

    body: bytes
    content_type: str


class HealthServer:
    """Answers at `listen`, for `async with`. `probes` are asked anew for each /readyz, all at once.

    `metrics` makes the page of /metrics, and limits its own waits; without it there is none.
    Raises `CannotListen` on the way in.
    """

    def __init__(
        self,
        listen: Address,
        probes: Mapping[str, Callable[[], Awaitable[Probe]]],
        *,
        metrics: Callable[[], Awaitable[Page]] | None = None,
        probe_s: float = PROBE_S,
    ) -> None:
        self._listen = listen
        self._probes = dict(probes)
        self._metrics = metrics
        self._probe_s = probe_s
        self._listening: Listening | None = None
        self._address = listen

    @property
    def address(self) -> Address:
        """Where it listens, with the port that it got where any would do."""
        return self._address

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/healthz", self._lives)
        app.router.add_get("/readyz", self._is_ready)
        app.router.add_get("/metrics", self._measures)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=self._probe_s)
        self._listening = await Listening.open(runner, self._listen, "http.listen")
        self._address = Address(self._listen.host, self._listening.port)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._listening is not None:
            await self._listening.close()

    async def _lives(self, request: web.Request) -> web.Response:
        return web.json_response({"alive": True})

    async def _is_ready(self, request: web.Request) -> web.Response:
        answers = await asyncio.gather(*map(self._ask, self._probes.values()), return_exceptions=True)
        parts = {name: _judged(name, answer, self._probe_s) for name, answer in zip(self._probes, answers, strict=True)}
        ready = all(part.ok for part in parts.values() if part.required)
        body = {"ready": ready, "parts": {name: asdict(part) for name, part in parts.items()}}
        return web.json_response(body, status=200 if ready else 503, headers={"Cache-Control": "no-store"})

    async def _measures(self, request: web.Request) -> web.Response:
        if self._metrics is None:
            raise web.HTTPNotFound
        page = await self._metrics()
        headers = {"Content-Type": page.content_type, "Cache-Control": "no-store"}
        return web.Response(body=page.body, headers=headers)

    async def _ask(self, probe: Callable[[], Awaitable[Probe]]) -> Probe:
        async with asyncio.timeout(self._probe_s):
            return await probe()


def _judged(name: str, answer: Probe | BaseException, probe_s: float) -> Probe:
    if isinstance(answer, Probe):
        return answer
    if isinstance(answer, TimeoutError):
        return Probe(ok=False, detail=f"no answer in {probe_s:g} s")
    # What it says may be secret: the log has it whole, where secrets are taken out.
    log.error("probe of %s broke", name, exc_info=answer)
    return Probe(ok=False, detail="the probe broke; see the log")
