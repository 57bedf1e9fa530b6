"""Who is here: changed and put out by admins, at once, and never so that nobody is left."""

from dataclasses import replace
from functools import partial

import pytest

from chatops.guard.permissions import Permissions
from chatops.guard.policy import Policy, WordRule
from chatops.guard.verifying import Whole
from chatops.notices.kinds import Loudness, NoticeKind
from chatops.people import Directory, Identity, Principal, Role
from chatops.room import Room
from chatops.storage.database import Database
from chatops.storage.record import verify_record
from chatops.tasks import running
from tests.codes import code_in
from tests.flows.chats import Chat
from tests.flows.conftest import ADA, BOB, EVE, VIC, Clock, Trader, World, near_alone, people, world_of
from tests.flows.newcomers import alone, invited

DAN = "777"


async def lets_in(world: World, who: str, what: str) -> None:
    """Somebody comes in by an invitation of ada's."""
    assert "Welcome" in (await alone(world, who, f"/start {await invited(world, what)}"))[-1].text


async def confirmed(world: World, who: str, said: str) -> str:
    """Somebody asks, and confirms; gives what was shown."""
    await world.chat.say(who, said)
    await world.chat.press(who, "Confirm")
    return world.chat.last.message.title


def reads(world: World, room: Room, *words: str) -> bool:
    """Whether each of these is somewhere in this room now."""
    told = "\n".join(shown.text for shown in world.chat.in_room(room))
    return all(one in told for one in words)


@near_alone
async def test_users_shows_everybody_with_their_accounts(world: World) -> None:
    await lets_in(world, DAN, "operator dan")
    await world.chat.say(ADA, "/users")
    shown = world.chat.last
    assert shown.message.title == "4 people: 1 admin, 2 operators, 1 viewer"
    assert "dan  operator here" in shown.text
    assert DAN in shown.text
    assert shown.labels == ["Invite", "Role", "Revoke"]
    await world.chat.say(BOB, "/users")
    assert "for admins" in world.chat.last.text


async def test_who_is_let_in_may_what_their_role_may(world: World) -> None:
    await lets_in(world, DAN, "operator dan")
    await world.chat.say(DAN, "/close SOL")
    assert "Confirm" in world.chat.last.labels


async def test_who_is_revoked_is_a_stranger_at_once_and_what_they_had_open_is_void(world: World) -> None:
    await lets_in(world, DAN, "operator dan")
    await world.chat.say(DAN, "/close SOL")
    question = world.chat.last
    await world.chat.say(ADA, "/revoke dan")
    assert world.chat.last.message.title == "Revoke dan, operator?"
    assert "a stranger at once" in world.chat.last.text
    await world.chat.press(ADA, "Confirm")
    assert world.chat.last.message.title == "dan is a stranger now."
    assert "1 of their questions is void" in world.chat.last.text
    shown = len(world.chat.shown)
    await world.chat.press(DAN, "Confirm", question)
    await world.chat.say(DAN, "/status")
    assert len(world.chat.shown) == shown
    assert world.bot.closed == []
    close = next(row for row in await world.log() if row["word"] == "close")
    assert (close["state"], close["answer"]) == ("cancelled", "dan was revoked. Nothing was done.")
    assert (await world.steps(close["id"]))[-1] == "cancelled"
    assert (
        await world.database.fetchval(
            "SELECT count(*) FROM presses WHERE command_id = $1 AND state = 'open'", close["id"]
        )
        == 0
    )
    assert isinstance(await verify_record(world.database), Whole)


#: By the ids of its rooms memory does not tell which of them are somebody's own.
on_what_knows_private_rooms = pytest.mark.parametrize("chat", ["telegram", "slack"], indirect=True)


@near_alone
@on_what_knows_private_rooms
async def test_who_is_revoked_is_told_nothing_more_by_themselves(world: World) -> None:
    await lets_in(world, DAN, "operator dan")
    dans, bobs = (world.chat.direct(world.chat.identity(who)) for who in (DAN, BOB))
    async with world.desk.outbox.open(), running(world.desk.status.run(), "pinned status"):
        for who in (DAN, BOB):
            for said in ("/pin", "/prefs all usual"):
                await alone(world, who, said)
        await confirmed(world, ADA, "/pause entry")
        for room in (dans, bobs):
            await world.in_time(partial(reads, world, room, "pause on alpha: ✓", "Pause      entry"))
        await confirmed(world, ADA, "/revoke dan")
        await world.all_sent()
        known = [shown.text for shown in world.chat.in_room(dans)]
        # The first of them is told to everybody before the second is asked.
        for said in ("/resume entry", "/pause exit"):
            await confirmed(world, ADA, said)
        await world.in_time(lambda: reads(world, bobs, "resume on alpha: ✓", "Pause      exit"))
        await world.all_sent()
        assert [shown.text for shown in world.chat.in_room(dans)] == known


