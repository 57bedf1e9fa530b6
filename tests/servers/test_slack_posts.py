"""What an app shows on the local Slack, driven by slack_sdk as it installs."""

import asyncio
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.servers.slack import Channel, Person, SlackServer

CARD: list[dict[str, Any]] = [
    {"type": "section", "text": {"type": "mrkdwn", "text": "*SOL*"}},
    {"type": "actions", "elements": [{"type": "button", "text": {"type": "plain_text", "text": "Close"}}]},
]
MARK: dict[str, Any] = {"event_type": "delivery", "event_payload": {"id": "d-1"}}


async def test_a_card_shows_its_buttons_and_is_found_by_its_mark(web: AsyncWebClient, ops: Channel) -> None:
    posted = await web.chat_postMessage(channel=ops.id, text="SOL", blocks=CARD, metadata=MARK)
    (card,) = ops.from_app
    assert (card.ts, card.labels, card.words) == (posted["ts"], ("Close",), "*SOL*\nClose")
    found = await web.conversations_history(channel=ops.id, include_all_metadata=True)
    assert found["messages"][0]["metadata"] == MARK
    plain = await web.conversations_history(channel=ops.id)
    assert "metadata" not in plain["messages"][0]


async def test_a_change_keeps_the_earlier_form_and_the_mark(web: AsyncWebClient, ops: Channel) -> None:
    posted = await web.chat_postMessage(channel=ops.id, text="SOL", blocks=CARD, metadata=MARK)
    await web.chat_update(channel=ops.id, ts=posted["ts"], text="closed", blocks=[])
    (card,) = ops.posts
    assert (card.text, card.labels, card.metadata, [one.labels for one in card.edits]) == (
        "closed",
        (),
        MARK,
        [("Close",)],
    )


async def test_a_change_of_text_alone_leaves_open_what_the_blocks_become(
    slack: SlackServer, web: AsyncWebClient, ops: Channel
) -> None:
    posted = await web.chat_postMessage(channel=ops.id, text="SOL", blocks=CARD)
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        await web.chat_update(channel=ops.id, ts=posted["ts"], text="closed")
    assert "leaves open" in slack.violations[0].reason


async def test_replies_stand_in_the_thread_and_only_a_broadcast_in_the_channel(
    web: AsyncWebClient, ops: Channel
) -> None:
    first = await web.chat_postMessage(channel=ops.id, text="alert")
    await web.chat_postMessage(channel=ops.id, text="still", thread_ts=first["ts"])
    await web.chat_postMessage(channel=ops.id, text="worse", thread_ts=first["ts"], reply_broadcast=True)
    assert [post.text for post in ops.main] == ["alert", "worse"]
    thread = await web.conversations_replies(channel=ops.id, ts=first["ts"])
    assert [post["text"] for post in thread["messages"]] == ["alert", "still", "worse"]
    assert thread["messages"][0]["reply_count"] == 2


async def test_history_comes_in_pages_with_the_newest_first(web: AsyncWebClient, ops: Channel) -> None:
    for number in range(5):
        await web.chat_postMessage(channel=ops.id, text=f"{number}")
    page = await web.conversations_history(channel=ops.id, limit=3)
    cursor = page["response_metadata"]["next_cursor"]
    rest = await web.conversations_history(channel=ops.id, limit=3, cursor=cursor)
    assert [post["text"] for post in [*page["messages"], *rest["messages"]]] == ["4", "3", "2", "1", "0"]
    ts = ops.posts[2].ts
    for inclusive, texts in ((False, ["4", "3"]), (True, ["4", "3", "2"])):
        newer = await web.conversations_history(channel=ops.id, oldest=ts, inclusive=inclusive)
        assert [post["text"] for post in newer["messages"]] == texts


async def test_one_person_alone_sees_what_is_ephemeral(web: AsyncWebClient, ops: Channel, grace: Person) -> None:
    shown = await web.chat_postEphemeral(channel=ops.id, user=grace.id, text="not for you")
    assert ([post.text for post in grace.sees(ops)], ops.posts) == (["not for you"], [])
    with pytest.raises(SlackApiError, match="message_not_found"):
        await web.chat_update(channel=ops.id, ts=shown["message_ts"], text="x")
    ops.members.discard(grace.id)
    with pytest.raises(SlackApiError, match="user_not_in_channel"):
        await web.chat_postEphemeral(channel=ops.id, user=grace.id, text="x")


