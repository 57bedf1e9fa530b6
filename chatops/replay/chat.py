"""A replay in a chat of this terminal, on a database of its own that is gone with it."""

import asyncio
import os
import sys
import tempfile
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from pathlib import Path

from alerts.terms import DEFAULTS
from chatops.adapters.base import Receive, SendError
from chatops.adapters.terminal.adapter import TerminalAdapter
from chatops.app import open_desk
from chatops.asks import ASKS
from chatops.history.rows import Run
from chatops.messages import Posting
from chatops.people import Directory, Identity, Principal, Role
from chatops.replay.clock import ReplayClock
from chatops.replay.player import Player
from chatops.replay.words import summary, welcome
from chatops.room import Room
from chatops.settings import ConfirmSettings, DeskSettings, Settings
from chatops.settings.alerts import AlertsSettings
from chatops.settings.words import WordSettings
from chatops.tasks import end

#: What the desk still has to say of the last snapshot.
_FAREWELL_S = 1.0
#: Whether facts are old cannot be told from a recording: it has one snapshot in 30 seconds, and the rule waits for 15.
_OFF = "stale_data"


async def replay_in_chat(player: Player, clock: ReplayClock, run: Run, *, speed: float, whoami: str) -> None:
    """Play it until its end, or until the person at the terminal leaves. Raises what `Player.run` raises."""
    person = Principal(whoami, Role.ADMIN, frozenset({Identity("terminal", str(os.getuid()))}))
    (identity,) = person.identities
    room = Room("terminal", "replay")
    # In a pipe the end of input is no wish to leave.
    is_left = sys.stdin.isatty()
    terminal = TerminalAdapter(
        identity, room, input=sys.stdin, output=sys.stdout, now=clock, outlasts_input=not is_left
    )
    async with AsyncExitStack() as stack:
        data_dir = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="quarterdeck-replay-")))
        desk = open_desk(
            _settings(data_dir),
            bots=[player.bot],
            directory=Directory([person]),
            faces=[terminal],
            rooms=[room],
            health=False,
            now=clock,
            elapsed=clock.elapsed,
        )
        opened = await stack.enter_async_context(desk)
        terminal.offer(kind.word for kind in opened.desk.vocabulary.now.typed)
        await terminal.send(room, Posting(welcome(run, player.bot.name, speed, person.name)))
        playing = asyncio.create_task(player.run(), name="the replay")
        sitting = asyncio.create_task(_sit(terminal, opened.desk.gateway.receive, player), name="the terminal")
        try:
            await asyncio.wait([playing, *([sitting] if is_left else [])], return_when=asyncio.FIRST_COMPLETED)
            if playing.done():
                played = playing.result()
                await asyncio.sleep(_FAREWELL_S)
                with suppress(SendError):
                    await terminal.send(room, Posting(summary(played)))
        finally:
            await end(playing, sitting)


async def _sit(terminal: TerminalAdapter, receive: Receive, player: Player) -> None:
    # Whoever asks finds something.
    await player.began()
    await terminal.run(receive)


def _settings(data_dir: Path) -> Settings:
    return Settings(
        desk=DeskSettings(name="replay", data_dir=data_dir),
        # A moment of ours is minutes of then: what somebody types is not old for it.
        confirm=ConfirmSettings(confirm_seconds=3_600, stale_seconds=3_600),
        # Refused at once, not first asked whether it is meant: at this speed the question would be too old by then.
        words={kind.word: WordSettings(confirm=False) for kind in ASKS if kind.confirm},
        alerts=AlertsSettings(rules={_OFF: replace(DEFAULTS[_OFF], on=False)}),
    )
