"""Coming in: the first admin claims the desk, others are invited, and whoever guesses stays out."""

import asyncio
import logging
from dataclasses import replace

import pytest

from chatops.guard.codes import attempt, new_code
from chatops.messages import Text
from chatops.people import Directory, Role
from chatops.storage.database import Database
from tests.codes import CODE, code_in
from tests.flows.chats import Chat, TelegramChat
from tests.flows.conftest import ADA, BOB, EVE, Clock, Trader, World, near_alone, on_memory, settle_in, world_of
from tests.flows.newcomers import alone, invited
from tests.plug import Plug

pytestmark = near_alone

DAN, FAY = "777", "888"


async def last(world: World) -> tuple[str, str | None, str, str | None]:
    """Word, person, state and outcome of the last ask."""
    row = (await world.log())[-1]
    return row["word"], row["principal"], row["state"], row["outcome"]


@pytest.fixture
async def fresh(database: Database, clock: Clock, trader: Trader, chat: Chat) -> World:
    """A desk that knows nobody."""
    world = world_of(database, clock, trader, chat, directory=Directory(()))
    chat.connect(world.desk.gateway.receive)
    return world


async def claimed(world: World) -> str:
    code = await world.desk.admission.claim("quarterdeck")
    assert code is not None
    return code


# ---------------------------------------------------------------------------- the first one


async def test_who_says_the_printed_code_is_the_first_admin_and_then_no_code_is_made(fresh: World) -> None:
    code = await claimed(fresh)
    (welcome,) = await alone(fresh, EVE, f"/claim {code} eva")
    assert welcome.message.title == "Welcome, eva: you are admin on the desk “main”."
    assert "invite lets in others" in welcome.text
    assert await last(fresh) == ("claim", "eva", "finished", "done")
    assert await fresh.steps((await fresh.log())[-1]["id"]) == ["received", "running", "finished"]
    whoami = (await alone(fresh, EVE, "/whoami"))[-1]
    assert whoami.message.title == "You are eva, admin."
    assert await fresh.desk.admission.claim("quarterdeck") is None


async def test_the_name_is_their_own_choice_and_none_is_needed(fresh: World) -> None:
    (welcome,) = await alone(fresh, EVE, f"/start {await claimed(fresh)}")
    assert "Welcome, admin" in welcome.text


async def test_a_name_that_will_not_do_leaves_the_code_good(fresh: World) -> None:
    code = await claimed(fresh)
    (refused,) = await alone(fresh, EVE, f"/claim {code} @eva")
    assert "one word" in refused.text
    assert await last(fresh) == ("claim", None, "denied", None)
    assert "Welcome, eva" in (await alone(fresh, EVE, f"/claim {code} eva"))[-1].text


async def test_a_second_one_with_the_same_code_is_told_and_stays_a_stranger(fresh: World) -> None:
    code = await claimed(fresh)
    await alone(fresh, EVE, f"/claim {code}")
    (told,) = await alone(fresh, DAN, f"/claim {code}")
    assert told.message.title == "That claim was used already, and works once. Nothing was done."
    assert await last(fresh) == ("claim", None, "denied", None)
    assert await alone(fresh, DAN, "/status") == [told]


async def test_each_start_voids_the_code_of_the_one_before(fresh: World) -> None:
    older, newer = await claimed(fresh), await claimed(fresh)
    (told,) = await alone(fresh, EVE, f"/claim {older}")
    assert told.message.title == "That claim has expired. Nothing was done."
    assert "Each start" in told.text
    assert "Welcome" in (await alone(fresh, EVE, f"/claim {newer}"))[-1].text


async def test_a_claim_is_worth_nothing_once_there_is_an_admin(fresh: World) -> None:
    claim = await claimed(fresh)
    invitation = await fresh.desk.admission.invitation(Role.ADMIN, "", "shell:root")
    await alone(fresh, EVE, f"/start {invitation}")
    (told,) = await alone(fresh, DAN, f"/claim {claim}")
    assert told.message.title == "This desk has an admin already. Ask them for an invitation."


async def test_somebody_known_here_as_less_may_claim_a_desk_without_admin(fresh: World) -> None:
    viewer = await fresh.desk.admission.invitation(Role.VIEWER, "eva", "shell:root")
    await alone(fresh, EVE, f"/start {viewer}")
    assert "Welcome, eva: you are admin" in (await alone(fresh, EVE, f"/claim {await claimed(fresh)}"))[-1].text
    assert await fresh.database.fetchval("SELECT count(*) FROM people") == 1


