"""A secret in every place where one can be is in no log, chat, table, file or figure afterwards."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from aiohttp import ClientSession

from bot_integration import (
    BotController,
    ClosePosition,
    CommandResult,
    Outcome,
    Pause,
    Preview,
    Refused,
)
from bot_integration.control import ControlServer
from chatops.guard.verifying import Whole
from chatops.storage.database import Database
from chatops.storage.export_files import ExportFormat
from chatops.storage.exported import verify_export
from chatops.storage.exporting import export_record
from tests.bot_integration.facts import facts, position
from tests.faults.desk import DeskFiles, free_port, wait_until_settled
from tests.faults.program import outcome
from tests.servers.telegram import Chat, TelegramServer

#: Each is found by the word, in whatever case and however it is cut.
TELEGRAM = "123456789:CANARYtelegramAAAAAAAAAAAAAAAAAAAAA"
BOT_TOKEN = "CANARYtokenofthebotalphaCANARY"
PASSWORD = "CANARYpasswordofthedatabase"
KNOWN = (TELEGRAM, BOT_TOKEN, PASSWORD)
#: What nobody told us of, and has the form of one.
FORMS = (
    "postgresql://desk:CANARYaddress@db:5432/desk",
    "987654321:AAFCANARYtelegramofanother-bot-entirely",
    "xoxb-1234-CANARYslack",
    "Authorization: Bearer CANARYbearer",
    "https://venue/orders?api_key=CANARYparameter&side=buy",
)
EVERYTHING = " ".join((*KNOWN, *FORMS))

SETTINGS = f"""
[desk]
data_dir = "data"
[http]
listen = "127.0.0.1:{{port}}"
[database]
url_file = "database.secret"
[telegram]
token_file = "telegram.secret"
base_url = "{{base_url}}"
[[bots]]
name = "alpha"
url = "{{bot}}"
token = "{BOT_TOKEN}"
[[people]]
name = "ada"
role = "admin"
telegram = 111
"""


class Chatterbox:
    """A bot that says every secret that it can get hold of, wherever it may say something."""

    def __init__(self) -> None:
        self.controller = BotController("alpha")
        self.controller.on(Pause)(self._pause)
        self.controller.on(ClosePosition)(self._close)
        self.controller.previews(ClosePosition)(self._preview)

    def publish(self) -> None:
        now = datetime.now(UTC)
        said = {"at": now, "category": "warning", "message": EVERYTHING}
        faults = self.controller.publish(
            facts(
                session={"strategy": "carry", "version": BOT_TOKEN, "mode": "paper", "started_at": now},
                venues=[{"name": "bybit", "stream": "down", "last_error": EVERYTHING}],
                positions=[position("SOL-1", asset="SOL", lane=BOT_TOKEN)],
                timeline=[said],
            )
        )
        assert faults == ()

    async def _pause(self, command: Pause) -> CommandResult:
        if command.scope == "exit":
            raise RuntimeError(EVERYTHING)
        if command.scope == "entry":
            raise Refused(f"No: {EVERYTHING}")
        return CommandResult(command_id=command.id, outcome=Outcome.DONE, message=f"Paused. {EVERYTHING}")

    async def _close(self, command: ClosePosition) -> CommandResult:
        raise RuntimeError(EVERYTHING)

    async def _preview(self, command: ClosePosition) -> Preview:
        raise RuntimeError(EVERYTHING)


@pytest.fixture
async def platform() -> AsyncIterator[TelegramServer]:
    async with TelegramServer(TELEGRAM) as server:
        yield server


@pytest.fixture
async def bot() -> AsyncIterator[ControlServer]:
    """The chatterbox behind its control API."""
    chatterbox = Chatterbox()
    chatterbox.publish()
    async with ControlServer(chatterbox.controller, listen="127.0.0.1:0", token=BOT_TOKEN) as server:
        yield server


@pytest.fixture
def told(new_desk: DeskFiles, bot: ControlServer, database_url: str) -> tuple[DeskFiles, int]:
    """A desk with a canary in each of its secrets, and the port that it is asked on how it is."""
    port = free_port()
    desk = new_desk
    desk.settings.write_text(SETTINGS.format(port=port, base_url=desk.platform.base_url, bot=bot.url))
    (desk.folder / "telegram.secret").write_text(TELEGRAM)
    (desk.folder / "database.secret").write_text(database_url.replace("@", f":{PASSWORD}@", 1))
    return desk, port


def canaries(text: str) -> list[str]:
    """Where one was found, with what stands round it."""
    folded = text.casefold()
    places = [at for at in range(len(folded)) if folded.startswith("canary", at)]
    return [text[max(0, at - 60) : at + 40] for at in places]


async def in_tables(database: Database) -> list[str]:
    tables = await database.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    found: list[str] = []
    for table in tables:
        rows = await database.fetch(f'SELECT t::text AS said FROM "{table[0]}" AS t')
        found += [f"{table[0]}: {one}" for row in rows for one in canaries(row["said"])]
    return found


def in_files(folder: Path) -> list[str]:
    """In what the desk has written itself: the settings and secrets are ours."""
    files = [file for file in folder.rglob("*") if file.is_file() and "postgres" not in file.parts]
    return [f"{file.name}: {one}" for file in files for one in canaries(file.read_text(errors="replace"))]


async def said_over_http(port: int) -> str:
    said = ""
    async with ClientSession() as http:
        for path in ("healthz", "readyz", "metrics"):
            async with http.get(f"http://127.0.0.1:{port}/{path}") as answer:
                said += await answer.text()
    return said


#: What a bot is asked that says it, and what a person should not have typed. There is a limit to words that act.
TYPED = (
    *("/status", "/events", "/positions", "/position SOL", "/close SOL", "/audit"),
    *(f"{word} {EVERYTHING}" for word in ("/close", "/help", "/audit", "/position", "")),
    *(f"{word}{secret}" for word in ("", "/", "/start ", "/audit ") for secret in KNOWN),
    f"/pause {TELEGRAM}",
    "/set api_key CANARYtyped",
    "/code CANARYtyped",
)


async def ask_all(desk: DeskFiles) -> None:
    """Everything that may say a secret, and three acts of the bot that do."""
    for text in TYPED:
        before = len(desk.chat.from_bot)
        await desk.chat.say(desk.ada, text)
        await desk.platform.wait_for(partial(has_answered, desk.chat, before))
    for scope, ends in (("exit", "broke"), ("entry", "No: "), ("all", "Paused. ")):
        await desk.chat.say(desk.ada, f"/pause {scope} because {BOT_TOKEN} and {FORMS[0]}")
        question = await desk.hears(f"Pause {scope}")
        await desk.chat.press(desk.ada, question, "Confirm")
        await desk.sees(ends, on=question)


def has_answered(chat: Chat, before: int) -> bool:
    return len(chat.from_bot) > before


async def test_a_secret_in_every_place_is_nowhere_afterwards(
    told: tuple[DeskFiles, int], database: Database, tmp_path: Path
) -> None:
    desk, port = told
    async with desk.gateway() as gateway:
        await gateway.says("telegram: connected")
        await ask_all(desk)
        await wait_until_settled(database)
        await desk.platform.stop_listening()
        await gateway.says("telegram: nobody is heard")
        over_http = await said_over_http(port)
        gateway.terminate()
        assert await gateway.ends() == 0, gateway.said
    shown = [form.text + str(form.labels) for message in desk.chat.from_bot for form in (*message.edits, message)]
    for form in ExportFormat:
        await export_record(database, tmp_path / form, form, at=datetime.now(UTC))
        assert isinstance(await verify_export(tmp_path / form), Whole)
    assert canaries(gateway.said) == []
    assert canaries("\n".join(shown)) == []
    assert await in_tables(database) == []
    assert canaries(over_http) == []
    assert in_files(tmp_path) == []
    assert in_files(desk.data_dir) == []
    # It was all said, only not so that anybody could use it.
    assert "***" in "\n".join(shown)


async def test_what_breaks_at_the_start_says_no_secret(told: tuple[DeskFiles, int]) -> None:
    desk, _ = told
    (desk.folder / "database.secret").write_text(f"postgresql://desk:{PASSWORD}@127.0.0.1:1/nowhere")
    for command in (("run",), ("check",), ("audit", "verify"), ("db", "migrate")):
        code, said = await outcome(*command, "-c", str(desk.settings))
        assert code != 0
        assert canaries(said) == []
        assert "Traceback" not in said
