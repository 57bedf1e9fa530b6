"""A trading loop that a gateway watches and commands, in plain Python: url = "tcp://127.0.0.1:9120" in its settings."""

import asyncio
import json
import random
import sys
from contextlib import suppress
from datetime import UTC, datetime

parameters = {"order_usd": 250.0, "cycle_s": 1.0, "venue": "okx"}
HOT = {"order_usd", "cycle_s"}  # what may change while it runs
pause = {"kill_switch": False}
session = {"strategy": "plain", "mode": "paper", "started_at": datetime.now(UTC).isoformat(), "pause": pause}
portfolio = {"equity": 10_000.0}
watchers = set()


def push():
    told = [
        {"key": key, "value": now, "type": type(now).__name__, "hot": key in HOT} for key, now in parameters.items()
    ]
    state = {"type": "state", "state": {"session": session, "portfolio": portfolio, "parameters": told}}
    for watcher in watchers:
        if watcher.transport.get_write_buffer_size() < 100_000:  # who does not read misses this one
            watcher.write(json.dumps(state).encode() + b"\n")


def answer(asked):
    key, new, old = str(asked.get("key")), asked.get("value"), parameters.get(str(asked.get("key")))
    if asked.get("type") == "kill_switch":
        pause["kill_switch"] = asked.get("activate") is not False  # when in doubt, on
        return {"type": "kill_switch_ack", "active": pause["kill_switch"], "ok": True, "error": None}
    ok = asked.get("type") == "update_config" and key in HOT and type(new) in {int, float} and 0 < new < 1e6
    if ok:
        parameters[key] = float(new)
    error = None if ok else f"{key} cannot be {new}: {sorted(HOT)} may change, to a number above 0."
    return {"type": "update_config_ack", "key": key, "old": old, "new": parameters.get(key), "ok": ok, "error": error}


async def serve(reader, writer):
    watchers.add(writer)
    push()
    with suppress(ValueError, OSError):  # a page in a browser speaks no JSON: nothing that follows is heard
        while isinstance(asked := json.loads(await reader.readline()), dict):
            reply = json.dumps(answer(asked) | {"id": asked.get("id")})
            push()  # who reads the answer has read the state that shows it
            writer.write(reply.encode() + b"\n")
    watchers.discard(writer)
    writer.close()


async def trade(port):
    async with await asyncio.start_server(serve, "127.0.0.1", port):
        while True:
            portfolio["equity"] += 0 if pause["kill_switch"] else random.gauss(0, parameters["order_usd"] / 100)
            push()
            await asyncio.sleep(parameters["cycle_s"])


asyncio.run(trade(int(sys.argv[1]) if len(sys.argv) > 1 else 9120))