async def test_a_person_is_written_to_by_id_or_by_the_conversation(web: AsyncWebClient, grace: Person) -> None:
    opened = await web.conversations_open(users=grace.id)
    await web.chat_postMessage(channel=grace.id, text="one")
    await web.chat_postMessage(channel=opened["channel"]["id"], text="two")
    assert [post.text for post in grace.direct.posts] == ["one", "two"]


async def test_what_people_wrote_is_not_the_apps_to_change(web: AsyncWebClient, ops: Channel, grace: Person) -> None:
    said = await grace.say(ops, "mine")
    with pytest.raises(SlackApiError, match="cant_update_message"):
        await web.chat_update(channel=ops.id, ts=said.ts, text="x")
    with pytest.raises(SlackApiError, match="cant_delete_message"):
        await web.chat_delete(channel=ops.id, ts=said.ts)


async def test_a_pin_is_put_once_and_goes_with_its_post(web: AsyncWebClient, ops: Channel) -> None:
    ts = (await web.chat_postMessage(channel=ops.id, text="live"))["ts"]
    await web.pins_add(channel=ops.id, timestamp=ts)
    with pytest.raises(SlackApiError, match="already_pinned"):
        await web.pins_add(channel=ops.id, timestamp=ts)
    pins = await web.pins_list(channel=ops.id)
    assert [pin["message"]["ts"] for pin in pins["items"]] == [ts]
    await web.pins_remove(channel=ops.id, timestamp=ts)
    with pytest.raises(SlackApiError, match="no_pin"):
        await web.pins_remove(channel=ops.id, timestamp=ts)
    await web.pins_add(channel=ops.id, timestamp=ts)
    await web.chat_delete(channel=ops.id, ts=ts)
    assert (ops.pinned, [post.text for post in ops.deleted]) == ([], ["live"])


async def test_a_file_goes_up_in_three_steps_and_the_answer_does_not_say_where(
    slack: SlackServer, web: AsyncWebClient, ops: Channel
) -> None:
    first = await web.chat_postMessage(channel=ops.id, text="report")
    done = await web.files_upload_v2(
        channel=ops.id, content=b"png", filename="pnl.png", title="PnL", alt_txt="a chart", thread_ts=first["ts"]
    )
    assert set(done["files"][0]) == {"id", "title"}
    (file,) = ops.posts[-1].files
    assert (file.name, file.title, file.alt_text, file.content) == ("pnl.png", "PnL", "a chart", b"png")
    assert [call.method for call in slack.calls[-3:]] == [
        "files.getUploadURLExternal",
        "upload",
        "files.completeUploadExternal",
    ]


async def test_a_file_that_never_came_is_not_shared(web: AsyncWebClient, ops: Channel) -> None:
    promised = await web.files_getUploadURLExternal(filename="a.png", length=3)
    with pytest.raises(SlackApiError, match="file_not_found"):
        await web.files_completeUploadExternal(files=[{"id": promised["file_id"]}], channel_id=ops.id)
    with pytest.raises(SlackApiError, match="missing_argument"):
        await web.files_getUploadURLExternal(filename="a.png", length=0)


async def test_a_picture_in_a_card_is_one_that_the_platform_holds(
    slack: SlackServer, web: AsyncWebClient, ops: Channel
) -> None:
    done = await web.files_upload_v2(content=b"png", filename="pnl.png")
    file_id = done["files"][0]["id"]
    blocks = [{"type": "image", "slack_file": {"id": file_id}, "alt_text": "a chart"}]
    await web.chat_postMessage(channel=ops.id, text="PnL", blocks=blocks)
    await web.files_delete(file=file_id)
    with pytest.raises(SlackApiError, match="invalid slack file"):
        await web.chat_postMessage(channel=ops.id, text="PnL", blocks=blocks)
    with pytest.raises(SlackApiError, match="file_not_found"):
        await web.files_delete(file=file_id)
    assert (len(ops.posts), slack.files, slack.violations) == (1, [], [])


