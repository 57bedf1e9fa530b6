"""`quarterdeck run` as a process: what people ask is answered, recorded, and put away at the end."""

import signal
from functools import partial

from aiohttp import ClientSession

from chatops.guard.verifying import Whole
from chatops.owed import Lane
from chatops.storage.database import Database
from chatops.storage.embedded import EmbeddedPostgres
from chatops.storage.record import verify_record
from tests.chatops.deliveries import owe
from tests.faults.desk import BOT, DeskFiles, free_port, log_of, steps_of, wait_until_settled
from tests.faults.program import eventually, program, until_there


async def a_day_at_the_desk(desk: DeskFiles) -> None:
    """Ada looks, closes a position by presses alone, and somebody else tries too."""
    chat, ada = desk.chat, desk.ada
    eve = desk.platform.person(666, "Eve")
    await chat.say(ada, "/status")
    await desk.hears("alpha is well")
    await desk.platform.private(eve).say(eve, "/status")
    await chat.say(ada, "/positions")
    table = await desk.hears("SOL-1")
    await chat.press(ada, table, "SOL-1")
    card = await desk.sees("Health", on=table)
    await chat.press(ada, card, "Close…")
    question = await desk.sees("Close SOL-1?", on=card)
    await chat.press(ada, question, "Confirm")
    await desk.sees("✓ SOL-1 closed", on=question)
    assert desk.platform.private(eve).from_bot == []


async def what_the_day_left(desk: DeskFiles, database: Database) -> None:
    await wait_until_settled(database)
    rows = [(row["word"], row["principal"], row["state"], row["outcome"]) for row in await log_of(database)]
    # Nobody waited for hers: it may be handled at the same time as what came next.
    assert [row for row in rows if row[1] is None] == [("?", None, "denied", None)]
    assert [row for row in rows if row[1] is not None] == [
        ("status", "ada", "finished", "done"),
        ("positions", "ada", "finished", "done"),
        ("position", "ada", "finished", "done"),
        ("close", "ada", "finished", "done"),
    ]
    assert await steps_of(database, "close") == ["received", "asked to confirm", "confirmed", "running", "finished"]
    assert isinstance(await verify_record(database), Whole)


async def says_yes(port: int, path: str, to: str) -> bool:
    async with ClientSession() as http, http.get(f"http://127.0.0.1:{port}/{path}") as answer:
        said = bool((await answer.json())[to])
        assert answer.status == (200 if said else 503)
        return said


async def test_a_day_with_a_paper_bot_of_its_own(desk: DeskFiles) -> None:
    port = free_port()
    desk.write("paper", more='scenario = "calm"\nspeed = 1', port=port)
    async with desk.gateway() as gateway:
        await a_day_at_the_desk(desk)
        async with desk.database() as database:
            await what_the_day_left(desk, database)
        await eventually(partial(says_yes, port, "readyz", "ready"), "being ready")
        assert await says_yes(port, "healthz", "alive")
        async with ClientSession() as http, http.get(f"http://127.0.0.1:{port}/metrics") as answer:
            figures = (await answer.text()).splitlines()
        assert 'quarterdeck_platform_up{platform="telegram"} 1.0' in figures
        assert "quarterdeck_database_up 1.0" in figures
        sent = 'quarterdeck_deliveries_total{kind="answer",platform="telegram",state="sent"}'
        assert next(float(line.split()[1]) for line in figures if line.startswith(sent)) >= 5
        gateway.signal(signal.SIGTERM)
        assert await gateway.ends() == 0, gateway.said
        assert "Traceback" not in gateway.said
    assert not desk.postgres_lives()


async def test_a_day_with_a_bot_in_another_process(desk: DeskFiles) -> None:
    socket = desk.folder / "bot.sock"
    desk.write(f"unix://{socket}")
    listen = f"unix:{socket}"
    async with program("paper", "--listen", listen, "--name", BOT, "--speed", "1") as bot:
        await bot.says("trades on paper")
        async with desk.gateway() as gateway:
            await a_day_at_the_desk(desk)
            gateway.signal(signal.SIGTERM)
            assert await gateway.ends() == 0, gateway.said
        assert not desk.postgres_lives()
        async with EmbeddedPostgres(desk.data_dir) as url, Database.open(url) as database:
            await what_the_day_left(desk, database)
        bot.signal(signal.SIGTERM)
        assert await bot.ends() == 0, bot.said
        assert "Traceback" not in bot.said
    assert not socket.exists()


async def test_no_secret_is_said(desk: DeskFiles) -> None:
    desk.write("paper")
    async with desk.gateway() as gateway:
        await gateway.says("telegram: connected")
        await desk.platform.stop_listening()
        await gateway.says("telegram: nobody is heard")
        gateway.signal(signal.SIGINT)
        assert await gateway.ends() == 0, gateway.said
    assert desk.platform.token not in gateway.said


async def test_a_token_that_is_wrong_from_the_first_is_told_and_does_not_end_it(desk: DeskFiles) -> None:
    desk.write("paper")
    desk.platform.revoke_token()
    async with desk.gateway() as gateway:
        await gateway.says("Telegram does not take the token")
        gateway.signal(signal.SIGTERM)
        assert await gateway.ends() == 0, gateway.said


async def test_a_second_gateway_on_the_same_data_is_refused(desk: DeskFiles) -> None:
    desk.write("paper")
    async with desk.gateway() as first, program("run", "-c", str(desk.settings)) as second:
        assert await second.ends() == 1
        assert f"Another desk (process {first.pid}) uses" in second.said
        assert "Traceback" not in second.said
        await desk.chat.say(desk.ada, "/status")
        await desk.hears("alpha is well")


async def test_stopped_in_the_middle_of_its_first_start_it_leaves_nothing(new_desk: DeskFiles) -> None:
    desk = new_desk
    desk.write("paper")
    async with program("run", "-c", str(desk.settings)) as gateway:
        # Whoever looks too late finds it finished: it is a start that is cut off all the same.
        await until_there(desk.data_dir / "postgres.new", desk.data_dir / "postgres")
        gateway.signal(signal.SIGTERM)
        assert await gateway.ends() == 0, gateway.said
        assert "Traceback" not in gateway.said
    assert not desk.postgres_lives()
    async with desk.gateway():
        await desk.chat.say(desk.ada, "/status")
        await desk.hears("alpha is well")


async def test_a_room_whose_group_moved_is_told_by_name_then_and_at_each_start(desk: DeskFiles) -> None:
    warned = "the room ops is now -1007: change rooms.id in the settings"
    group = desk.platform.group(-7, "Ops")
    desk.write("paper", more='[[rooms]]\nname = "ops"\nplatform = "telegram"\nid = "-7"\n')
    async with desk.gateway() as gateway, desk.database() as database:
        assert "the room ops" not in gateway.said
        desk.platform.migrate(group, to=-1007)
        await owe(database, "SOL near liquidation", room="-7", lane=Lane.CRITICAL)
        await gateway.says(warned)
    async with desk.gateway() as gateway:
        assert gateway.said.count(warned) == 1
