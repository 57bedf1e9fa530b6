"""The other commands as processes: what they say, and the exit code that scripts go by."""

import os
import re
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from uuid import uuid4

import pytest

from bot_integration.commands import Ping
from bot_integration.control import RemoteBot
from chatops.storage.database import Database
from chatops.storage.embedded import EmbeddedPostgres
from chatops.storage.postmaster import Postmaster
from tests.faults.desk import DeskFiles, wait_until_settled
from tests.faults.program import Program, outcome, program

WRONG_IN_THREE_PLACES = """
[desk]
timezone = "Mars/Olympus"
[[bots]]
name = "alpha"
url = "ftp://nowhere"
[[people]]
name = "ada"
role = "emperor"
telegram = 111
"""


async def asked_something(desk: DeskFiles) -> None:
    await desk.chat.say(desk.ada, "/status")
    await desk.hears("alpha is well")
    async with desk.database() as database:
        await wait_until_settled(database)


async def tamper(database: Database) -> None:
    """As somebody could who has the database."""
    async with database.transaction() as connection:
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute("UPDATE command_events SET by = 'bob' WHERE seq = 2")


async def test_settings_wrong_in_three_places_name_all_three_before_anything_starts(folder: Path) -> None:
    path = folder / "quarterdeck.toml"
    path.write_text(WRONG_IN_THREE_PLACES)
    for command in ("run", "check"):
        code, said = await outcome(command, "-c", str(path))
        assert code == 2
        assert "Traceback" not in said
        first, second, third = sorted(said.splitlines())
        assert first.startswith(f"{path}: bots.0.url (alpha) ")
        assert second.startswith(f"{path}: desk.timezone ")
        assert third.startswith(f"{path}: people.0.role (ada) ")
    assert os.listdir(folder) == ["quarterdeck.toml"]  # noqa: PTH208 - a path's own is taken for one that waits


@pytest.mark.parametrize("command", [("run",), ("audit", "verify")], ids="-".join)
async def test_a_settings_file_that_is_not_there_is_named(folder: Path, command: tuple[str, ...]) -> None:
    code, said = await outcome(*command, "-c", "nowhere.toml", cwd=folder)
    assert (code, "nowhere.toml" in said, "Traceback" in said) == (2, True, False), said


async def test_a_secret_in_a_wrong_setting_is_not_repeated(folder: Path) -> None:
    path = folder / "quarterdeck.toml"
    path.write_text('[telegram]\ntoken = "hunter2-hunter2"\n[database]\nurl = "mysql://me:hunter3@host/name"\n')
    code, said = await outcome("run", "-c", str(path))
    assert code == 2
    assert "telegram.token" in said
    assert "database.url" in said
    assert "hunter" not in said


async def test_check_says_that_nothing_is_wrong(new_desk: DeskFiles) -> None:
    desk = new_desk
    desk.write("paper")
    code, said = await outcome("check", "-c", str(desk.settings))
    assert code == 0, said
    assert "the token is that of @deck_bot" in said
    assert not desk.data_dir.exists()
    async with desk.gateway():
        await desk.hears_after("/status", "alpha is well")
        code, said = await outcome("check", "-c", str(desk.settings))
        assert code == 0, said
        assert "a desk runs there now" in said
        await desk.hears_after("/status", "alpha is well")


async def test_check_says_what_is_wrong_and_what_to_do(desk: DeskFiles) -> None:
    desk.write(f"unix://{desk.folder}/nobody.sock")
    desk.platform.revoke_token()
    code, said = await outcome("check", "-c", str(desk.settings))
    assert code == 1, said
    assert "the token is not accepted" in said
    assert "alpha at unix://" in said
    assert "Traceback" not in said


async def test_audit_verify_says_whole_or_names_the_first_bad_row_beside_a_desk_and_after_it(desk: DeskFiles) -> None:
    desk.write("paper")
    verify = ("audit", "verify", "-c", str(desk.settings))
    async with desk.gateway() as gateway:
        await asked_something(desk)
        code, said = await outcome(*verify)
        whole, head = said.splitlines()
        assert (code, whole) == (0, "The record is whole: 3 steps of 1 asks, every one chained to the one before.")
        assert "at step 3: noted elsewhere" in head
        await asked_something(desk)
        await stopped(gateway)
    code, said = await outcome(*verify)
    assert (code, "The record is whole: 6 steps of 2 asks" in said) == (0, True), said
    async with EmbeddedPostgres(desk.data_dir) as url, Database.open(url) as database:
        await tamper(database)
    code, said = await outcome(*verify)
    assert (code, said) == (
        1,
        "BROKEN at command_events seq 2: its content is not what was hashed: the row was changed.\n",
    )
    async with desk.gateway():
        code, beside = await outcome(*verify)
        assert (code, beside) == (1, said)
    assert Postmaster.of(desk.data_dir / "postgres") is not None, "only killed, so its server is there still"


async def test_audit_verify_takes_over_what_a_killed_desk_left_and_stops_it(desk: DeskFiles) -> None:
    desk.write("paper")
    async with desk.gateway() as gateway:
        await asked_something(desk)
        await gateway.kill()
    assert desk.postgres_lives()
    code, said = await outcome("audit", "verify", "-c", str(desk.settings))
    assert (code, "The record is whole" in said) == (0, True), said
    assert not desk.postgres_lives()


