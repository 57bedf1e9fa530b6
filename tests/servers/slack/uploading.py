"""The methods that take files in."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from tests.servers.slack.channel import Channel
from tests.servers.slack.errors import ApiError, Breach
from tests.servers.slack.limits import FILE_ALT_CHARS, FILE_BYTES
from tests.servers.slack.post import File, Post
from tests.servers.slack.posting import admit, content_of, thread_of
from tests.servers.slack.world import World

Arguments = Mapping[str, Any]


def get_upload_url(world: World, given: Arguments, address: Callable[[str], str]) -> dict[str, Any]:
    """`address` makes the URL of a file's id."""
    if len(given.get("alt_txt", "")) > FILE_ALT_CHARS:
        raise Breach("alt_txt is too long", "alt_txt_too_large")
    if given["length"] > FILE_BYTES:
        raise ApiError("file_upload_size_restricted")
    file_id = world.files.promise(given["filename"], given["length"], given.get("alt_txt", ""))
    return {"upload_url": address(file_id), "file_id": file_id}


def complete_upload(world: World, given: Arguments) -> dict[str, Any]:
    """Share the files in a channel. The platform does it after it has answered: the answer has no `ts`."""
    wanted = given["files"]
    if not isinstance(wanted, list) or any(not isinstance(one, dict) or "id" not in one for one in wanted):
        raise Breach("files is an array of {id, title}")
    if "channels" in given:
        raise Breach("this test server shares files in one channel: give channel_id")
    channel = None
    if "channel_id" in given:
        channel = world.find(given["channel_id"])
        admit(world, channel)
        thread_of(channel, given)
    if "blocks" in given and "initial_comment" in given:
        raise Breach("initial_comment and blocks exclude each other")
    files = tuple(world.files.finish(str(one["id"]), str(one.get("title", ""))) for one in wanted)
    if channel is not None:
        _share(world, channel, files, given)
    return {"files": [{"id": file.id, "title": file.title} for file in files]}


def delete_file(world: World, given: Arguments) -> dict[str, Any]:
    """Take a file away, and what showed nothing but it."""
    file = world.files.delete(given["file"])
    for channel in world.channels.values():
        for post in [post for post in channel.posts if file in post.files]:
            left = tuple(one for one in post.files if one is not file)
            if left or post.text or post.blocks:
                channel.put(replace(post, files=left))
            else:
                channel.remove(post)
    return {}


def _share(world: World, channel: Channel, files: tuple[File, ...], given: Arguments) -> None:
    said = {"text": given.get("initial_comment", ""), "blocks": given.get("blocks")}
    if said["blocks"] and not said["text"]:
        said["text"] = " "
    content = content_of(world, said, "invalid_blocks", has_files=True)
    channel.put(
        Post(channel.id, world.next_ts(), world.bot, **content, thread_ts=thread_of(channel, given), files=files)
    )