async def test_a_request_to_approve_dies_with_who_asked(
    database: Database, clock: Clock, trader: Trader, chat: Chat
) -> None:
    by_two = Permissions(Policy({"close": WordRule(approvals=1)}))
    world = world_of(database, clock, trader, chat, permissions=by_two)
    chat.connect(world.desk.gateway.receive)
    await lets_in(world, DAN, "admin dan")
    await chat.say(DAN, "/close SOL-1")
    await chat.press(DAN, "Confirm")
    request = chat.last
    assert "Approve" in request.labels
    assert await confirmed(world, ADA, "/revoke dan") == "dan is a stranger now."
    await chat.press(ADA, "Approve", request)
    assert trader.closed == []
    close = next(row for row in await world.log() if row["word"] == "close")
    assert close["state"] == "cancelled"
    # On record as who it was that asked, and who ended it.
    assert (
        await database.fetchval(
            "SELECT by FROM command_events WHERE command_id = $1 ORDER BY seq DESC LIMIT 1", close["id"]
        )
        == "ada"
    )


async def test_who_comes_back_under_the_same_name_cannot_press_what_was_open(world: World) -> None:
    await lets_in(world, DAN, "operator dan")
    await world.chat.say(DAN, "/close SOL")
    question = world.chat.last
    await confirmed(world, ADA, "/revoke dan")
    await lets_in(world, DAN, "operator dan")
    await world.chat.press(DAN, "Confirm", question)
    assert world.bot.closed == []


async def test_a_role_changed_while_a_question_is_open_counts_when_it_is_confirmed(world: World) -> None:
    await lets_in(world, DAN, "operator dan")
    await world.chat.say(DAN, "/close SOL")
    question = world.chat.last
    assert await confirmed(world, ADA, "/role dan viewer") == "dan is viewer now, and was operator."
    await world.chat.press(DAN, "Confirm", question)
    assert any("for operators" in shown.text for shown in world.chat.shown)
    assert world.bot.closed == []
    await confirmed(world, ADA, "/role dan admin")
    await world.chat.say(DAN, "/users")
    assert "2 admins" in world.chat.last.text


@near_alone
async def test_buttons_lead_to_a_role_and_to_a_revocation(world: World) -> None:
    await lets_in(world, DAN, "viewer dan")
    await world.chat.say(ADA, "/role")
    assert world.chat.last.labels == ["dan, viewer"]
    await world.chat.press(ADA, "dan, viewer")
    await world.chat.press(ADA, "Operator")
    assert world.chat.last.message.title == "Make dan operator?"
    await world.chat.press(ADA, "Confirm")
    assert world.chat.last.message.title == "dan is operator now, and was viewer."
    await world.chat.say(ADA, "/revoke")
    await world.chat.press(ADA, "dan, operator")
    await world.chat.press(ADA, "Cancel")
    await world.chat.say(DAN, "/whoami")
    assert world.chat.last.message.title == "You are dan, operator."


@near_alone
@pytest.mark.parametrize("said", ["/role vic admin", "/revoke vic"])
async def test_people_of_the_settings_file_are_changed_there(world: World, said: str) -> None:
    await world.chat.say(ADA, said)
    assert world.chat.last.message.title.startswith("vic is in the settings file:")
    await world.chat.say(VIC, "/whoami")
    assert world.chat.last.message.title == "You are vic, viewer."


@near_alone
async def test_of_a_person_of_the_file_the_linked_accounts_can_be_taken_away(world: World) -> None:
    code = code_in((await alone(world, BOB, "/link"))[-1].text)
    await alone(world, DAN, f"/link {code}")
    await world.chat.say(DAN, "/whoami")
    assert world.chat.last.message.title == "You are bob, operator."
    assert "is heard no more as" in await confirmed(world, ADA, "/revoke bob")
    assert "stays until it is taken out there" in world.chat.last.text
    shown = len(world.chat.shown)
    await world.chat.say(DAN, "/whoami")
    assert len(world.chat.shown) == shown
    await world.chat.say(BOB, "/whoami")
    assert world.chat.last.message.title == "You are bob, operator."


@near_alone
async def test_the_last_admin_stays_one(database: Database, clock: Clock, trader: Trader, chat: Chat) -> None:
    world = world_of(database, clock, trader, chat, directory=Directory(()))
    chat.connect(world.desk.gateway.receive)
    code = await world.desk.admission.claim("quarterdeck")
    await alone(world, EVE, f"/claim {code} eva")
    for said in ("/role eva operator", "/revoke eva"):
        await chat.say(EVE, said)
        assert chat.last.message.title == "eva is the only admin. Make somebody else one first: /invite admin."
    code = code_in((await alone(world, EVE, "/invite admin dan"))[-1].text)
    await alone(world, DAN, f"/start {code}")
    assert await confirmed(world, EVE, "/role eva operator") == "eva is operator now, and was admin."
    await chat.say(DAN, "/revoke dan")
    assert "only admin" in chat.last.text


