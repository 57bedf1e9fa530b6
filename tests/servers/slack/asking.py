"""The methods that ask the platform about the app, its channels and people."""

from collections.abc import Callable, Mapping
from typing import Any

from tests.servers.slack.channel import Channel
from tests.servers.slack.errors import ApiError, Breach
from tests.servers.slack.post import Post
from tests.servers.slack.world import World

Arguments = Mapping[str, Any]


def auth_test(world: World, given: Arguments) -> dict[str, Any]:
    body = {
        "url": "https://deck.slack.com/",
        "team": "Deck",
        "user": world.bot.name,
        "team_id": world.team_id,
        "user_id": world.bot.id,
        "bot_id": world.bot_id,
        "is_enterprise_install": world.is_org_wide,
    }
    return {**body, "enterprise_id": world.enterprise_id} if world.enterprise_id else body


def users_info(world: World, given: Arguments) -> dict[str, Any]:
    return {"user": world.account(given["user"]).shape()}


def conversations_info(world: World, given: Arguments) -> dict[str, Any]:
    channel = world.find(given["channel"])
    members = {"num_members": len(channel.members)} if given.get("include_num_members") else {}
    return {"channel": {**channel.shape(), **members}}


def conversations_members(world: World, given: Arguments) -> dict[str, Any]:
    channel = world.find(given["channel"])
    members = sorted({*channel.members, world.bot.id} if channel.has_app else channel.members)
    page, cursor = _page(members, given, str)
    return {"members": page, "response_metadata": {"next_cursor": cursor}}


def conversations_open(world: World, given: Arguments) -> dict[str, Any]:
    if "channel" in given:
        return {"channel": {"id": world.find(given["channel"]).id}, "no_op": True, "already_open": True}
    users = [one for one in given.get("users", "").split(",") if one]
    if not users:
        raise ApiError("users_list_not_supplied")
    if len(users) > 1:
        raise Breach("this test server opens conversations with one person only")
    account = world.account(users[0])
    if account.is_deleted:
        raise ApiError("user_disabled")
    channel = world.direct(account)
    return {"channel": channel.shape() if given.get("return_im") else {"id": channel.id}}


def conversations_history(world: World, given: Arguments) -> dict[str, Any]:
    channel = world.find(given["channel"])
    if not channel.has_app:
        raise ApiError("not_in_channel")
    posts = [post for post in reversed(channel.main) if _is_between(post, given)]
    return {**_messages(world, channel, posts, given), "pin_count": len(channel.pinned)}


def conversations_replies(world: World, given: Arguments) -> dict[str, Any]:
    channel = world.find(given["channel"])
    if not channel.has_app:
        raise ApiError("channel_not_found")
    asked = channel.find(given["ts"])
    if asked is None:
        raise ApiError("thread_not_found")
    first = channel.find(asked.thread_ts or asked.ts) or asked
    replies = [post for post in channel.thread(first.ts) if _is_between(post, given)]
    return _messages(world, channel, [first, *replies], given)


def _messages(world: World, channel: Channel, posts: list[Post], given: Arguments) -> dict[str, Any]:
    page, cursor = _page(posts, given, lambda post: post.ts)
    with_metadata = given.get("include_all_metadata", False)
    body: dict[str, Any] = {
        "messages": [world.shape_of(channel, post, with_metadata=with_metadata) for post in page],
        "has_more": bool(cursor),
    }
    return {**body, "response_metadata": {"next_cursor": cursor}} if cursor else body


def _is_between(post: Post, given: Arguments) -> bool:
    at, oldest, latest = float(post.ts), given.get("oldest"), given.get("latest")
    edges = {edge for edge in (oldest, latest) if edge is not None}
    if post.ts in edges:
        return bool(given.get("inclusive", False))
    return (oldest is None or at > float(oldest)) and (latest is None or at < float(latest))


def _page(things: list[Any], given: Arguments, key: Callable[[Any], str]) -> tuple[list[Any], str]:
    """The things from the cursor on, as many as asked for, and the cursor of the rest (empty at the end)."""
    limit = given.get("limit", 100)
    if not 1 <= limit <= 999:
        raise Breach("limit should be from 1 to 999")
    start = 0
    if given.get("cursor"):
        keys = [key(thing) for thing in things]
        after = given["cursor"].removeprefix("from:")
        if after not in keys:
            raise ApiError("invalid_cursor")
        start = keys.index(after)
    rest = things[start + limit :]
    return things[start : start + limit], f"from:{key(rest[0])}" if rest else ""
