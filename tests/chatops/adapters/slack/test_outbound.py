import asyncio
import struct
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from uuid import uuid4

import pytest

from chatops.adapters.base import Fault, Part, SendError
from chatops.adapters.slack.api import SlackApi, Timeouts
from chatops.adapters.slack.outbound import PICTURE_WAITS_S, SlackOutbound
from chatops.messages import Attachment, Delivery, Key, Message, Paragraph, Posting
from chatops.room import Room
from tests.servers.slack import (
    ApiError,
    Channel,
    DropAfterAccept,
    DropBeforeAccept,
    Person,
    RateLimited,
    RefuseAfterAccept,
    SlackServer,
    StallAfterAccept,
    Status,
)

PICTURE = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 800, 600)
CHART = Attachment("equity.png", PICTURE, is_picture=True)
NEWER = Attachment("equity.png", PICTURE[:-2] + b"\2\0", is_picture=True)
ROWS = Attachment("trades.csv", b"a,b\n1,2\n")


def note(title: str, *keys: Key, file: Attachment | None = None, silent: bool = False) -> Posting:
    return Posting(Message(title, (Paragraph("Really?"),), silent=silent, attachment=file), (keys,) if keys else ())


def owed(title: str, *, again: bool = False, file: Attachment | None = None) -> Posting:
    return Posting(Message(title, attachment=file), delivery=Delivery(uuid4(), datetime.now(UTC), may_be_there=again))


def again(posting: Posting) -> Posting:
    """The same delivery once more, of which a try before may have arrived."""
    assert posting.delivery is not None
    return replace(posting, delivery=replace(posting.delivery, may_be_there=True))


@pytest.fixture
def waited() -> list[float]:
    return []


#: Beyond what any machine takes, however busy: where an answer comes, nothing waits for it.
PATIENT = Timeouts(read=30.0, connect=30.0, pool=30.0, total=60.0, upload=60.0)


@pytest.fixture
async def out(server: SlackServer, waited: list[float]) -> AsyncIterator[SlackOutbound]:
    """The way out, over kept connections, to the strict server."""

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    async with SlackApi(server.base_url, server.bot_token, PATIENT) as api:
        yield SlackOutbound(api, sleep=sleep)


@pytest.fixture
def ada(server: SlackServer) -> Person:
    return server.person("Ada")


@pytest.fixture
def desk(server: SlackServer) -> Channel:
    return server.channel("desk")


@pytest.fixture
def room(desk: Channel) -> Room:
    return Room("slack", desk.id)


# What people are shown.


async def test_a_message_comes_with_its_keys_and_unfurls_nothing(out: SlackOutbound, desk: Channel, room: Room) -> None:
    shown = await out.send(room, note("card", Key("Press", "t")))
    (post,) = desk.posts
    assert (post.ts, post.text, post.labels, post.unfurls) == (shown, "card\n\nReally?", ("Press",), False)
    assert [control.element["value"] for control in post.controls] == ["t"]


async def test_a_person_is_written_to_where_nobody_else_reads_and_asked_for_once(
    server: SlackServer, out: SlackOutbound, ada: Person
) -> None:
    room = Room("slack", ada.id)
    shown = await out.send(room, note("yours"))
    await out.edit(room, shown, note("yours, newer"))
    (post,) = ada.direct.posts
    assert (post.text, len(server.calls_of("conversations.open"))) == ("yours, newer\n\nReally?", 1)


async def test_a_person_is_asked_to_reply_and_a_channel_to_mention_the_app(
    out: SlackOutbound, desk: Channel, ada: Person
) -> None:
    for room in (Room("slack", ada.id), Room("slack", desk.id)):
        await out.send(room, Posting(Message("How much?"), wants="usd"))
    assert ada.direct.posts[0].words.endswith("Reply in the thread of this message, with: usd")
    assert desk.posts[0].words.endswith("Mention me in the thread of this message, with: usd")


async def test_a_card_is_changed_in_place_and_loses_its_keys(out: SlackOutbound, desk: Channel, room: Room) -> None:
    shown = await out.send(room, note("7 days", Key("30d", "t")))
    assert await out.edit(room, shown, note("30 days")) == shown
    (post,) = desk.posts
    assert (post.text, post.labels, len(post.edits)) == ("30 days\n\nReally?", (), 1)