async def test_two_accounts_with_one_code_at_the_same_instant_make_one_person(fresh: World) -> None:
    code = await claimed(fresh)
    accounts = [fresh.chat.identity(who) for who in (EVE, DAN)]
    said = [Text(account, fresh.chat.direct(account), f"/claim {code}", fresh.clock()) for account in accounts]
    for account in (EVE, DAN):
        # On Telegram they have opened the chat.
        await alone(fresh, account, "hello")
    await asyncio.gather(*map(fresh.desk.gateway.receive, said))
    titles = sorted(fresh.chat.in_room(one.room)[-1].message.title for one in said)
    assert [title.split(",")[0] for title in titles] == ["That claim was used already", "Welcome"]
    assert await fresh.database.fetchval("SELECT count(*) FROM people") == 1
    assert await fresh.database.fetchval("SELECT count(*) FROM identities") == 1


async def test_who_came_in_is_known_to_the_next_start_which_has_no_code(
    fresh: World, database: Database, clock: Clock, trader: Trader, chat: Chat
) -> None:
    await alone(fresh, EVE, f"/claim {await claimed(fresh)}")
    again = world_of(database, clock, trader, chat, directory=Directory(()))
    chat.connect(again.desk.gateway.receive)
    await again.desk.roster.load()
    assert await again.desk.admission.claim("quarterdeck") is None
    assert (await alone(again, EVE, "/whoami"))[-1].message.title == "You are admin, admin."


# ---------------------------------------------------------------------------- those after them


async def test_an_invitation_lets_one_in_as_what_it_says(telling: World) -> None:
    code = await invited(telling)
    (welcome,) = await alone(telling, EVE, f"/start {code}")
    assert welcome.message.title == "Welcome, operator-2: you are operator on the desk “main”."
    assert await last(telling) == ("invite", "operator-2", "finished", "done")
    ada = telling.chat.direct(telling.chat.identity(ADA))
    await telling.until(lambda: "came in by your invitation" in telling.chat.in_room(ada)[-1].text)
    assert EVE in telling.chat.in_room(ada)[-1].text


async def test_the_name_that_the_admin_gave_counts_and_not_what_the_platform_shows(telling: World) -> None:
    code = await invited(telling, "viewer dan")
    (welcome,) = await alone(telling, DAN, f"/start {code} ada")
    assert "Welcome, dan: you are viewer" in welcome.text
    ada = telling.chat.direct(telling.chat.identity(ADA))
    await telling.until(lambda: "dan came in" in telling.chat.in_room(ada)[-1].text)
    assert (await alone(telling, ADA, "/invite viewer DAN"))[-1].message.title == (
        "dan is here already. Take another name."
    )
    assert (await alone(telling, ADA, "/invite viewer ada"))[-1].message.title == (
        "ada is here already. Take another name."
    )


async def test_an_invitation_is_good_for_ten_minutes_and_once(telling: World) -> None:
    code = await invited(telling)
    telling.clock.pass_by(minutes=10)
    (late,) = await alone(telling, EVE, f"/start {code}")
    assert late.message.title == "That invitation has expired. Nothing was done."
    assert "Ask whoever gave it to you" in late.text
    code = await invited(telling)
    telling.clock.pass_by(minutes=9, seconds=59)
    await alone(telling, EVE, f"/start {code}")
    (used,) = await alone(telling, FAY, f"/start {code}")
    assert "was used already" in used.text


async def test_without_a_role_there_are_buttons_and_an_operator_may_not(telling: World) -> None:
    await telling.chat.say(BOB, "/invite viewer")
    assert "for admins" in telling.chat.last.text
    await telling.chat.say(ADA, "/invite")
    assert telling.chat.last.labels == ["Viewer", "Operator", "Admin"]
    (*_, asked) = await alone(telling, ADA, "/invite dan")
    await telling.chat.press(ADA, "Viewer", asked)
    invitation = telling.chat.in_room(asked.room)[-1]
    assert invitation.message.title == "An invitation for dan, viewer: good once, for 10 minutes."
    assert "dan, operator" in (await alone(telling, ADA, "/invite dan operator"))[-1].text


