"""Prometheus Alertmanager, as Debian has it, beside ours: its Telegram receiver pointed at the same platform."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import ClientError, ClientSession

from tests.benchmarks.platform import Access
from tests.faults.desk import free_port

#: Where Debian's package and the project's own have it.
PROGRAM = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
READY_WITHIN_S = 20.0
_LOOK_S = 0.05
#: Each alert in a group of its own, told at once: what it does soonest.
_CONFIG = """
route:
  receiver: telegram
  group_by: [subject]
  group_wait: 0s
receivers:
  - name: telegram
    telegram_configs:
      - api_url: {api}
        bot_token: "{token}"
        chat_id: {chat}
        parse_mode: ""
        send_resolved: false
        message: "CRITICAL {{{{ .CommonLabels.subject }}}} health factor 0.148, liquidated at 0"
"""


@dataclass(frozen=True, slots=True)
class Alertmanager:
    """It runs."""

    session: ClientSession
    url: str
    process: asyncio.subprocess.Process

    async def fire(self, subjects: Sequence[str]) -> None:
        """Hand it an alert of each, in one request."""
        alerts = [{"labels": {"alertname": "health_factor", "subject": one}} for one in subjects]
        async with self.session.post(f"{self.url}/api/v2/alerts", json=alerts) as answer:
            answer.raise_for_status()

    async def kill(self) -> None:
        """As the power does it."""
        self.process.kill()
        await self.process.wait()


@asynccontextmanager
async def alertmanager(folder: Path, access: Access, chat: int) -> AsyncIterator[Alertmanager]:
    """Have it running until the block ends, on what it kept in this folder before."""
    assert PROGRAM is not None
    config = folder / "alertmanager.yml"
    api = access.base_url.removesuffix("/bot")
    config.write_text(_CONFIG.format(api=api, token=access.token, chat=chat))
    port = free_port()
    async with AsyncExitStack() as stack:
        log = stack.enter_context((folder / "alertmanager.log").open("ab"))
        process = await asyncio.create_subprocess_exec(
            PROGRAM,
            f"--config.file={config}",
            f"--storage.path={folder / 'alertmanager'}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--cluster.listen-address=",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        session = await stack.enter_async_context(ClientSession())
        running = Alertmanager(session, f"http://127.0.0.1:{port}", process)
        stack.push_async_callback(_end, running)
        async with asyncio.timeout(READY_WITHIN_S):
            while not await _is_ready(running):  # noqa: ASYNC110 - another program tells nobody
                await asyncio.sleep(_LOOK_S)
        yield running


async def _is_ready(running: Alertmanager) -> bool:
    try:
        async with running.session.get(f"{running.url}/-/ready") as answer:
            return answer.status == 200
    except ClientError:
        return False


async def _end(running: Alertmanager) -> None:
    if running.process.returncode is None:
        await running.kill()
