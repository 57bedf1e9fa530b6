"""Forms that are sent again, since nobody told whoever filled them in that they were taken: each is done once."""

import asyncio

from chatops.messages import Filled, Text
from chatops.storage.database import Database
from chatops.storage.inbox import Inbox
from tests.chatops.adapters.slack.form_desk import Desk, Tapped, at_once
from tests.servers.slack import Delivery, SlackServer, View
from tests.servers.slack.patience import PATIENCE_S


async def left_with_ada(desk: Desk) -> tuple[View, Delivery]:
    """A form that she filled in, and that was stored after she was told that it was not."""
    stored, inbox = asyncio.Event(), desk.inbox
    assert isinstance(inbox, Tapped)
    view = await desk.opens(desk.ada)
    await desk.ada.look_up(view, "position")
    inbox.brake = stored.wait
    desk.within.stored_s = 0.2
    refused = await desk.ada.submit(view, {"Position": "SOL-1"})
    desk.within.stored_s = PATIENCE_S
    assert refused.answer["response_action"] == "errors"
    inbox.brake = at_once
    stored.set()
    return view, refused


async def test_a_form_that_is_stored_too_late_was_left_with_whoever_filled_it_in(
    server: SlackServer, database: Database
) -> None:
    desk = Desk(server, Tapped(database), database)
    async with desk.listening():
        view, _ = await left_with_ada(desk)
        await desk.ada.submit(view, {"Position": "SOL-1"})
        await desk.hears(1)
        notes = await desk.notes(3)
    assert [type(one) for one in desk.came] == [Filled]
    assert sorted(note or "" for note in notes) == [
        "",
        "a form was opened",
        "was not stored in time, and left with whoever filled it in",
    ]


async def test_a_form_that_is_sent_again_after_a_restart_is_done_once(server: SlackServer, database: Database) -> None:
    first, second = (Desk(server, Inbox(database), database) for _ in range(2))
    async with first.listening():
        view = await first.opens(first.ada)
        await first.ada.look_up(view, "position")
        sent = await first.ada.submit(view, {"Position": "SOL-1"})
        await first.hears(1)
        await first.notes(2)
    # Nobody told them that it came, and the desk was away: they press once more.
    async with second.listening():
        assert await second.delivers({**sent.payload, "trigger_id": "9.9.9"}) == (True, None)
        await second.ada.slash(second.ops, "/deck status")
        (came,) = await second.hears(1)
    assert isinstance(came, Text)


async def test_a_form_that_was_left_with_whoever_filled_it_in_is_taken_after_a_restart(
    server: SlackServer, database: Database
) -> None:
    desk = Desk(server, Tapped(database), database)
    async with desk.listening():
        _, refused = await left_with_ada(desk)
        await desk.notes(2)
    after = Desk(server, Inbox(database), database)
    async with after.listening():
        assert await after.delivers({**refused.payload, "trigger_id": "9.9.9"}) == (True, None)
        (came,) = await after.hears(1)
    assert (desk.came, type(came)) == ([], Filled)
