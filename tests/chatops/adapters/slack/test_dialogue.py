"""Forms on the strict server: opened at once, filled with suggestions, sent once, and never lost or believed."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from chatops.adapters.slack.dialogue import NOT_STORED
from chatops.adapters.slack.keys import keys, suggesting
from chatops.adapters.slack.within import Within
from chatops.messages import Filled, Key, Press, Text
from chatops.people import Identity
from chatops.room import Room
from chatops.storage.database import Database
from chatops.storage.inbox import Inbox
from tests.chatops.adapters.slack.form_desk import CLOSE, FORM_KEY, HELD, PLAIN_KEY, Desk, Tapped, Unkept, away
from tests.servers.slack import ApiError, DropAfterAccept, RateLimited, SlackServer, Status, limits

both_ways = pytest.mark.parametrize("way", ["socket", "http"])


@pytest.fixture
def desk(server: SlackServer, database: Database) -> Desk:
    return Desk(server, Inbox(database), database)


def test_what_slack_waits_for_is_given_up_before_slack_gives_up() -> None:
    within = Within()
    assert max(within.stored_s, within.opened_s, within.suggested_s) < limits.ACK_S


@both_ways
async def test_a_command_that_needs_more_opens_a_form_that_is_filled_in_and_sent_once(desk: Desk, way: str) -> None:
    async with desk.listening(way):
        view = await desk.opens(desk.ada)
        assert await desk.ada.look_up(view, "position", "so") == ("SOL-1",)
        refused = await desk.ada.submit(view, {"Position": "SOL-1", "Percent": "120"})
        assert refused.answer == {"response_action": "errors", "errors": {"percent": "At most 100."}}
        assert desk.ada.views == [view]
        sent = await desk.ada.submit(view, {"Position": "SOL-1", "Percent": "50"})
        assert (sent.is_acked, desk.ada.views) == (True, [])
        await desk.server.deliver_again(sent)
        # Nobody told them that it came: they press once more.
        assert await desk.delivers({**sent.payload, "trigger_id": "9.9.9"}) == (True, None)
        await desk.ada.slash(desk.ops, "/deck status")
        came = await desk.hears(2)
        notes = await desk.notes(3)
    # Each is handled by itself, and either may be through first.
    (filled,) = [one for one in came if isinstance(one, Filled)]
    assert [one.text for one in came if isinstance(one, Text)] == ["status"]
    assert (filled.word, filled.arguments) == ("close", {"bot": "alpha", "position": "SOL-1", "percent": "50"})
    assert (filled.sender, filled.room) == (Identity("slack", desk.ada.id), Room("slack", desk.ops.id))
    assert notes == ["a form was opened", None, None]


@both_ways
async def test_a_command_that_comes_again_opens_no_second_form(desk: Desk, way: str) -> None:
    async with desk.listening(way):
        await desk.opens(desk.ada)
        (first,) = desk.server.deliveries
        await desk.server.deliver_again(first)
        await desk.server.deliver_again(first)
        await desk.ada.slash(desk.ops, "/deck status")
        await desk.hears(1)
    assert len(desk.ada.views) == len(desk.server.calls_of("views.open")) == 1


@pytest.mark.parametrize(
    "fault",
    [
        ApiError("expired_trigger_id"),
        ApiError("exchanged_trigger_id"),
        ApiError("invalid_arguments"),
        RateLimited(30),
        Status(503),
        DropAfterAccept(),
    ],
)
async def test_where_slack_opens_no_form_the_text_goes_its_usual_way(desk: Desk, fault: Any) -> None:
    async with desk.listening():
        desk.server.fail(fault, method="views.open")
        assert (await desk.ada.slash(desk.ops, "/deck close")).is_acked
        (text,) = await desk.hears(1)
    assert isinstance(text, Text)
    assert text.text == "close"
    assert await desk.notes(1) == [None]


async def test_a_key_that_opens_a_form_opens_it_and_any_other_is_pressed(desk: Desk) -> None:
    async with desk.listening():
        many = [(Key(f"Key {number}", f"{number:022}"),) for number in range(12)]
        card = await desk.post(*keys([(Key("Ack", PLAIN_KEY), Key("Close…", FORM_KEY, form=True)), *many]))
        assert (await desk.ada.click(desk.ops, card, "Close…")).is_acked
        view = await desk.server.wait_for(lambda: desk.ada.view)
        await desk.ada.click(desk.ops, card, "Ack")
        await desk.ada.click(desk.ops, card, "Key 11")
        pressed = await desk.hears(2)
    assert view is not None
    assert view.title == "Close"
    assert {one.token for one in pressed if isinstance(one, Press)} == {PLAIN_KEY, f"{11:022}"}


async def test_a_form_in_a_menu_is_opened_too_and_what_else_stands_there_is_pressed(desk: Desk) -> None:
    async with desk.listening():
        many = [(Key(f"Key {number}", f"{number:022}"),) for number in range(12)]
        card = await desk.post(*keys([*many, (Key("Close…", FORM_KEY, form=True),)]))
        await desk.ada.click(desk.ops, card, "Close…")
        await desk.server.wait_for(lambda: desk.ada.view)
        await desk.ada.click(desk.ops, card, "Key 11")
        (pressed,) = await desk.hears(1)
    assert isinstance(pressed, Press)
    assert (pressed.token, pressed.message_id) == (f"{11:022}", card.ts)


@pytest.mark.parametrize("beside", [False, True])
async def test_a_form_is_answered_where_a_press_of_its_key_would_be(desk: Desk, beside: bool) -> None:
    desk.forms.form = replace(CLOSE, beside=beside)
    async with desk.listening():
        card = await desk.post(*keys([(Key("Close…", FORM_KEY, form=True),)]))
        await desk.ada.click(desk.ops, card, "Close…")
        view = await desk.server.wait_for(lambda: desk.ada.view)
        assert view is not None
        await desk.ada.look_up(view, "position", "sol")
        await desk.ada.submit(view, {"Position": "SOL-1"})
        (filled,) = await desk.hears(1)
    assert filled.room == Room("slack", desk.ops.id, card.ts if beside else "")


async def test_a_form_that_breaks_keeps_nobody_from_asking(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    desk.forms.trouble = ValueError("no form")
    async with desk.listening():
        assert (await desk.ada.slash(desk.ops, "/deck close")).is_acked
        (text,) = await desk.hears(1)
    assert isinstance(text, Text)
    assert text.text == "close"
    broke = [one for one in caplog.records if one.name == "chatops.adapters.slack.dialogue" and one.exc_info]
    assert [one.getMessage() for one in broke] == ["slack: a form broke, it is answered with buttons"]


@pytest.mark.parametrize("value", ["7", "close"])
async def test_what_is_chosen_from_the_menu_under_a_message_is_said_in_reply_to_it(desk: Desk, value: str) -> None:
    desk.forms.offered = value
    async with desk.listening():
        card = await desk.post(suggesting("position"))
        offered = await desk.ada.look_up(card, "reply", "s")
        assert offered == (f"#7 {desk.ops.id} {card.ts}",)
        assert (await desk.ada.click(desk.ops, card, "reply", offered[0])).is_acked
        (said,) = await desk.hears(1)
    assert isinstance(said, Text)
    assert (said.text, said.chosen, said.reply_to, said.room) == (value, True, card.ts, Room("slack", desk.ops.id))
    assert desk.ada.views == []


async def test_suggestions_are_for_those_who_may_ask_and_nothing_of_them_is_stored(desk: Desk) -> None:
    async with desk.listening():
        card = await desk.post(suggesting("position"))
        for nobody in (desk.eve, desk.guest, desk.far):
            assert await nobody.look_up(card, "reply") == ()
        assert desk.forms.asked == []
        assert len(await desk.ada.look_up(card, "reply")) == 1
    assert await desk.notes(0) == []


async def test_suggestions_that_do_not_come_are_none_and_hold_up_nothing(desk: Desk) -> None:
    waits = asyncio.Event()
    desk.forms.brake = waits.wait
    async with desk.listening():
        view = await desk.opens(desk.ada)
        looking = asyncio.create_task(desk.ada.look_up(view, "position"))
        await desk.bell.until(lambda: bool(desk.forms.asked), 30)
        assert (await desk.ada.slash(desk.ops, "/deck status")).is_acked
        await desk.hears(1)
        assert not looking.done()
        waits.set()
        assert await looking == HELD
        # For as long as nobody wants to wait.
        desk.forms.brake = asyncio.Event().wait
        desk.within.suggested_s = 0.2
        assert await desk.ada.look_up(view, "position") == ()
        desk.forms.brake = away
        assert await desk.ada.look_up(view, "position") == ()


async def test_what_was_left_over_by_a_kill_is_answered_without_a_form_and_its_trigger_is_not_kept(
    server: SlackServer, database: Database
) -> None:
    inbox = Tapped(database)
    desk = Desk(server, inbox, database)
    async with desk.listening():
        await desk.opens(desk.ada)
        await desk.notes(1)
    (kept,) = inbox.kept
    assert "trigger_id" not in kept
    # As it stands where the program was killed in between.
    await inbox.store("slack", [("command:left over", kept)])
    async with desk.listening():
        (left,) = await desk.hears(1)
    assert isinstance(left, Text)
    assert left.text == "close"
    assert len(server.calls_of("views.open")) == 1


async def test_a_form_that_a_stranger_makes_up_is_handed_over_as_theirs_and_told_no_faults(desk: Desk) -> None:
    async with desk.listening():
        view = await desk.opens(desk.ada)
        await desk.ada.look_up(view, "position")
        forged = await desk.ada.submit(view, {"Position": "SOL-1"})
        body = {**forged.payload, "user": {"id": desk.eve.id, "team_id": desk.server.team_id}, "trigger_id": "9.9.9"}
        body["view"]["state"]["values"]["percent"]["percent"]["value"] = "120"
        assert await desk.delivers(body) == (True, None)
        came = await desk.hears(2)
    assert {one.sender.id for one in came} == {desk.ada.id, f"{desk.server.team_id}/{desk.eve.id}"}


async def test_a_guest_whom_nobody_knows_does_not_come_in_by_a_code_in_a_form(desk: Desk) -> None:
    stranger = desk.server.person("another guest", guest=True)
    async with desk.listening():
        view = await desk.opens(desk.ada)
        await desk.ada.look_up(view, "position")
        body = (await desk.ada.submit(view, {"Position": "SOL-1"})).payload
        values = {"code": {"code": {"value": "7K3M-9PQR-2XWZ"}}}
        metadata = '{"word": "start", "settled": {}, "room": "C1"}'
        form = {**body["view"], "private_metadata": metadata, "state": {"values": values}}
        user = {"id": stranger.id, "team_id": desk.server.team_id}
        assert await desk.delivers({**body, "trigger_id": "9.9.9", "user": user, "view": form}) == (True, None)
        notes = await desk.notes(3)
        await desk.hears(1)
    assert "said by a guest" in notes
    assert [one.sender.id for one in desk.came] == [desk.ada.id]


async def test_who_closes_a_form_says_nothing(desk: Desk) -> None:
    async with desk.listening():
        view = await desk.opens(desk.ada)
        body = {"type": "view_closed", "team": {"id": desk.server.team_id}, "user": {"id": desk.ada.id}}
        assert await desk.delivers({**body, "view": {"callback_id": view.callback_id}}) == (True, None)
        assert await desk.ada.close_view() is None
        assert await desk.notes(1) == ["a form was opened"]


async def test_codes_and_what_is_on_no_record_are_not_kept_of_a_form(server: SlackServer, database: Database) -> None:
    inbox = Tapped(database)
    desk = Desk(server, inbox, database)
    async with desk.listening():
        view = await desk.opens(desk.ada)
        await desk.ada.look_up(view, "position")
        body = (await desk.ada.submit(view, {"Position": "SOL-1"})).payload
        metadata = '{"word": "code", "settled": {}, "room": "C1"}'
        values = {"code": {"code": {"value": "123456"}}, "note": {"note": {"value": "it is 654 321"}}}
        form = {**body["view"], "private_metadata": metadata, "state": {"values": values}}
        await desk.delivers({**body, "trigger_id": "9.9.9", "view": form})
        came = await desk.hears(2)
    (filled,) = [one.arguments for one in came if isinstance(one, Filled) and one.word == "code"]
    assert filled == {"code": "123456", "note": "it is 654 321"}
    assert inbox.kept[-1]["filled"] == {"note": "it is ***"}


async def test_a_form_that_cannot_be_stored_stays_open_with_what_was_filled_in(
    server: SlackServer, database: Database
) -> None:
    inbox = Unkept(database)
    desk = Desk(server, inbox, database)
    async with desk.listening():
        view = await desk.opens(desk.ada)
        await desk.ada.look_up(view, "position")
        inbox.has_room = False
        refused = await desk.ada.submit(view, {"Position": "SOL-1"})
        assert refused.answer == {"response_action": "errors", "errors": {"position": NOT_STORED}}
        assert desk.ada.views == [view]
        inbox.has_room = True
        await desk.ada.submit(view, {"Position": "SOL-1"})
        await desk.hears(1)
    assert desk.ada.views == []
    # What was refused is of no use to whoever stores it later.
    assert all(one.arrival.stored.is_set() for one in inbox.came if one.arrival is not None)
    assert [type(one) for one in desk.came] == [Filled]