async def test_a_card_that_is_changed_can_still_be_found(out: SlackOutbound, desk: Channel, room: Room) -> None:
    first = owed("card")
    shown = await out.send(room, first)
    await out.edit(room, shown, note("newer"))
    assert await out.send(room, again(first)) == shown
    assert len(desk.posts) == 1


async def test_plain_is_one_section(out: SlackOutbound, desk: Channel, room: Room) -> None:
    shown = await out.send(room, note("card"), plain=True)
    await out.edit(room, shown, note("newer"), plain=True)
    (post,) = desk.posts
    assert [(block["type"], block["text"]["text"]) for block in post.blocks] == [("section", "newer\n\nReally?")]


async def test_a_message_hangs_in_a_thread_and_what_hangs_on_that_does_too(
    out: SlackOutbound, desk: Channel, room: Room
) -> None:
    opened = await out.send(room, note("opened"))
    closed = await out.send(room, note("closed"), reply_to=opened)
    await out.send(room, note("paid"), reply_to=closed)
    await out.send(Room("slack", desk.id, opened), note("beside"), reply_to=closed)
    assert [post.thread_ts for post in desk.posts] == [None, opened, opened, opened]
    assert [post.is_broadcast for post in desk.posts] == [False] * 4


@pytest.mark.parametrize(
    ("severity", "silent", "loud"),
    [("critical", False, True), ("emergency", False, True), ("warning", False, False), ("critical", True, False)],
)
async def test_from_critical_up_a_ping_stands_in_the_channel_too(
    out: SlackOutbound, desk: Channel, severity: str, silent: bool, loud: bool
) -> None:
    room = Room("slack", desk.id)
    card = await out.send(room, note("alarm"))
    await out.send(room, Posting(Message("still", facts={"severity": severity}, silent=silent)), reply_to=card)
    assert desk.posts[-1].is_broadcast is loud


async def test_nothing_that_is_said_wakes_anybody(out: SlackOutbound, desk: Channel, room: Room, ada: Person) -> None:
    said = f"<!channel> <@{ada.id}> @here <!subteam^S1|all> &lt;!here&gt;"
    await out.send(room, Posting(Message(said, (Paragraph(said, bold=True),)), ((Key(said, "t"),),)))
    (post,) = desk.posts
    assert post.mentions == ()


# Files.


async def test_a_picture_is_shown_in_its_message_and_changed_with_it(
    server: SlackServer, out: SlackOutbound, desk: Channel, room: Room
) -> None:
    shown = await out.send(room, note("7 days", Key("30d", "t"), file=CHART))
    await out.edit(room, shown, note("30 days", file=NEWER))
    await out.edit(room, shown, note("no chart"))
    (post,) = desk.posts
    assert [file.content for file in server.files] == [PICTURE, NEWER.content]
    kinds = [[block["type"] for block in one.blocks] for one in (*post.edits, post)]
    assert kinds == [["header", "section", "image", "actions"], ["header", "section", "image"], ["header", "section"]]
    assert [one.blocks[2]["slack_file"]["id"] for one in post.edits] == [file.id for file in server.files]


async def test_a_picture_that_slack_has_is_not_brought_again(
    server: SlackServer, out: SlackOutbound, desk: Channel, room: Room
) -> None:
    await out.send(room, note("7 days", file=CHART))
    await out.send(room, note("again", file=CHART))
    assert len(server.files) == 1
    assert len({post.blocks[-1]["slack_file"]["id"] for post in desk.posts}) == 1


async def test_a_picture_that_slack_has_let_go_is_brought_anew(
    server: SlackServer, out: SlackOutbound, desk: Channel, room: Room, waited: list[float]
) -> None:
    await out.send(room, note("7 days", file=CHART))
    server.fail(ApiError("invalid_blocks"), method="chat.postMessage")
    await out.send(room, note("again", file=CHART))
    shown = [post.blocks[-1]["slack_file"]["id"] for post in desk.posts]
    assert (shown, waited) == ([file.id for file in server.files], [])
    assert len(server.files) == 2


