"""Whoever watches the program learns over HTTP whether it lives, and which part keeps it from its work."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import ClientSession

from chatops.health import HealthServer, Probe
from chatops.listening import CannotListen
from chatops.settings import Address

ANYWHERE = Address("127.0.0.1", 0)


async def get(server: HealthServer, path: str) -> tuple[int, Any]:
    async with ClientSession() as session, session.get(f"http://{server.address}{path}") as response:
        return response.status, await response.json()


def always(probe: Probe) -> Callable[[], Awaitable[Probe]]:
    async def answer() -> Probe:
        return probe

    return answer


async def hang() -> Probe:
    await asyncio.Event().wait()
    raise AssertionError


async def break_down() -> Probe:
    raise ValueError("postgresql://desk:CANARY@db/desk")


async def test_it_is_ready_when_every_part_is() -> None:
    probes = {"database": always(Probe(ok=True, detail="answers")), "telegram": always(Probe(ok=True))}
    async with HealthServer(ANYWHERE, probes) as server:
        assert await get(server, "/healthz") == (200, {"alive": True})
        assert await get(server, "/readyz") == (
            200,
            {
                "ready": True,
                "parts": {
                    "database": {"ok": True, "detail": "answers", "required": True},
                    "telegram": {"ok": True, "detail": "", "required": True},
                },
            },
        )


async def test_it_lives_while_it_is_not_ready() -> None:
    async with HealthServer(ANYWHERE, {"database": always(Probe(ok=False, detail="away for 3 min"))}) as server:
        status, body = await get(server, "/readyz")
        assert (status, body["ready"], body["parts"]["database"]["detail"]) == (503, False, "away for 3 min")
        assert (await get(server, "/healthz"))[0] == 200


async def test_a_part_that_is_not_required_does_not_count() -> None:
    async with HealthServer(ANYWHERE, {"bots": always(Probe(ok=False, detail="away", required=False))}) as server:
        status, body = await get(server, "/readyz")
    assert (status, body["ready"], body["parts"]["bots"]["ok"]) == (200, True, False)


async def test_parts_come_and_go() -> None:
    state = {"ok": False}

    async def probe() -> Probe:
        return Probe(ok=state["ok"])

    async with HealthServer(ANYWHERE, {"telegram": probe}) as server:
        assert (await get(server, "/readyz"))[0] == 503
        state["ok"] = True
        assert (await get(server, "/readyz"))[0] == 200


async def test_a_probe_that_hangs_or_breaks_hides_no_other(caplog: pytest.LogCaptureFixture) -> None:
    probes = {"slow": hang, "broken": break_down, "fine": always(Probe(ok=True))}
    with caplog.at_level(logging.ERROR):
        async with HealthServer(ANYWHERE, probes, probe_s=0.05) as server:
            status, body = await get(server, "/readyz")
    assert status == 503
    assert {name: (part["ok"], part["detail"]) for name, part in body["parts"].items()} == {
        "slow": (False, "no answer in 0.05 s"),
        "broken": (False, "the probe broke; see the log"),
        "fine": (True, ""),
    }
    assert "probe of broken broke" in caplog.text


async def test_an_address_that_is_taken_is_told() -> None:
    async with HealthServer(ANYWHERE, {}) as first:
        with pytest.raises(CannotListen, match=r"cannot be listened on: .*in use.*http\.listen"):
            async with HealthServer(first.address, {}):
                pass
    async with HealthServer(first.address, {}) as second:
        assert second.address == first.address


async def test_it_listens_on_ipv6_too() -> None:
    async with HealthServer(Address("::1", 0), {}) as server:
        assert (await get(server, "/healthz"))[0] == 200
