"""A trading loop that a gateway watches and commands, in plain Python: url = "tcp://127.0.0.1:9120" in its settings."""

import asyncio
import json
import sys
from contextlib import suppress
from datetime import UTC, datetime

size = {"key": "order_usd", "value": 250.0, "type": "float", "hot": True}  # may be set while it runs
pause, portfolio = {"kill_switch": False}, {"equity": 10_000.0}
session = {"strategy": "plain", "mode": "paper", "started_at": datetime.now(UTC).isoformat(), "pause": pause}
watchers = set()


def push():  # who does not read misses this one
    state = {"session": session, "portfolio": portfolio, "parameters": [size]}
    for watcher in (one for one in watchers if one.transport.get_write_buffer_size() < 100_000):
        watcher.write(json.dumps({"type": "state", "state": state}).encode() + b"\n")


async def serve(reader, writer):
    watchers.add(writer)
    with suppress(ValueError, OSError):  # a page in a browser speaks no JSON: nothing that follows is heard
        while isinstance(asked := json.loads(await reader.readline()), dict):
            key, new = asked.get("key"), asked.get("value")
            answer = {"type": "update_config_ack", "id": asked.get("id"), "key": key, "ok": True, "error": None}
            if asked.get("type") == "kill_switch":
                pause["kill_switch"] = asked.get("activate") is not False  # when in doubt, on
                answer |= {"type": "kill_switch_ack", "active": pause["kill_switch"]}
            elif key == "order_usd" and type(new) in {int, float} and 0 < new < 10_000:
                answer |= {"old": size["value"], "new": new}
                size["value"] = new
            else:
                answer |= {"ok": False, "error": f"{key} stays: order_usd alone may change, to less than 10000."}
            push()  # who reads the answer has read the state that shows it
            writer.write(json.dumps(answer).encode() + b"\n")
    watchers.discard(writer)
    writer.close()


async def trade(port):
    async with await asyncio.start_server(serve, "127.0.0.1", port):
        while True:
            portfolio["equity"] += 0 if pause["kill_switch"] else size["value"] / 1_000  # here it would trade
            push()
            await asyncio.sleep(0.5)


asyncio.run(trade(int(sys.argv[1]) if len(sys.argv) > 1 else 9120))
