"""The methods that show, change and take away what the app says."""

import json
from collections.abc import Mapping
from typing import Any

from tests.servers.slack import limits
from tests.servers.slack.block_kit import filled, problems_of_blocks, slack_files, texts_of, unescaped
from tests.servers.slack.channel import Channel
from tests.servers.slack.errors import ApiError, Breach
from tests.servers.slack.post import Post
from tests.servers.slack.world import World

Arguments = Mapping[str, Any]


def post_message(world: World, given: Arguments) -> dict[str, Any]:
    channel = world.destination(given["channel"])
    admit(world, channel)
    content = content_of(world, given, "msg_blocks_too_long")
    post = Post(
        channel.id,
        world.next_ts(),
        world.bot,
        **content,
        thread_ts=thread_of(channel, given),
        metadata=_metadata(given),
        is_broadcast=given.get("reply_broadcast", False),
        unfurls=given.get("unfurl_links", True) or given.get("unfurl_media", True),
    )
    channel.put(post)
    return {"channel": channel.id, "ts": post.ts, "message": world.shape_of(channel, post, with_metadata=True)}


def post_ephemeral(world: World, given: Arguments) -> dict[str, Any]:
    channel = world.destination(given["channel"])
    admit(world, channel)
    if given["user"] not in channel.members:
        raise ApiError("user_not_in_channel")
    content = content_of(world, given, "msg_too_long", most=limits.RECOMMENDED_TEXT_CHARS)
    post = Post(
        channel.id,
        world.next_ts(),
        world.bot,
        **content,
        thread_ts=thread_of(channel, given),
        only_for=given["user"],
    )
    channel.ephemeral.append(post)
    world.changed.ring()
    return {"message_ts": post.ts}


def update(world: World, given: Arguments) -> dict[str, Any]:
    channel = world.find(given["channel"])
    if channel.is_archived:
        raise ApiError("is_inactive")
    post = _own(world, channel, given["ts"], "cant_update_message")
    if post.blocks and "text" in given and "blocks" not in given:
        raise Breach("text without blocks leaves open what becomes of the old blocks: give blocks, or [] for none")
    content = content_of(world, given, "msg_too_long", most=limits.RECOMMENDED_TEXT_CHARS, has_files=bool(post.files))
    changes = {name: value for name, value in content.items() if name in given}
    if "metadata" in given:
        # An empty one takes the old away; none leaves it.
        changes["metadata"] = _metadata(given) if given["metadata"] else None
    changed = channel.put(post.edited(world.next_ts(), **changes))
    shape = world.shape_of(channel, changed, with_metadata=True)
    return {"channel": channel.id, "ts": post.ts, "text": changed.text, "message": shape}


def delete(world: World, given: Arguments) -> dict[str, Any]:
    channel = world.find(given["channel"])
    channel.remove(_own(world, channel, given["ts"], "cant_delete_message"))
    return {"channel": channel.id, "ts": given["ts"]}


def get_permalink(world: World, given: Arguments) -> dict[str, Any]:
    channel = world.find(given["channel"])
    post = world.found(channel, given["message_ts"])
    address = f"https://deck.slack.com/archives/{channel.id}/p{post.ts.replace('.', '')}"
    return {"channel": channel.id, "permalink": address}


def admit(world: World, channel: Channel) -> None:
    """Raise `ApiError` where the app may not post."""
    if channel.is_archived:
        raise ApiError("is_archived")
    if not channel.has_app and not (channel.kind == "channel" and "chat:write.public" in world.tokens.scopes):
        raise ApiError("not_in_channel")
    if channel.is_restricted:
        raise ApiError("restricted_action")


def content_of(
    world: World,
    given: Arguments,
    too_long: str,
    *,
    most: int = limits.MESSAGE_TEXT_CHARS,
    has_files: bool = False,
) -> dict[str, Any]:
    """`text` and `blocks` as they are kept; raises `ApiError`, or `Breach` for what nobody should send."""
    text, blocks = given.get("text", ""), given.get("blocks") or []
    problems = problems_of_blocks(blocks)
    if problems:
        raise Breach("blocks are refused", "invalid_blocks", problems)
    missing = [where for where, file_id in slack_files(blocks) if world.files.find(file_id) is None]
    if missing:
        # Somebody may have deleted it: what is refused is no fault of who sends.
        raise ApiError(
            "invalid_blocks", {"errors": [f"invalid slack file [json-pointer:{where}]" for where in missing]}
        )
    if not text and not blocks and not has_files:
        raise ApiError("no_text")
    if blocks and not text:
        raise Breach("text is missing: it is what a notification reads")
    if len(text) > most:
        raise Breach(f"text has more than {most} characters", too_long)
    if sum(len(content) for _, content in texts_of(blocks)) > limits.MESSAGE_BLOCKS_TOTAL_CHARS:
        raise Breach(f"blocks have more than {limits.MESSAGE_BLOCKS_TOTAL_CHARS} characters together", too_long)
    parsed = [content for kind, content in texts_of(blocks) if kind == "mrkdwn"]
    for content in [*parsed, *([text] if given.get("mrkdwn", True) else [])]:
        if piece := unescaped(content):
            raise Breach(f"not escaped: {piece!r}")
    return {"text": text, "blocks": tuple(filled(blocks, 1))}


def thread_of(channel: Channel, given: Arguments) -> str | None:
    """The post to stand under; raises `Breach` where there never was one, or it stands under another itself."""
    ts = given.get("thread_ts")
    if ts is None:
        if given.get("reply_broadcast"):
            raise Breach("reply_broadcast goes with thread_ts only")
        return None
    if not channel.existed(ts):
        raise Breach(f"there never was a post {ts} to reply to")
    parent = channel.find(ts)
    if parent is not None and parent.thread_ts not in (None, ts):
        raise Breach("thread_ts should be the first post of the thread, not a reply")
    return str(ts)


def _own(world: World, channel: Channel, ts: str, refusal: str) -> Post:
    post = world.found(channel, ts)
    if post.author is not world.bot:
        raise ApiError(refusal)
    return post


def _metadata(given: Arguments) -> Mapping[str, Any] | None:
    metadata = given.get("metadata")
    if metadata is None:
        return None
    if (
        not isinstance(metadata, dict)
        or set(metadata) != {"event_type", "event_payload"}
        or not isinstance(metadata["event_type"], str)
        or not isinstance(metadata["event_payload"], dict)
    ):
        raise Breach("metadata is {event_type: string, event_payload: object}", "invalid_metadata_format")
    if len(json.dumps(metadata)) > limits.METADATA_BYTES:
        raise Breach("metadata is too large", "metadata_too_large")
    return metadata