async def test_db_migrate_makes_the_database_and_leaves_it_put_away(new_desk: DeskFiles) -> None:
    desk = new_desk
    desk.write("paper")
    for _ in range(2):
        code, said = await outcome("db", "migrate", "-c", str(desk.settings))
        assert (code, said) == (0, "The database has the newest shape.\n")
    assert not desk.postgres_lives()
    async with desk.gateway():
        await asked_something(desk)


async def test_a_port_that_is_taken_is_named_and_nothing_is_left(desk: DeskFiles) -> None:
    port = int(desk.platform.base_url.split(":")[2].split("/")[0])
    desk.write("paper", port=port)
    code, said = await outcome("run", "-c", str(desk.settings))
    assert (code, f"127.0.0.1:{port} cannot be listened on" in said) == (1, True), said
    assert "Traceback" not in said
    assert not desk.postgres_lives()


async def test_a_paper_bot_on_a_taken_socket_is_refused_and_the_first_one_lives(folder: Path) -> None:
    listen = f"unix:{folder / 'bot.sock'}"
    async with program("paper", "--listen", listen) as first:
        await first.says("trades on paper")
        code, said = await outcome("paper", "--listen", listen)
        assert (code, "is in use" in said, "Traceback" in said) == (1, True, False), said
        await stopped(first)


async def test_a_paper_bot_behind_a_control_socket_alone_is_watched_and_commanded() -> None:
    async with program("paper", "--socket", "127.0.0.1:0", "--name", "alpha") as paper:
        await paper.says("control socket is")
        found = re.search(r"tcp://127\.0\.0\.1:\d+", paper.said)
        assert found is not None
        assert "control API" not in paper.said
        async with RemoteBot("alpha", found[0]) as bot:
            result = await bot.execute(Ping(id=uuid4(), by="ada", not_after=datetime.now(UTC) + timedelta(seconds=30)))
            assert result.message == "Here."
        await stopped(paper)


async def test_version_and_help_say_what_there_is() -> None:
    assert await outcome("version") == (0, f"quarterdeck {version('quarterdeck')}\n")
    code, said = await outcome("--help")
    assert code == 0
    assert [word for word in ("demo", "run", "check", "paper", "audit", "db", "version") if word not in said] == []
    code, said = await outcome("nonsense")
    assert code == 2
    assert "Traceback" not in said


async def stopped(running: Program) -> None:
    running.terminate()
    assert await running.ends() == 0, running.said


async def test_audit_export_is_proven_without_database_or_settings(desk: DeskFiles) -> None:
    desk.write("paper")
    async with desk.gateway():
        await asked_something(desk)
        for form, path in (("json", "all.jsonl"), ("csv", "all")):
            export = ("audit", "export", "-c", str(desk.settings), "--format", form, "-o", path)
            code, said = await outcome(*export, cwd=desk.folder)
            assert (code, said.splitlines()[0]) == (0, f"3 steps of 1 asks are in {path}.")
            head = said.splitlines()[1]
            assert head.startswith("Its head is ")
            code, again = await outcome(*export, cwd=desk.folder)
            assert (code, "is there already" in again, "Traceback" in again) == (1, True, False)
            code, _ = await outcome(*export, "--force", cwd=desk.folder)
            assert code == 0
            code, said = await outcome("audit", "verify", "--file", path, cwd=desk.folder)
            assert (code, "The record is whole: 3 steps of 1 asks" in said) == (0, True), said
            assert head.split()[3] in said
        code, said = await outcome(
            "audit", "export", "-c", str(desk.settings), "--since", "1h", "-o", "hour", cwd=desk.folder
        )
        assert (code, said.splitlines()[0]) == (0, "3 steps of 1 asks are in hour.")
    bad = desk.folder / "all.jsonl"
    bad.write_text(bad.read_text().replace('"by":"ada"', '"by":"eve"', 1))
    code, said = await outcome("audit", "verify", "--file", "all.jsonl", cwd=desk.folder)
    assert (code, said) == (
        1,
        "BROKEN at command_events seq 1: its content is not what was hashed: the row was changed.\n",
    )
    code, said = await outcome("audit", "verify", "--file", "nowhere", cwd=desk.folder)
    assert (code, said) == (1, "There is no nowhere.\n")
    code, said = await outcome("audit", "export", "--since", "yesterday", cwd=desk.folder)
    assert (code, "no moment" in said, "Traceback" in said) == (2, True, False)


async def test_audit_rebuild_makes_the_log_say_what_its_steps_say(desk: DeskFiles) -> None:
    desk.write("paper")
    async with desk.gateway():
        await asked_something(desk)
        rebuild = ("audit", "rebuild", "-c", str(desk.settings))
        assert await outcome(*rebuild) == (0, "The log agrees already.\n")
        async with desk.database() as database:
            await database.execute("UPDATE command_log SET outcome = 'failed'")
        code, said = await outcome("audit", "verify", "-c", str(desk.settings))
        assert (code, "outcome is 'failed', the steps say 'done'" in said) == (1, True), said
        assert await outcome(*rebuild) == (0, "1 row of the log said other than the steps; now it agrees.\n")
        code, said = await outcome("audit", "verify", "-c", str(desk.settings))
        assert (code, "The record is whole" in said) == (0, True), said
