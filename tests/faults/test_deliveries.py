"""`quarterdeck deliveries` as a process: what is owed is looked into and sent again, and nothing else is changed."""

import asyncio
import json
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from chatops.owed import Kind, Lane, State
from chatops.storage.database import Database
from tests.chatops.deliveries import owe
from tests.faults.desk import DeskFiles, wait_for_row
from tests.faults.program import PATIENCE_S, outcome, seat

_SETTINGS = """
[database]
url = "{url}"
[telegram]
token = "123456789:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
[[rooms]]
name = "ops"
platform = "telegram"
id = "-100200"
"""
_ROOM = """
[[rooms]]
name = "ops"
platform = "telegram"
id = "111"
"""


@pytest.fixture
def settings(folder: Path, database_url: str) -> str:
    path = folder / "quarterdeck.toml"
    path.write_text(_SETTINGS.format(url=database_url))
    return str(path)


async def test_they_are_listed_for_people_and_for_machines(settings: str, database: Database) -> None:
    first = await owe(database, "older", age=timedelta(minutes=5), reason="waits for the platform")
    second = await owe(database, "newer", room="111", kind=Kind.ANSWER, state=State.SENT)
    code, said = await outcome("deliveries", "-c", settings)
    _, newer, older, summary = said.splitlines()
    assert code == 0, said
    assert newer.split()[0] == str(second)
    assert "telegram:111" in newer
    assert older.split()[0] == str(first)
    assert older.split()[5:7] == ["ops", "pending"]
    assert "waits for the platform" in older
    assert summary.startswith("1 pending, 1 sent. The oldest waits for 5 min")
    assert "\x1b" not in said
    code, said = await outcome("deliveries", "-c", settings, "--room", "OPS", "--state", "pending", "--json")
    assert (code, json.loads(said)["id"]) == (0, str(first))
    code, said = await outcome("deliveries", "-c", settings, "--kind", "report")
    assert (code, said) == (0, "Nothing is owed, and nothing was.\n")


@pytest.mark.parametrize(
    ("option", "value", "there_is"),
    [
        ("--room", "opps", ["ops", "telegram:111"]),
        ("--state", "lost", [*State]),
        ("--kind", "gossip", [*Kind]),
    ],
)
async def test_what_there_is_not_is_told_with_what_there_is(
    settings: str, database: Database, option: str, value: str, there_is: list[str]
) -> None:
    await owe(database, room="111")
    code, said = await outcome("deliveries", "-c", settings, option, value)
    assert (code, "Traceback" in said, value in said) == (2, False, True), said
    assert [one for one in there_is if one not in said] == []


async def test_in_a_terminal_one_is_retried_by_what_the_table_shows_of_its_id(
    settings: str, database: Database
) -> None:
    delivery = await owe(database, "[red]SOL-1[/red] closed", state=State.AMBIGUOUS, reason="no answer")
    shown = str(delivery).rpartition("-")[2]
    async with seat("deliveries", "-c", settings) as terminal:
        await terminal.says("1 ambiguous. Nothing waits.")
        assert await terminal.ends() == 0
        assert shown in terminal.said
    code, said = await outcome("deliveries", "-c", settings, "retry", shown)
    assert (code, said) == (
        0,
        f"{delivery} to ops will go out as soon as a desk runs, marked as a possible repeat.\n",
    )
    code, said = await outcome("deliveries", "retry", shown, "-c", settings)
    assert (code, said) == (1, f"{delivery} is pending (asked again by hand): it goes out by itself.\n")
    code, said = await outcome("deliveries", "retry", "-c", settings, "00000000")
    assert (code, "No delivery has the id 00000000" in said, "Traceback" in said) == (1, True, False), said


async def test_a_database_of_an_older_shape_is_not_touched_by_who_only_looks(settings: str, database: Database) -> None:
    await database.execute("UPDATE alembic_version SET version_num = '0001'")
    for command in (("deliveries",), ("deliveries", "retry", "00000000"), ("audit", "verify")):
        code, said = await outcome(*command, "-c", settings)
        assert (code, "Run `quarterdeck db migrate` first" in said) == (1, True), said
    assert await database.fetchval("SELECT version_num FROM alembic_version") == "0001"
    await database.execute("UPDATE alembic_version SET version_num = '9999'")
    code, said = await outcome("deliveries", "-c", settings)
    assert (code, "A newer Quarterdeck was here" in said) == (1, True), said


async def test_who_only_looks_makes_no_database(new_desk: DeskFiles) -> None:
    new_desk.write("paper")
    for command in (("deliveries",), ("audit", "verify")):
        code, said = await outcome(*command, "-c", str(new_desk.settings))
        assert (code, "There is no database in" in said) == (1, True), said
    assert not new_desk.data_dir.exists()


async def test_a_desk_that_runs_sends_again_what_is_asked_for_beside_it(desk: DeskFiles) -> None:
    desk.write("paper", more=_ROOM)
    async with desk.gateway() as gateway, desk.database() as database:
        # An answer, which no notice of the bot's can stand for.
        delivery = await owe(
            database, "It is done.", room="111", kind=Kind.ANSWER, lane=Lane.ANSWER, state=State.DEAD, reason="blocked"
        )
        code, said = await outcome("deliveries", "retry", str(delivery), "-c", str(desk.settings))
        assert (code, said) == (0, f"{delivery} to ops will go out as soon as a desk runs.\n")
        await desk.hears("It is done.")
        await wait_for_row(database, f"SELECT true FROM deliveries WHERE id = '{delivery}' AND state = 'sent'")
        gateway.terminate()
        assert await gateway.ends() == 0, gateway.said


async def test_one_is_shown_whole(settings: str, database: Database) -> None:
    delivery = await owe(
        database, "\x1b[2JSOL near liquidation", state=State.DEAD, reason="blocked", attempts=3, card="sol"
    )
    code, said = await outcome("deliveries", "-c", settings, "show", str(delivery)[:20])
    assert code == 0, said
    facts = dict(line.split(maxsplit=1) for line in said.partition("\n\n")[0].splitlines())
    assert facts["id"] == str(delivery)
    assert (facts["room"], facts["state"], facts["reason"]) == ("ops (telegram:-100200)", "dead", "blocked")
    assert (facts["tries"], facts["card"]) == ("3", "sol")
    assert said.endswith("SOL near liquidation\n\nThe rest.\n")
    assert "\x1b" not in said


async def test_a_reader_that_has_enough_ends_it_silently(settings: str, database: Database) -> None:
    for _ in range(3):
        await owe(database, "x" * 150)
    command = f"{sys.executable} -m chatops deliveries -c {settings} --limit 1000"
    # More than a pipe holds, and nobody reads it.
    shell = await asyncio.create_subprocess_shell(
        f"{command} | true", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await asyncio.wait_for(shell.communicate(), PATIENCE_S)
    assert said == b""
