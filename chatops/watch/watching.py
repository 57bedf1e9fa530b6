"""`quarterdeck watch`: the bot at a url, on this terminal or as plain lines."""

import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from uuid import UUID

from bot_integration import BotError
from bot_integration.control import RemoteBot
from bot_integration.control.errors import NotTaken, NotUnderstood, WrongToken
from chatops.watch.lines import Lines
from chatops.watch.link import Link
from chatops.watch.scene import Scene

#: Somebody takes the connection, and that is all.
_NOT_A_WORD = (
    "What listens there says nothing. A control API is http://HOST:PORT or unix:PATH, a control socket tcp://HOST:PORT."
)


class NotHeard(BotError):
    """Nobody answered who was asked once. What there is to say was said."""


class NoSuchUrl(BotError):
    """The url is none that a bot can be reached by. The text says what is."""


async def watch_lines(
    url: str,
    token: str | None,
    *,
    every_s: float | None,
    as_json: bool,
    write: Callable[[str], object],
    now: Callable[[], datetime],
) -> None:
    """Plain lines every so often until cancelled; without that, once. Raises `NotHeard`, `NoSuchUrl`."""
    async with _remote(url, token) as bot:
        lines = Lines(Scene(bot, Link(lambda: _why(bot), now), now), write, as_json=as_json)
        if every_s is not None:
            await lines.run(every_s)
        elif not await lines.once():
            raise NotHeard(_NOT_A_WORD if bot.away is None and bot.snapshot() is None else "")


async def watch(
    url: str, token: str | None, *, by: str, now: Callable[[], datetime], new_id: Callable[[], UUID]
) -> tuple[str, ...]:
    """The dashboard until it is left; gives what was asked and had not ended by then. Raises `NoSuchUrl`."""
    # What draws on a terminal is slow to import, and plain lines do without.
    from chatops.watch.screen.dashboard import Dashboard

    driver = None
    if sys.platform != "win32":
        from chatops.watch.screen.terminal import Terminal

        driver = Terminal
    async with _remote(url, token) as bot:
        dashboard = Dashboard(bot, away=Link(lambda: _why(bot), now), by=by, now=now, new_id=new_id, driver=driver)
        try:
            await dashboard.run_async()
        finally:
            # As long as the bot can be asked: what its end cuts off looks as if it had ended.
            left = await dashboard.let_go()
    if dashboard.fault is not None:
        for said in left:
            dashboard.fault.add_note(f"{said}: was asked, and had not ended. Look before you ask again.")
        raise dashboard.fault
    return left


def url_of(given: str) -> str:
    """The url that a person means who writes it, or what they gave `--listen`: `HOST:PORT` or `unix:PATH`."""
    if given.startswith("unix:") and not given.startswith("unix://"):
        return f"unix://{Path(given.removeprefix('unix:')).absolute()}"
    return given if "://" in given else f"http://{given}"


def _why(bot: RemoteBot) -> str | None:
    """Why it is not heard: here there are no settings, and whoever looks wants to know what is wrong."""
    away, fault = bot.away, bot.fault
    if away is None or fault is None:
        return away
    if isinstance(fault, WrongToken):
        who = bot.name or "The bot"
        return f"{who} wants another token. Give its own: --token-file FILE, or QUARTERDECK_WATCH_TOKEN_FILE."
    # These say what is wrong by themselves.
    return away if isinstance(fault, NotTaken | NotUnderstood) else f"{away.removesuffix('.')}: {fault}."


def _remote(url: str, token: str | None) -> RemoteBot:
    try:
        return RemoteBot(None, url_of(url), token)
    except ValueError as error:
        raise NoSuchUrl(str(error)) from error
