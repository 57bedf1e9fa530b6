"""The methods that pin a post, or put a reaction to it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tests.servers.slack.channel import Channel
from tests.servers.slack.errors import ApiError
from tests.servers.slack.post import Post
from tests.servers.slack.world import World

Arguments = Mapping[str, Any]


def add_pin(world: World, given: Arguments) -> dict[str, Any]:
    channel = world.find(given["channel"])
    if not channel.has_app:
        raise ApiError("not_in_channel")
    post = _post(world, channel, given)
    if post.ts in channel.pinned:
        raise ApiError("already_pinned")
    channel.pinned.append(post.ts)
    return {}


def remove_pin(world: World, given: Arguments) -> dict[str, Any]:
    channel = world.find(given["channel"])
    post = _post(world, channel, given)
    if post.ts not in channel.pinned:
        raise ApiError("no_pin")
    channel.pinned.remove(post.ts)
    return {}


def list_pins(world: World, given: Arguments) -> dict[str, Any]:
    channel = world.find(given["channel"])
    posts = [world.found(channel, ts) for ts in reversed(channel.pinned)]
    items = [
        {
            "type": "message",
            "channel": channel.id,
            "message": world.shape_of(channel, post),
            "created": int(world.now()),
        }
        for post in posts
    ]
    return {"items": items}


def add_reaction(world: World, given: Arguments) -> dict[str, Any]:
    channel = world.find(given["channel"])
    if channel.is_archived:
        raise ApiError("is_archived")
    post, reaction = _post(world, channel, given), (_name(given), world.bot.id)
    if reaction in post.reactions:
        raise ApiError("already_reacted")
    channel.put(replace(post, reactions=(*post.reactions, reaction)))
    return {}


def remove_reaction(world: World, given: Arguments) -> dict[str, Any]:
    if "channel" not in given:
        raise ApiError("no_item_specified")
    channel = world.find(given["channel"])
    post, reaction = _post(world, channel, given), (_name(given), world.bot.id)
    if reaction not in post.reactions:
        raise ApiError("no_reaction")
    channel.put(replace(post, reactions=tuple(one for one in post.reactions if one != reaction)))
    return {}


def _post(world: World, channel: Channel, given: Arguments) -> Post:
    if "timestamp" not in given:
        raise ApiError("no_item_specified")
    return world.found(channel, given["timestamp"])


def _name(given: Arguments) -> str:
    name = str(given["name"])
    if not name.replace("_", "").replace("-", "").replace("+", "").isalnum():
        raise ApiError("invalid_name")
    return name