async def test_a_picture_that_slack_cannot_show_yet_is_waited_for(
    server: SlackServer, out: SlackOutbound, desk: Channel, room: Room, waited: list[float]
) -> None:
    server.fail(ApiError("invalid_blocks"), method="chat.postMessage", times=2)
    await out.send(room, note("7 days", file=CHART))
    assert waited == list(PICTURE_WAITS_S[:2])
    assert [block["type"] for block in desk.posts[0].blocks] == ["header", "section", "image"]


async def test_a_picture_that_slack_never_shows_is_told_of(
    server: SlackServer, out: SlackOutbound, desk: Channel, room: Room
) -> None:
    server.fail(ApiError("invalid_blocks"), method="chat.postMessage", times=4)
    await out.send(room, note("7 days", file=CHART))
    (post,) = desk.posts
    assert post.words.endswith("The file “equity.png” is not here: Slack does not show it.")


async def test_blocks_that_are_refused_for_what_they_say_do_not_wait_for_a_picture(
    server: SlackServer, out: SlackOutbound, room: Room, waited: list[float]
) -> None:
    server.fail(
        ApiError("invalid_blocks", {"errors": ["must be less than 3001 characters"]}), method="chat.postMessage"
    )
    with pytest.raises(SendError) as refused:
        await out.send(room, note("7 days", file=CHART))
    assert (refused.value.fault, refused.value.without, waited) == (Fault.DEGRADE, Part.FORMATTING, [])


async def test_any_other_file_hangs_in_the_thread_of_its_message(
    server: SlackServer, out: SlackOutbound, desk: Channel, room: Room
) -> None:
    shown = await out.send(room, note("trades", file=ROWS))
    message, file = desk.posts
    assert message.words.endswith("The file “trades.csv” is in the thread.")
    assert (file.thread_ts, [(one.name, one.content) for one in file.files]) == (shown, [("trades.csv", ROWS.content)])
    await out.edit(room, shown, note("trades, newer", file=ROWS))
    assert len(desk.posts) == 2


LOST = [Status(503), ApiError("storage_limit_reached"), DropAfterAccept()]
STEPS = ["files.getUploadURLExternal", "upload", "files.completeUploadExternal"]


@pytest.mark.parametrize(("step", "fault", "file"), [*product(STEPS, LOST, [CHART]), *product(STEPS, LOST[:2], [ROWS])])
async def test_no_message_waits_for_a_file_that_cannot_be_brought(
    server: SlackServer, out: SlackOutbound, step: str, fault: ApiError | DropAfterAccept, file: Attachment
) -> None:
    desk = server.channel("desk")
    server.fail(fault, method=step)
    await out.send(Room("slack", desk.id), note("report", file=file))
    assert desk.posts[0].text.startswith("report")
    told = (f"The file “{file.name}” is not here: ", f"The file “{file.name}” may be missing: ")
    assert any(words in post.words for words in told for post in desk.posts)


async def test_a_file_whose_answer_was_lost_is_not_called_missing_where_it_hangs(
    server: SlackServer, out: SlackOutbound, desk: Channel, room: Room
) -> None:
    server.fail(DropAfterAccept(), method="files.completeUploadExternal")
    await out.send(room, note("trades", file=ROWS))
    assert [len(post.files) for post in desk.posts] == [0, 1]
    server.fail(DropBeforeAccept(), method="files.completeUploadExternal")
    await out.send(room, note("more", file=ROWS))
    assert (
        desk.posts[-1].text
        == "The file “trades.csv” may be missing: Slack cannot be reached (the connection was lost)."
    )


async def test_a_file_waits_where_slack_wants_a_pause_and_nothing_was_said_yet(
    server: SlackServer, out: SlackOutbound, desk: Channel, room: Room
) -> None:
    server.fail(RateLimited(9), method="files.getUploadURLExternal")
    with pytest.raises(SendError) as paused:
        await out.send(room, note("report", file=CHART))
    assert (paused.value.fault, paused.value.wait_s, desk.posts) == (Fault.RETRY_AFTER, 9.0, [])


# What may be there already.


