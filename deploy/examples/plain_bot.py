"""A trading loop that a gateway watches and commands, in plain Python: url = "tcp://127.0.0.1:9120" in its settings."""

import asyncio
import json
import sys
from contextlib import closing, suppress
from datetime import UTC, datetime

size = {"key": "order_usd", "value": 250.0, "type": "float", "hot": True}  # may be set while it runs
pause, portfolio, watchers = {"kill_switch": False}, {"equity": 10_000.0}, set()
session = {"strategy": "plain", "mode": "paper", "started_at": datetime.now(UTC).isoformat(), "pause": pause}


def push():  # who does not read misses this one
    state = {"session": session, "portfolio": portfolio, "parameters": [size]}
    for watcher in (one for one in watchers if one.transport.get_write_buffer_size() < 100_000):
        watcher.write(json.dumps({"type": "state", "state": state}).encode() + b"\n")


async def serve(reader, writer):
    watchers.add(writer)
    with closing(writer), suppress(ValueError, TypeError, OSError):  # a browser speaks no JSON: that ends it
        while isinstance(asked := json.loads(await reader.readline()), dict):
            kind, key, new = asked.get("type"), asked.get("key"), asked.get("value")
            answer = {"type": f"{kind}_ack", "id": asked.get("id"), "key": key, "ok": True, "error": None}
            if kind not in {"kill_switch", "update_config"}:
                answer |= {"type": "error", "to": kind, "error": "malformed", "message": f"{kind} is not known here."}
            elif datetime.fromisoformat(asked.get("not_after") or "9999-12-31T00:00Z") < datetime.now(UTC):  # we hung
                answer |= {"ok": False, "error": "This came too late to be started. Nothing was done."}
            elif kind == "kill_switch":
                pause["kill_switch"] = answer["active"] = asked.get("activate") is not False  # when in doubt, on
            elif key == "order_usd" and type(new) in {int, float} and 0 < new < 10_000:
                size["value"], answer["old"], answer["new"] = new, size["value"], new
            else:
                answer |= {"ok": False, "error": f"{key} stays: order_usd alone may change, to less than 10000."}
            push()  # who reads the answer has read the state that shows it
            writer.write(json.dumps(answer).encode() + b"\n")
    watchers.discard(writer)


async def trade(port):
    async with await asyncio.start_server(serve, "127.0.0.1", port):
        while True:
            portfolio["equity"] += 0 if pause["kill_switch"] else size["value"] / 1_000  # here it would trade
            push()
            await asyncio.sleep(0.5)


asyncio.run(trade(int(sys.argv[1]) if len(sys.argv) > 1 else 9120))
