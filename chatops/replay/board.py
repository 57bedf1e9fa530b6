"""A replay on the dashboard of `quarterdeck watch`, or behind a control API that others watch."""

import asyncio
import sys
from collections.abc import Callable
from uuid import UUID

from chatops.replay.clock import ReplayClock
from chatops.replay.player import Player
from chatops.tasks import end
from chatops.watch.link import heard


async def replay_on_board(player: Player, clock: ReplayClock, *, by: str, new_id: Callable[[], UUID]) -> None:
    """Play it until its end, or until the dashboard is left. Raises what `Player.run` raises."""
    from chatops.watch.screen.dashboard import Dashboard

    driver = None
    if sys.platform != "win32":
        from chatops.watch.screen.terminal import Terminal

        driver = Terminal
    dashboard = Dashboard(player.bot, away=heard, by=by, now=clock, new_id=new_id, driver=driver)
    playing = asyncio.create_task(player.run(), name="the replay")
    playing.add_done_callback(lambda _: dashboard.exit())
    try:
        await dashboard.run_async()
        await dashboard.let_go()
        if playing.done():
            playing.result()
    finally:
        await end(playing)
    if dashboard.fault is not None:
        raise dashboard.fault


async def replay_behind(player: Player, listen: str, told: Callable[[str], object]) -> None:
    """Play it behind a control API, whose url is `told`. Raises `CannotListen`, and what `Player.run` raises."""
    from bot_integration.control import ControlServer

    async with ControlServer(player.bot, listen=listen) as server:
        told(server.url)
        await player.run()