@pytest.mark.parametrize(
    "fault", [DropAfterAccept(), RefuseAfterAccept(Status(502)), RefuseAfterAccept(ApiError("internal_error"))]
)
async def test_a_message_whose_answer_was_lost_is_found_at_once_and_stands_once(
    server: SlackServer, out: SlackOutbound, desk: Channel, room: Room, fault: DropAfterAccept | RefuseAfterAccept
) -> None:
    server.fail(fault, method="chat.postMessage")
    shown = await out.send(room, owed("fired"))
    assert [post.ts for post in desk.posts] == [shown]


async def test_a_reply_whose_answer_was_lost_is_found_in_its_thread(
    server: SlackServer, out: SlackOutbound, desk: Channel, room: Room
) -> None:
    opened = await out.send(room, owed("opened"))
    server.fail(Status(502), method="chat.postMessage")
    with pytest.raises(SendError) as unanswered:
        await out.send(room, owed("lost"), reply_to=opened)
    assert unanswered.value.fault is Fault.AMBIGUOUS
    server.fail(DropAfterAccept(), method="chat.postMessage")
    shown = await out.send(room, owed("closed"), reply_to=opened)
    assert [(post.ts, post.thread_ts) for post in desk.posts] == [(opened, None), (shown, opened)]


async def test_where_nothing_can_be_looked_up_at_once_it_is_before_the_next_try(
    server: SlackServer, out: SlackOutbound, desk: Channel, room: Room
) -> None:
    event = asyncio.Event()
    server.fail(StallAfterAccept(event), method="chat.postMessage")
    server.fail(DropBeforeAccept(), method="conversations.history", times=2)
    message = owed("fired")
    async with SlackApi(server.base_url, server.bot_token, replace(PATIENT, read=1.0)) as hasty:
        with pytest.raises(SendError) as unanswered:
            await SlackOutbound(hasty).send(room, message)
    assert unanswered.value.fault is Fault.AMBIGUOUS
    with pytest.raises(SendError) as away:
        await out.send(room, again(message))
    assert away.value.fault is Fault.BACKOFF
    event.set()
    shown = await out.send(room, again(message))
    assert [post.ts for post in desk.posts] == [shown]


async def test_what_did_not_arrive_goes_again(
    server: SlackServer, out: SlackOutbound, desk: Channel, room: Room
) -> None:
    server.fail(DropBeforeAccept(), method="chat.postMessage")
    message = owed("fired")
    with pytest.raises(SendError) as unanswered:
        await out.send(room, message)
    assert unanswered.value.fault is Fault.AMBIGUOUS
    shown = await out.send(room, again(message))
    assert [post.ts for post in desk.posts] == [shown]


async def test_it_is_found_behind_many_others_and_what_is_another_delivery_is_not_it(
    out: SlackOutbound, desk: Channel, room: Room, ada: Person
) -> None:
    message = owed("fired")
    shown = await out.send(room, message)
    await out.send(room, owed("another"))
    for number in range(250):
        await ada.say(desk, f"talk {number}")
    assert await out.send(room, again(message)) == shown
    await out.send(room, owed("new", again=True))
    assert [post.text for post in desk.from_app] == ["fired", "another", "new"]


async def test_it_is_not_looked_for_without_end(out: SlackOutbound, desk: Channel, room: Room, ada: Person) -> None:
    message = owed("fired")
    await out.send(room, message)
    for number in range(2_000):
        await ada.say(desk, f"talk {number}")
    await out.send(room, again(message))
    assert len(desk.from_app) == 2


async def test_who_may_not_look_sends_again(server: SlackServer, out: SlackOutbound, desk: Channel, room: Room) -> None:
    server.take_scope("channels:history")
    message = owed("fired")
    await out.send(room, message)
    await out.send(room, again(message))
    assert len(desk.posts) == 2


async def test_what_was_posted_unsought_and_got_no_answer_says_so(
    server: SlackServer, out: SlackOutbound, room: Room
) -> None:
    server.take_scope("channels:history")
    server.fail(DropAfterAccept(), method="chat.postMessage", times=2)
    message = owed("fired")
    with pytest.raises(SendError) as first:
        await out.send(room, message)
    with pytest.raises(SendError) as second:
        await out.send(room, again(message))
    assert [one.value.fault for one in (first, second)] == [Fault.AMBIGUOUS] * 2
    assert [one.value.unsought for one in (first, second)] == [False, True]


