"""The demo: a paper bot, the gateway and a chat in this terminal, on the embedded database."""

import asyncio
import getpass
import os
import sys
from datetime import datetime
from pathlib import Path

from bot_integration.clock import utc_now
from chatops.adapters.terminal.adapter import TerminalAdapter
from chatops.app import open_desk
from chatops.messages import Message, Paragraph, Posting
from chatops.people import Directory, Identity, Principal, Role
from chatops.room import Room
from chatops.settings import PAPER, BotSettings, DeskSettings, Settings
from chatops.tasks import end

#: A minute of the market in a second: funding is paid within minutes, and prices are seen to move.
DEMO_SPEED = 60.0
#: Where charts and exports are kept, beside the database.
FILES = "files"


def demo_settings(
    data_dir: Path,
    *,
    scenario: str | None = None,
    market: Path | None = None,
    begins: datetime | None = None,
    speed: float | None = None,
    seed: int | None = None,
) -> Settings:
    """A desk with one paper bot, and nobody but whoever sits at this terminal."""
    bot = BotSettings(
        name="paper", url=PAPER, scenario=scenario, market=market, begins=begins, speed=speed or DEMO_SPEED, seed=seed
    )
    return Settings(desk=DeskSettings(name="demo", data_dir=data_dir), bots=(bot,))


async def demo(settings: Settings) -> None:
    """Run the desk until the person at the terminal leaves."""
    person = Principal(_whoami(), Role.ADMIN, frozenset({Identity("terminal", str(os.getuid()))}))
    (identity,) = person.identities
    room = Room("terminal", "demo")
    files = settings.desk.data_dir / FILES
    terminal = TerminalAdapter(identity, room, input=sys.stdin, output=sys.stdout, now=utc_now, files=files)
    directory = Directory([person])
    async with open_desk(settings, directory=directory, faces=[terminal], rooms=[room], health=False) as opened:
        vocabulary = opened.desk.vocabulary

        def offer() -> None:
            terminal.offer(kind.word for kind in vocabulary.now.typed)

        offer()
        vocabulary.on_learnt(offer)
        await terminal.send(room, Posting(_welcome(person)))
        # In a task of its own: told to stop, we need not trust whatever runs in it to pass that on.
        sitting = asyncio.create_task(terminal.run(opened.desk.gateway.receive), name="the terminal")
        try:
            await asyncio.wait([sitting])
        finally:
            await end(sitting)
        sitting.result()


def _whoami() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # A container's user need not have a name.
        return "you"


def _welcome(person: Principal) -> Message:
    return Message(
        f"Quarterdeck demo: the bot “paper” trades on paper. You are {person.name}, {person.role}.",
        (
            Paragraph("Try /status, /positions, /close, /pause entry, /help. A button is pressed by its number."),
            Paragraph("/quit or Ctrl-C ends it."),
        ),
    )
