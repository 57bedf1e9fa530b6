"""An admin looks up who asked what, and what came of it."""

import re

from chatops.people import Directory, Identity, Principal, Role
from tests.chatops.views.readable import assert_readable
from tests.flows.chats import Chat
from tests.flows.conftest import ADA, BOB, EVE, VIC, Clock, Trader, World, near_alone, on_memory, people, world_of


def lines(world: World) -> list[str]:
    """The table of the newest message."""
    return [line for line in world.chat.last.text.splitlines() if line.startswith(("12:", "  "))]


async def a_day(world: World) -> None:
    await world.chat.say(BOB, "/close SOL-1 12.5")
    await world.chat.press(BOB, "Confirm")
    world.clock.pass_by(seconds=1)
    await world.chat.say(VIC, "/pause entry")
    world.clock.pass_by(seconds=1)
    await world.chat.say(EVE, "/open sesame")
    world.clock.pass_by(seconds=1)
    await world.chat.say(ADA, "/nonsense at all")
    world.clock.pass_by(seconds=1)


async def test_the_newest_come_first_with_who_what_and_how_it_ended(world: World) -> None:
    await a_day(world)
    await world.chat.say(ADA, "/audit")
    title, *_ = world.chat.last.text.splitlines()
    assert title == "4 asks, newest first (UTC)"
    shown = [re.sub(rf"\S+:\S*{EVE} ", "STRANGER ", re.sub(r"[0-9a-f]{6}$", "ID", line)) for line in lines(world)]
    assert [line.split() for line in shown] == [
        ["12:00:03", "ada", "?", "/nonsense", "at", "all"],
        ["misread", "ID"],
        ["12:00:02", "STRANGER", "?", "/open", "sesame"],
        ["denied", "ID"],
        ["12:00:01", "vic", "pause", "entry"],
        ["denied", "ID"],
        ["12:00:00", "bob", "close", "SOL-1", "12.5"],
        ["alpha", "·", "done", "ID"],
    ]


async def test_it_is_asked_for_by_person_word_state_and_number(world: World) -> None:
    await a_day(world)
    for about, count in (
        ("bob", 1),
        ("BOB", 1),
        ("close", 1),
        ("denied", 2),
        ("alpha", 1),
        ("2", 2),
        ("denied 1", 1),
    ):
        await world.chat.say(ADA, f"/audit {about}")
        assert len(lines(world)) == 2 * count, about
        assert_readable(world.chat.last.message)


@near_alone
async def test_what_nobody_asked_is_said_to_be_nowhere(world: World) -> None:
    await world.chat.say(ADA, "/audit mallory")
    assert world.chat.last.text.startswith("Nothing is on record of “mallory”.")


async def test_older_ones_are_a_button_away_and_nothing_new_shifts_them(world: World) -> None:
    for _ in range(5):
        await world.chat.say(VIC, "/whoami")
        world.clock.pass_by(seconds=1)
    await world.chat.say(ADA, "/audit whoami 2")
    assert [line[:8] for line in lines(world)[::2]] == ["12:00:04", "12:00:03"]
    await world.chat.say(VIC, "/whoami")
    await world.chat.say(ADA, "/audit vic 2")
    await world.chat.press(ADA, "Older")
    assert [line[:8] for line in lines(world)[::2]] == ["12:00:03", "12:00:02"]
    await world.chat.press(ADA, "Older")
    assert [line[:8] for line in lines(world)[::2]] == ["12:00:01", "12:00:00"]
    assert world.chat.last.labels == ["Newest"]
    await world.chat.press(ADA, "Newest")
    assert [line[:8] for line in lines(world)[::2]] == ["12:00:05", "12:00:04"]


async def test_the_end_of_an_id_shows_every_step(world: World) -> None:
    await a_day(world)
    row = await world.database.fetchrow("SELECT * FROM command_log WHERE word = 'close'")
    assert row is not None
    for said in (row["correlation_id"], row["id"].hex[-6:], str(row["id"]), str(row["id"]).upper()):
        await world.chat.say(ADA, f"/audit {said}")
        assert world.chat.last.text.splitlines()[0] == "close SOL-1 12.5 by bob: done"
        steps = [line for line in lines(world) if line.startswith("12:")]
        assert steps == [
            "12:00:00 received bob",
            "12:00:00 asked to confirm bob",
            "12:00:00 confirmed bob",
            "12:00:00 running bob",
            "12:00:00 finished bob",
        ]
        assert str(row["id"]) in world.chat.last.text
        assert "Answered: ✓ SOL-1 closed: +4.25 USD realized" in world.chat.last.text


@near_alone
async def test_it_is_for_admins(world: World) -> None:
    await world.chat.say(BOB, "/audit")
    assert world.chat.last.text == "/audit is for admins; you are an operator."


@on_memory
async def test_who_is_bound_to_a_bot_sees_what_was_asked_of_that(
    world: World, trader: Trader, chat: Chat, clock: Clock
) -> None:
    await a_day(world)
    bound = Principal("zoe", Role.ADMIN, frozenset({Identity("memory", "7")}), bots=frozenset({"alpha"}))
    elsewhere = Principal("yan", Role.ADMIN, frozenset({Identity("memory", "8")}), bots=frozenset({"beta"}))
    directory = Directory([*people().people, bound, elsewhere])
    again = world_of(world.database, clock, trader, chat, directory=directory)
    chat.connect(again.desk.gateway.receive)
    await chat.say("7", "/audit")
    assert [line.split()[1:3] for line in lines(again)[::2]] == [["bob", "close"]]
    await chat.say("8", "/audit")
    assert chat.last.text.startswith("Nothing is on record.")
    row = await world.database.fetchrow("SELECT id FROM command_log WHERE word = 'pause'")
    assert row is not None
    await chat.say("7", f"/audit {row['id']}")
    assert chat.last.text.startswith("Nothing is on record of")


@on_memory
async def test_what_strangers_wrote_cannot_break_the_page(world: World) -> None:
    for text in ("\u202e" * 300, "💥" * 200, "a\n\n\x1b[2Jb", "x" * 4000, " "):
        await world.chat.say(EVE, text)
        await world.chat.say(ADA, f"/{text}")
    await world.chat.say(ADA, "/audit 40")
    assert_readable(world.chat.last.message)
    for row in await world.database.fetch("SELECT id FROM command_log"):
        await world.chat.say(ADA, f"/audit {row['id']}")
        assert_readable(world.chat.last.message)