async def test_what_may_not_go_twice_does_not_go_where_nobody_may_look(
    server: SlackServer, out: SlackOutbound, desk: Channel, room: Room
) -> None:
    server.take_scope("channels:history")
    message = again(owed("report of the day"))
    assert message.delivery is not None
    with pytest.raises(SendError, match="cannot be looked for") as unsure:
        await out.send(room, replace(message, delivery=replace(message.delivery, goes_unsought=False)))
    # It says nothing of Slack as a whole.
    assert (unsure.value.fault, unsure.value.of_room, desk.posts) == (Fault.AMBIGUOUS, True, [])


async def test_a_file_whose_message_is_there_is_hung_on_it_once(
    server: SlackServer, out: SlackOutbound, desk: Channel, room: Room
) -> None:
    message = owed("trades", file=ROWS)
    shown = await out.send(room, message)
    assert await out.send(room, again(message)) == shown
    assert [len(post.files) for post in desk.posts] == [0, 1]


async def test_a_file_that_cannot_be_hung_later_is_told_of_in_the_thread(
    server: SlackServer, out: SlackOutbound, desk: Channel, room: Room
) -> None:
    shown = await out.send(room, note("trades"))
    server.fail(ApiError("file_uploads_disabled"), method="files.getUploadURLExternal")
    await out.edit(room, shown, note("trades", file=ROWS))
    (_, told) = desk.posts
    assert told.thread_ts == shown
    assert told.text.endswith("is not here: the workspace takes no files (file_uploads_disabled).")


# What fails.


@pytest.mark.parametrize(
    ("error", "meant"),
    [
        ("msg_blocks_too_long", (Fault.DEGRADE, Part.FORMATTING)),
        ("restricted_action_thread_locked", (Fault.DEGRADE, Part.REPLY)),
        ("message_not_found", (Fault.REFUSED, None)),
        ("is_archived", (Fault.DEAD_RECIPIENT, None)),
        ("token_revoked", (Fault.DEAD_CREDENTIAL, None)),
    ],
)
async def test_what_a_refusal_means(
    server: SlackServer, out: SlackOutbound, room: Room, error: str, meant: tuple[Fault, Part | None]
) -> None:
    opened = await out.send(room, note("opened"))
    server.fail(ApiError(error), method="chat.postMessage")
    with pytest.raises(SendError) as refused:
        await out.send(room, note("card"), reply_to=opened)
    assert (refused.value.fault, refused.value.without) == meant


async def test_a_room_that_is_a_thread_is_left_for_its_channel_first(
    server: SlackServer, out: SlackOutbound, desk: Channel, room: Room
) -> None:
    opened = await out.send(room, note("opened"))
    server.fail(ApiError("cannot_reply_to_message"), method="chat.postMessage")
    with pytest.raises(SendError) as refused:
        await out.send(Room("slack", desk.id, opened), note("card"), reply_to=opened)
    assert refused.value.without is Part.TOPIC


async def test_a_pause_is_for_that_channel(server: SlackServer, out: SlackOutbound, desk: Channel, room: Room) -> None:
    server.fail(RateLimited(17), method="chat.postMessage", channel=desk)
    with pytest.raises(SendError) as paused:
        await out.send(room, note("card"))
    assert (paused.value.fault, paused.value.wait_s) == (Fault.RETRY_AFTER, 17.0)
    assert not paused.value.of_kind
    await out.send(Room("slack", server.channel("other").id), note("card"))


async def test_a_pause_of_edits_holds_no_new_message(server: SlackServer, out: SlackOutbound, room: Room) -> None:
    shown = await out.send(room, note("card"))
    server.fail(RateLimited(40), method="chat.update")
    with pytest.raises(SendError, match=r"a pause of 40 s with chat\.update") as paused:
        await out.edit(room, shown, note("newer"))
    assert (paused.value.fault, paused.value.of_kind) == (Fault.RETRY_AFTER, True)


async def test_a_card_that_is_gone_is_to_come_anew(out: SlackOutbound, room: Room) -> None:
    shown = await out.send(room, note("card"))
    await out.delete(room, shown)
    await out.delete(room, shown)
    with pytest.raises(SendError) as gone:
        await out.edit(room, shown, note("newer"))
    assert (gone.value.fault, gone.value.without) == (Fault.DEGRADE, Part.CARD)