async def test_in_a_room_the_code_is_not_shown_but_sent_in_private(telling: World) -> None:
    await alone(telling, ADA, "/whoami")
    await telling.chat.say(ADA, "/invite viewer")
    here = telling.chat.in_room(telling.chat.room)[-1]
    assert here.message.title == "I sent you the invitation in private: here anybody could take it."
    assert CODE.search(here.text) is None
    ada = telling.chat.direct(telling.chat.identity(ADA))
    await telling.until(lambda: "An invitation for one viewer" in telling.chat.in_room(ada)[-1].text)
    assert "Welcome" in (await alone(telling, EVE, f"/start {code_in(telling.chat.in_room(ada)[-1].text)}"))[-1].text


async def test_a_stop_between_coming_in_and_its_record_loses_neither(telling: World) -> None:
    code = await invited(telling)
    typed = attempt(f"/start {code}")
    assert typed is not None
    await telling.desk.admission.redeem(typed, telling.chat.identity(EVE))
    # The platform's update was not handled, and is handled at the next start.
    (welcome,) = await alone(telling, EVE, f"/start {code}")
    assert "Welcome, operator-2" in welcome.text
    assert await last(telling) == ("invite", "operator-2", "finished", "done")


async def test_an_invitation_dies_with_the_right_to_invite(telling: World) -> None:
    second = await invited(telling, "admin")
    await alone(telling, EVE, f"/start {second}")
    theirs = code_in((await alone(telling, EVE, "/invite operator"))[-1].text)
    await telling.chat.say(ADA, "/revoke admin")
    await telling.chat.press(ADA, "Confirm")
    (told,) = await alone(telling, FAY, f"/start {theirs}")
    assert told.message.title == "That invitation has expired. Nothing was done."


async def test_who_is_known_needs_no_code(telling: World) -> None:
    code = await invited(telling)
    told = (await alone(telling, BOB, f"/start {code}"))[-1]
    assert told.message.title.startswith("You are bob here already, operator by the settings file.")
    assert await last(telling) == ("start", "bob", "denied", None)
    wrong = (await alone(telling, BOB, f"/start {new_code()}"))[-1]
    assert wrong.message.title == "I do not know that code. You need none: you are bob here, operator."
    # It was not spent on him.
    assert "Welcome" in (await alone(telling, EVE, f"/start {code}"))[-1].text


# ---------------------------------------------------------------------------- those who guess