async def test_a_file_that_is_deleted_takes_the_post_with_it_that_showed_nothing_else(
    slack: SlackServer, web: AsyncWebClient, ops: Channel
) -> None:
    await web.files_upload_v2(channel=ops.id, content=b"png", filename="a.png")
    await web.files_upload_v2(channel=ops.id, content=b"png", filename="b.png", initial_comment="look")
    for file in list(slack.files):
        await web.files_delete(file=file.id)
    assert [(post.text, post.files) for post in ops.posts] == [("look", ())]


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"text": "x" * 40_001}, "msg_blocks_too_long"),
        ({"text": "R&D"}, "invalid_arguments"),
        ({"text": "x", "blocks": [*CARD, {"type": "video"}]}, "invalid_blocks"),
        ({"text": "x", "blocks": "no json"}, "invalid_blocks_format"),
        (
            {"text": "x", "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3000}}] * 5},
            "msg_blocks_too_long",
        ),
        ({"text": "x", "metadata": {"event_type": "a"}}, "invalid_metadata_format"),
        ({"text": "x", "link_names": True}, "invalid_arguments"),
        ({"text": "x", "thread_ts": "1.000001"}, "invalid_arguments"),
        ({"text": "x", "colour": "red"}, "invalid_arguments"),
        ({"text": "x", "channel": ""}, "channel_not_found"),
    ],
)
async def test_what_should_never_be_sent_is_refused_and_kept_as_a_violation(
    slack: SlackServer, web: AsyncWebClient, ops: Channel, said: dict[str, object], error: str
) -> None:
    with pytest.raises(SlackApiError) as refused:
        await web.api_call("chat.postMessage", json={"channel": ops.id, **said})
    assert (refused.value.response["error"], refused.value.response.status_code) == (error, 200)
    assert [violation.method for violation in slack.violations] == ["chat.postMessage"]
    assert ops.posts == []


async def test_blocks_without_text_would_make_an_empty_notification(web: AsyncWebClient, ops: Channel) -> None:
    with pytest.raises(SlackApiError, match="text is missing"):
        await web.api_call("chat.postMessage", json={"channel": ops.id, "blocks": CARD})


async def test_a_channel_takes_posts_only_where_the_app_may_post(
    slack: SlackServer, web: AsyncWebClient, ops: Channel, grace: Person
) -> None:
    closed, others, secret, quiet = (slack.channel(name) for name in ("closed", "others", "secret", "quiet"))
    closed.is_archived, others.has_app, quiet.is_restricted = True, False, True
    secret.kind, secret.has_app = "group", False
    grace.account.is_deleted = True
    for channel_id, error in (
        (closed.id, "is_archived"),
        (others.id, "not_in_channel"),
        (secret.id, "channel_not_found"),
        (quiet.id, "restricted_action"),
        (grace.id, "channel_not_found"),
        ("C0NOWHERE01", "channel_not_found"),
    ):
        with pytest.raises(SlackApiError, match=error):
            await web.chat_postMessage(channel=channel_id, text="x")


async def test_a_token_does_what_its_scopes_say(slack: SlackServer, ops: Channel) -> None:
    web = AsyncWebClient(slack.bot_token, base_url=slack.base_url)
    assert "pins:write" in (await web.auth_test()).headers["X-OAuth-Scopes"].split(",")
    slack.take_scope("pins:write", "channels:history")
    with pytest.raises(SlackApiError) as refused:
        await web.conversations_history(channel=ops.id)
    assert (refused.value.response["error"], refused.value.response["needed"]) == ("missing_scope", "channels:history")
    for token, error in (
        ("", "not_authed"),
        ("xoxb-other", "invalid_auth"),
        (slack.app_token, "not_allowed_token_type"),
    ):
        with pytest.raises(SlackApiError, match=error):
            await AsyncWebClient(token, base_url=slack.base_url).auth_test()
    slack.rotate_token("xoxb-2-new")
    with pytest.raises(SlackApiError, match="token_revoked"):
        await web.auth_test()
    await AsyncWebClient("xoxb-2-new", base_url=slack.base_url).auth_test()


async def test_an_app_token_stands_in_the_header_alone(slack: SlackServer) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{slack.base_url}apps.connections.open", data={"token": slack.app_token}) as answer,
    ):
        assert await answer.json() == {
            "ok": False,
            "error": "invalid_auth",
            "response_metadata": {"messages": ["[ERROR] the token goes into the header, nowhere else"]},
        }


async def test_many_posts_at_once_each_have_an_id_of_their_own(web: AsyncWebClient, ops: Channel) -> None:
    await asyncio.gather(*(web.chat_postMessage(channel=ops.id, text=f"{number}") for number in range(20)))
    assert len({post.ts for post in ops.posts}) == 20