async def test_the_pictures_of_a_message_go_with_it(
    server: SlackServer, out: SlackOutbound, desk: Channel, room: Room
) -> None:
    shown = await out.send(room, note("secret", file=CHART))
    await out.send(room, note("another", file=NEWER))
    await out.delete(room, shown)
    assert [post.text for post in desk.posts] == ["another\n\nReally?"]
    assert [file.content for file in server.files] == [NEWER.content]


async def test_a_secret_picture_goes_though_nobody_may_look_and_after_a_restart(
    server: SlackServer, out: SlackOutbound, room: Room
) -> None:
    first, second = [await out.send(room, note("secret", file=file)) for file in (CHART, NEWER)]
    async with SlackApi(server.base_url, server.bot_token) as api:
        await SlackOutbound(api).delete(room, first)
    server.take_scope("channels:history")
    await out.delete(room, second)
    assert server.files == []


async def test_a_message_goes_though_nobody_can_tell_what_it_shows(
    server: SlackServer, out: SlackOutbound, desk: Channel, room: Room
) -> None:
    shown = await out.send(room, note("secret"))
    server.take_scope("channels:history")
    await out.delete(room, shown)
    assert desk.posts == []


async def test_a_pin_is_put_and_taken_and_that_it_is_so_already_is_no_error(
    out: SlackOutbound, desk: Channel, room: Room
) -> None:
    shown = await out.send(room, note("status"))
    await out.pin(room, shown)
    await out.pin(room, shown)
    assert desk.pinned == [shown]
    await out.unpin(room, shown)
    await out.unpin(room, shown)
    assert desk.pinned == []
    await out.delete(room, shown)
    with pytest.raises(SendError) as gone:
        await out.pin(room, shown)
    assert gone.value.without is Part.CARD


async def test_an_id_of_another_platform_is_refused_before_anything_is_asked(
    server: SlackServer, out: SlackOutbound, room: Room
) -> None:
    for call in (out.edit(room, "17", note("x")), out.pin(room, "x"), out.send(room, note("x"), reply_to="17")):
        with pytest.raises(SendError) as refused:
            await call
        assert refused.value.fault is Fault.REFUSED
    assert server.calls == []


async def test_a_probe_says_whether_slack_takes_us_and_lets_us_speak(server: SlackServer, out: SlackOutbound) -> None:
    await out.probe()
    server.take_scope("chat:write")
    with pytest.raises(SendError, match="the app lacks the scope chat:write") as mute:
        await out.probe()
    server.revoke_token()
    with pytest.raises(SendError, match="token_revoked") as revoked:
        await out.probe()
    assert {mute.value.fault, revoked.value.fault} == {Fault.DEAD_CREDENTIAL}


async def test_a_platform_that_is_away_was_sent_nothing(server: SlackServer, out: SlackOutbound, room: Room) -> None:
    await server.stop_listening()
    for call in (out.send(room, owed("fired")), out.probe(), out.delete(room, "1.1")):
        with pytest.raises(SendError) as away:
            await call
        assert away.value.fault is Fault.BACKOFF
    await server.start_listening()
    await out.send(room, owed("fired"))


async def test_who_has_hung_up_sends_nothing(server: SlackServer, room: Room) -> None:
    api = SlackApi(server.base_url, server.bot_token)
    for _ in range(2):
        with pytest.raises(SendError) as closed:
            await SlackOutbound(api).send(room, note("card", file=CHART))
        assert closed.value.fault is Fault.BACKOFF
        await api.open()
        await api.close()
    assert server.calls == []


async def test_a_new_token_is_used_from_the_next_call_on(server: SlackServer, room: Room, desk: Channel) -> None:
    async with SlackApi(server.base_url, server.bot_token) as api:
        out = SlackOutbound(api)
        server.rotate_token("xoxb-2-test-token")
        with pytest.raises(SendError, match="token_revoked"):
            await out.send(room, note("card"))
        api.use_token("xoxb-2-test-token")
        await out.send(room, note("card"))
    assert len(desk.posts) == 1