async def test_a_stranger_without_a_good_code_gets_silence_and_a_line_in_the_log(
    telling: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    for said in ("/start", "/claim", "/claim me", "let me in", f"/start {new_code()}"):
        assert await alone(telling, EVE, said) == []
    assert await last(telling) == ("start", None, "denied", None)
    assert "a wrong code of" in caplog.text
    assert EVE in caplog.text


async def test_five_wrong_codes_are_the_last_that_are_looked_at_for_five_minutes_also_after_a_restart(
    telling: World, database: Database, clock: Clock, trader: Trader, chat: Chat
) -> None:
    for who in (ADA, EVE):
        # On Telegram they have opened the chat.
        await alone(telling, who, "/whoami")
    for _ in range(5):
        assert await alone(telling, EVE, f"/start {new_code()}") == []
    ada = chat.direct(chat.identity(ADA))
    await telling.until(lambda: "typed five wrong codes" in chat.in_room(ada)[-1].text)
    told = len(chat.in_room(ada))
    again = settle_in(database, clock, trader, chat)
    code = await invited(again)
    assert await alone(again, EVE, f"/start {code}") == []
    assert len(chat.in_room(ada)) == told + 1
    # Another account is not held to that.
    other = await invited(again)
    assert "Welcome" in (await alone(again, FAY, f"/start {other}"))[-1].text
    clock.pass_by(minutes=5, seconds=1)
    assert "Welcome" in (await alone(again, EVE, f"/start {code}"))[-1].text


async def test_many_wrong_codes_at_once_are_looked_at_five_at_most(telling: World) -> None:
    code = await invited(telling)
    eve = telling.chat.identity(EVE)
    room = telling.chat.direct(eve)
    guesses = [*(new_code() for _ in range(9)), code]
    said = [Text(eve, room, f"/start {guess}", telling.clock()) for guess in guesses]
    await asyncio.gather(*map(telling.desk.gateway.receive, said))
    assert telling.desk.roster.directory.identify(eve) is None
    assert await telling.database.fetchval("SELECT count(*) FROM wrong_codes") == 5


async def test_no_code_is_on_record_anywhere_but_in_its_own_message(telling: World, database: Database) -> None:
    codes = [await invited(telling) for _ in range(2)]
    await alone(telling, EVE, f"/start {codes[0]}")
    await alone(telling, FAY, f"/clam {codes[1]}")
    await alone(telling, FAY, f"/claim {codes[1]} with too many words")
    for said in ("/clam {}", "{}", "/whoami {}"):
        await alone(telling, BOB, said.format(codes[1]))
    for table in ("command_log", "command_events", "presses", "codes", "wrong_codes", "people", "identities"):
        everything = str(await database.fetchval(f"SELECT array_agg(t::text) FROM {table} AS t"))
        assert [code for code in codes if code in everything or code.replace("-", "") in everything] == []
    # What was told carries it, and is worth nothing once it was used.
    assert "was used already" in (await alone(telling, DAN, f"/start {codes[0]}"))[-1].text


@on_memory
async def test_while_the_database_is_away_nobody_comes_in_and_the_code_stays_good(
    telling: World,
    plug: Plug,
) -> None:
    code = await invited(telling)
    await plug.pull()
    assert await alone(telling, EVE, f"/start {code}") == []
    # Who is known is so from memory, and answered.
    assert (await alone(telling, BOB, "/whoami"))[-1].message.title == "You are bob, operator."
    told = len(telling.chat.shown)
    await alone(telling, BOB, f"/start {code}")
    assert len(telling.chat.shown) == told + 1
    assert CODE.search(telling.chat.last.text) is None
    await plug.put_back()
    assert "Welcome" in (await alone(telling, EVE, f"/start {code}"))[-1].text


# ---------------------------------------------------------------------------- on Telegram alone


#: Slack has no address that says something to an app, and no name by which anybody could be known.
on_telegram = pytest.mark.parametrize("chat", ["telegram"], indirect=True)


@on_telegram
async def test_an_invitation_is_a_link_that_opens_the_bot_and_says_the_code(telling: World, chat: TelegramChat) -> None:
    invitation = (await alone(telling, ADA, "/invite viewer"))[-1]
    code = code_in(invitation.text)
    assert f"https://t.me/{chat.server.bot.username}?start={code}" in invitation.text
    # A tap on it sends this.
    assert "Welcome" in (await alone(telling, EVE, f"/start {code}"))[-1].text


@on_telegram
async def test_a_person_renamed_to_an_admins_name_is_nobody(telling: World, chat: TelegramChat) -> None:
    eve = replace(chat.server.person(int(EVE), "ada"), username="ada")
    place = chat.server.private(eve)
    for said in ("/whoami", "/invite admin", "/start ada"):
        await place.say(eve, said)
    await chat.until_handled(3)
    assert {(row["principal"], row["state"]) for row in await telling.log()} == {(None, "denied")}
    assert place.from_bot == []


@on_memory
async def test_who_is_known_is_not_answered_without_end_whatever_code_they_say(telling: World) -> None:
    code = await invited(telling)
    for _ in range(200):
        await alone(telling, BOB, f"/start {code}")
    answered = len(await alone(telling, BOB, f"/start {code}"))
    assert telling.chat.last.message.title.startswith("Too many asks: 200 in a minute.")
    for said in (f"/start {code}", f"/invite {code}", f"/start {new_code()}", "/whoami"):
        assert len(await alone(telling, BOB, said)) == answered
    assert code not in str([dict(row) for row in await telling.log()])


@on_memory
async def test_while_the_database_is_away_a_code_of_somebody_known_gets_into_no_record(
    telling: World, plug: Plug
) -> None:
    code = await invited(telling)
    await plug.pull()
    for said in (f"/invite {code}", f"/start {code}"):
        answered = await alone(telling, ADA, said)
        assert answered[-1].message.title.startswith("The database is away, so I cannot do that now.")
    await plug.put_back()
    await telling.desk.ledger.carry()
    rows = [dict(row) for row in await telling.log()]
    assert [row["state"] for row in rows[-2:]] == ["denied", "denied"]
    assert code not in str(rows)
