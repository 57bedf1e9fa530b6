"""Attach to a bot's control socket, print what changes, send one command: watch_socket.py [HOST:PORT] [COMMAND]."""

import json
import os
import socket
import sys
from datetime import UTC, datetime, timedelta
from uuid import uuid4


def flat(value, path=""):
    """Each single value with its path: positions.SOL-1.pnl.total, 12.5."""
    if not isinstance(value, dict | list):
        yield path, value
        return
    for key, one in value.items() if isinstance(value, dict) else enumerate(value):
        named = one if isinstance(value, list) and isinstance(one, dict) else {}
        yield from flat(one, f"{path}.{named.get('id') or named.get('key') or named.get('name') or key}".lstrip("."))


host, port = (sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:9120").rsplit(":", 1)
until = (datetime.now(UTC) + timedelta(seconds=30)).isoformat()
name = sys.argv[2] if len(sys.argv) > 2 else "ping"
asks = [{"type": "command", "command": {"name": name, "id": str(uuid4()), "by": "watch", "not_after": until}}]
known = {}
with socket.create_connection((host, int(port))) as line:
    if token := os.environ.get("QUARTERDECK_TOKEN"):
        line.sendall(json.dumps({"type": "auth", "token": token}).encode() + b"\n")
    for message in map(json.loads, line.makefile("rb")):
        if message["type"] == "state":
            message["state"].pop("timeline", None)  # it is told as events, and moves by a line with each
            now = dict(flat(message["state"]))
            for path in sorted(now.keys() | known.keys() if known else ()):
                if now.get(path) != known.get(path) and path not in {"seq", "at"}:
                    print(f"{path}: {known.get(path)} -> {now.get(path)}", flush=True)
            known = now
            if asks:
                line.sendall(json.dumps(asks.pop()).encode() + b"\n")
        elif message["type"] == "command_result":
            print(f"{message['result']['outcome']}: {message['result']['message']}", flush=True)
        else:
            print(json.dumps(message), flush=True)