@near_alone
async def test_two_admins_who_revoke_each_other_at_once_leave_one(
    database: Database, clock: Clock, trader: Trader, chat: Chat
) -> None:
    world = world_of(database, clock, trader, chat, directory=Directory(()))
    chat.connect(world.desk.gateway.receive)
    await alone(world, EVE, f"/claim {await world.desk.admission.claim('quarterdeck')} eva")
    await alone(world, DAN, f"/start {code_in((await alone(world, EVE, '/invite admin dan'))[-1].text)}")
    for who, whom in ((EVE, "dan"), (DAN, "eva")):
        await chat.say(who, f"/revoke {whom}")
    questions = chat.shown[-2:]
    await chat.press(EVE, "Confirm", questions[0])
    await chat.press(DAN, "Confirm", questions[1])
    assert [one.name for one in world.desk.roster.directory.admins] == ["eva"]


@near_alone
async def test_the_file_wins_over_who_came_in_by_that_name_and_says_so(
    world: World, database: Database, clock: Clock, trader: Trader, chat: Chat
) -> None:
    await lets_in(world, DAN, "operator dan")
    of_file = Directory([*people().people, Principal("Dan", Role.ADMIN, frozenset({Identity("slack", "U1")}))])
    again = world_of(database, clock, trader, chat, directory=of_file)
    chat.connect(again.desk.gateway.receive)
    await again.desk.roster.load()
    shown = len(chat.shown)
    await chat.say(DAN, "/status")
    assert len(chat.shown) == shown
    await chat.say(ADA, "/users")
    assert "dan of the settings file goes before the operator dan stored here" in chat.last.text


@near_alone
async def test_what_another_program_changes_holds_as_soon_as_the_news_are_loaded(world: World) -> None:
    await lets_in(world, DAN, "operator dan")
    await world.database.execute("DELETE FROM identities")
    await world.desk.roster.load()
    shown = len(world.chat.shown)
    await world.chat.say(DAN, "/status")
    assert len(world.chat.shown) == shown


@near_alone
async def test_nobody_of_that_name_and_no_such_role_are_answered(world: World) -> None:
    await world.chat.say(ADA, "/revoke zoe")
    assert world.chat.last.message.title == "I know nobody called “zoe”. There is: ada, bob, vic."
    await lets_in(world, DAN, "viewer dan")
    await world.chat.say(ADA, "/role dan king")
    assert world.chat.last.labels == ["Operator", "Admin"]
    await world.chat.say(ADA, "/role dan viewer")
    assert world.chat.last.message.title == "dan is viewer already."


async def test_a_muted_room_is_told_nothing_unasked_and_answered_all_the_same(world: World) -> None:
    await world.chat.say(ADA, "/prefs all on")
    await world.chat.say(ADA, f"/mute {world.chat.room.id}")
    assert "is muted" in world.chat.last.text
    assert world.desk.preferences.is_muted(world.chat.room)
    assert world.desk.preferences.is_muted(replace(world.chat.room, topic="7"))
    assert world.desk.preferences.told_of(NoticeKind.CONTROL) == ()
    await world.desk.preferences.load()
    assert world.desk.preferences.is_muted(world.chat.room)
    await world.chat.say(BOB, "/prefs all on")
    assert "This room is muted" in world.chat.last.text
    await world.chat.say(ADA, f"/mute {world.chat.room.id} off")
    assert "is told again" in world.chat.last.text
    assert world.desk.preferences.told_of(NoticeKind.CONTROL) == ((world.chat.room, Loudness.ON),)
    await world.chat.say(ADA, "/mute nowhere")
    assert "No room is called nowhere" in world.chat.last.text
    await world.chat.say(BOB, "/mute")
    assert "for admins" in world.chat.last.text


@near_alone
async def test_where_inviting_takes_two_nobody_lets_in_somebody_who_would_approve_for_them(
    database: Database, clock: Clock, trader: Trader, chat: Chat
) -> None:
    by_two = Permissions(Policy({"invite": WordRule(approvals=1)}))
    cyd = Principal("cyd", Role.ADMIN, frozenset({chat.identity("4")}))
    world = world_of(database, clock, trader, chat, permissions=by_two, directory=Directory([*people().people, cyd]))
    chat.connect(world.desk.gateway.receive)
    await chat.say(ADA, "/invite admin")
    await chat.press(ADA, "Confirm")
    request = chat.in_room(chat.room)[-1]
    await chat.press(ADA, "Approve", request)
    assert await database.fetchval("SELECT count(*) FROM codes") == 0
    await chat.press("4", "Approve", request)
    assert await database.fetchval("SELECT count(*) FROM codes WHERE made_by = 'ada'") == 1
