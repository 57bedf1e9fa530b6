"""`quarterdeck run` with channels beyond the chats, and somebody who is told that it lives."""

import hashlib
import hmac
import json
import signal
from collections.abc import Sequence

from aiohttp import ClientSession

from tests.faults.desk import DeskFiles, free_port
from tests.faults.program import eventually
from tests.servers.taker import Taken, taker

SECRET = "CANARY-0123456789abcdef"
#: All that is held is too near to its liquidation for these.
NERVOUS = """scenario = "calm"
speed = 1
[alerts.rules.liquidation_distance]
critical = {{ distance_pct = 99 }}
[escalation.default]
steps = [{{ after = "0s", tell = ["channels"] }}]
[[channels]]
name = "hook"
url = "{url}/CANARY"
secret = "{secret}"
allow_private = true
[[channels]]
name = "pager"
url = "json://127.0.0.1:{port}/CANARY/pager"
allow_private = true
[heartbeat]
url = "{url}/CANARY/alive"
every = "10s"
"""


def of(path: str, taken: Sequence[Taken]) -> list[Taken]:
    return [one for one in taken if one.path.endswith(path)]


async def test_an_alert_reaches_every_channel_and_somebody_hears_that_the_desk_lives(desk: DeskFiles) -> None:
    port = free_port()
    async with taker() as server:
        desk.write("paper", more=NERVOUS.format(url=server.url, secret=SECRET, port=server.port), port=port)
        async with desk.gateway() as gateway:

            async def all_told() -> bool:
                return all(of(path, server.taken) for path in ("/hook/CANARY", "/pager", "/alive"))

            await eventually(all_told, "all are told")

            async def all_in_time() -> bool:
                async with ClientSession() as http, http.get(f"http://127.0.0.1:{port}/readyz") as answer:
                    alerts = (await answer.json())["parts"]["alerts"]
                return alerts["ok"] is True and "critical; all in time" in alerts["detail"]

            # A machine that stands still for a while is said to be late until the next look.
            await eventually(all_in_time, "all is told in time")
            async with ClientSession() as http, http.get(f"http://127.0.0.1:{port}/metrics") as answer:
                figures = (await answer.text()).splitlines()
            assert "quarterdeck_alert_steps_late 0.0" in figures
            assert any(line.startswith('quarterdeck_alerts_age_seconds{of="evaluation"}') for line in figures)
            gateway.signal(signal.SIGTERM)
            assert await gateway.ends() == 0, gateway.said
        assert "CANARY" not in gateway.said
    told, page = of("/hook/CANARY", server.taken)[0], json.loads(of("/pager", server.taken)[0].body)
    seconds = told.headers["Quarterdeck-Timestamp"].encode()
    digest = hmac.new(SECRET.encode(), seconds + b"." + told.body, hashlib.sha256).hexdigest()
    assert told.headers["Quarterdeck-Signature"] == f"v1={digest}"
    said = json.loads(told.body)
    alert = said["alert"]
    assert (alert["rule"], alert["bot"], alert["severity"]) == ("liquidation_distance", "alpha", "critical")
    assert f"/ack {alert['number']}" in said["text"]
    assert "To answer, write in a chat of the desk: /ack" in page["message"]
