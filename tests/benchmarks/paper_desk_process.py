"""A desk with the paper bot in its own loop, as in the demo, that tells how late that loop runs.

`python -m tests.benchmarks.paper_desk_process SETTINGS_FILE`
"""

import asyncio
import sys
from pathlib import Path
from typing import Any

from chatops import logs
from chatops.app import open_desk
from chatops.settings import read_settings
from tests.benchmarks.lines import answer_lines
from tests.benchmarks.loop_delay import LoopDelay


async def main(file: Path) -> None:
    """Serve until standard input ends."""
    settings = read_settings(file, {})
    logs.configure(level="WARNING", secrets=settings.secrets())
    delay = LoopDelay(asyncio.get_running_loop().time)

    async def start() -> None:
        delay.start()

    async def stop() -> Any:
        return await delay.stop()

    async with open_desk(settings, health=False):
        await answer_lines({"start": start, "stop": stop})


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
