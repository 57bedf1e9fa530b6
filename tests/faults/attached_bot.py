"""`python -m tests.faults.attached_bot SETTINGS asyncio|threads`: a bot with the gateway in its process.

It holds a position until it is told to end by a line on standard input: "end" (its exit code is 7), or "crash".
"""

import asyncio
import locale
import logging
import os
import signal
import sys
import threading
import time
import warnings
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import quarterdeck
from bot_integration import BotController, ClosePosition
from tests.benchmarks.facts import facts

ENDED = 7


def of_the_whole_process() -> dict[str, Any]:
    """What belongs to the bot, and must be as it was."""
    root = logging.getLogger()
    return {
        "signals": {number: signal.getsignal(number) for number in signal.valid_signals() if number < signal.SIGRTMIN},
        "switch interval": sys.getswitchinterval(),
        "policy": type(asyncio.get_event_loop_policy()),
        "locale": locale.setlocale(locale.LC_ALL),
        "log handlers": list(root.handlers),
        "log levels": {
            name: logging.getLogger(name).level for name in ("", "chatops", "telegram", "asyncio", "asyncpg")
        },
        "warnings": (warnings.showwarning, list(warnings.filters)),
        "hooks": (sys.excepthook, threading.excepthook, sys.unraisablehook),
        "umask and folder": (os.umask(0o022), Path.cwd()),
    }


class Bot:
    """It publishes four times a second, and closes what it is told to."""

    def __init__(self) -> None:
        self.controller = BotController("alpha")
        self.controller.on(ClosePosition)(self._close)
        self.closed_on = ""
        self._held = 1

    async def _close(self, command: ClosePosition) -> str:
        self.closed_on = threading.current_thread().name
        self._held = 0
        self.publish()
        return f"{command.position_id} closed"

    def publish(self) -> None:
        faults = self.controller.publish(facts(self._held, datetime.now(UTC)))
        assert not faults, faults


def obey(said: str, bot: Bot) -> None:
    """What the bot ends with."""
    bot.controller.note("the bot ends")
    say(f"closed on {bot.closed_on}")
    if said == "crash":
        raise RuntimeError("the bot's own mistake")
    sys.exit(ENDED)


def in_threads(settings: str) -> None:
    bot = Bot()
    bot.publish()
    before = of_the_whole_process()
    attached = quarterdeck.attach(bot.controller, settings)
    said = threading.Event()

    def trade() -> None:
        while not said.wait(0.25):
            bot.publish()

    threading.Thread(target=trade).start()
    try:
        while not attached.is_running:
            # A bot without asyncio can only look: nothing is told to its thread.
            time.sleep(0.005)
        tell_of(before)
        line = sys.stdin.readline().strip()
    finally:
        said.set()
    obey(line, bot)


async def in_a_loop(settings: str) -> None:
    bot = Bot()
    bot.publish()
    before = of_the_whole_process()
    attached = quarterdeck.attach(bot.controller, settings)
    loop = asyncio.get_running_loop()
    said: asyncio.Future[str] = loop.create_future()

    def listen() -> None:
        loop.call_soon_threadsafe(said.set_result, sys.stdin.readline().strip())

    threading.Thread(target=listen, daemon=True).start()
    while not attached.is_running:  # noqa: ASYNC110 - as a bot would
        await asyncio.sleep(0.005)
    tell_of(before)
    while not said.done():
        bot.publish()
        await asyncio.wait([said], timeout=0.25)
    obey(said.result(), bot)


def say(what: str) -> None:
    sys.stdout.write(what + "\n")
    sys.stdout.flush()


def tell_of(before: dict[str, Any]) -> None:
    after = of_the_whole_process()
    changed = [what for what, was in before.items() if after[what] != was]
    say(f"open, changed: {', '.join(changed) or 'nothing'}")


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    _, settings, kind = sys.argv
    if kind == "threads":
        in_threads(settings)
    else:
        asyncio.run(in_a_loop(settings))
