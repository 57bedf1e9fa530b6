"""The dashboard in the crash, as the README shows it: `python -m tests.chatops.watch.picture docs/watch.svg`."""

import asyncio
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

from chatops.ids import uuid7
from chatops.watch.link import heard
from chatops.watch.screen.dashboard import Dashboard
from tests.chatops.watch.facts import Clock, crashing

SIZE = (160, 50)
#: The hour of the fall of that August.
BEGINS = datetime(2023, 8, 17, 21, 0, 0, tzinfo=UTC)


async def picture() -> str:
    """The screen as SVG that loads nothing from anywhere."""
    clock = Clock(BEGINS)
    bot = crashing(88, clock)
    dashboard = Dashboard(bot.controller, away=heard, by="ada", now=clock, new_id=uuid7)
    async with dashboard.run_test(size=SIZE) as pilot:
        await pilot.pause()
        dashboard.draw()
        await pilot.pause()
        svg = dashboard.export_screenshot(title="quarterdeck watch")
    svg = re.sub(r"@font-face \{.*?\}\s*|<!--.*?-->\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r"Fira Code[^;]*", "ui-monospace, Menlo, Consolas, DejaVu Sans Mono, monospace", svg)
    svg = re.sub(r"terminal-\d+", "watch", svg)
    # Blanks are columns here.
    return svg.replace("<svg ", '<svg xml:space="preserve" ', 1)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(asyncio.run(picture()))
