"""What the app says in answer: by a `response_url`, or with the acknowledgement of a command."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.servers.slack.channel import Channel
from tests.servers.slack.errors import ApiError, Breach
from tests.servers.slack.limits import RESPONSE_URL_S, RESPONSE_URL_USES
from tests.servers.slack.post import Post
from tests.servers.slack.posting import content_of, thread_of
from tests.servers.slack.world import World

_FIELDS = frozenset(
    {
        "text",
        "blocks",
        "response_type",
        "replace_original",
        "delete_original",
        "thread_ts",
        "unfurl_links",
        "unfurl_media",
        "metadata",
        "mrkdwn",
    }
)


@dataclass(slots=True)
class Grant:
    """One address: good five times, for half an hour. `post` is what was pressed, where something was."""

    channel: Channel
    user_id: str
    post: Post | None
    at: float
    uses: int = 0


class Responses:
    """Every address that was given out. The app answers there also where it is no member."""

    def __init__(self, world: World, address: Callable[[str], str]) -> None:
        self._world = world
        self._address = address
        self._grants: dict[str, Grant] = {}

    def grant(self, channel: Channel, user_id: str, post: Post | None = None) -> str:
        key = f"{self._world.team_id}/{len(self._grants) + 1}"
        self._grants[key] = Grant(channel, user_id, post, self._world.now())
        return self._address(key)

    def channel_of(self, key: str) -> str | None:
        grant = self._grants.get(key)
        return None if grant is None else grant.channel.id

    def take(self, key: str, said: Mapping[str, Any]) -> None:
        """Show what was said at an address; raises `ApiError`."""
        grant = self._grants.get(key)
        if grant is None:
            raise ApiError("not_found")
        if self._world.now() - grant.at > RESPONSE_URL_S:
            raise ApiError("expired_url")
        if grant.uses >= RESPONSE_URL_USES:
            raise ApiError("used_url")
        grant.uses += 1
        if said.get("delete_original"):
            self._delete(grant)
            return
        self.show(grant.channel, grant.user_id, said, grant.post)

    def show(self, channel: Channel, user_id: str, said: Mapping[str, Any], pressed: Post | None = None) -> None:
        """To the one person, unless it is said to be for the channel."""
        for name in said:
            if name not in _FIELDS:
                raise Breach(f"an answer has no {name!r}")
        response_type = said.get("response_type", "ephemeral")
        if response_type not in ("ephemeral", "in_channel"):
            raise Breach(f"response_type is ephemeral or in_channel, not {response_type!r}")
        content = content_of(self._world, said, "invalid_blocks")
        if pressed is not None and said.get("replace_original", False):
            self._replace(channel, pressed, content)
            return
        only_for = user_id if response_type == "ephemeral" else None
        thread_ts = thread_of(channel, said)
        post = Post(
            channel.id, self._world.next_ts(), self._world.bot, **content, thread_ts=thread_ts, only_for=only_for
        )
        if only_for is None:
            channel.put(post)
        else:
            channel.ephemeral.append(post)
        self._world.changed.ring()

    def _replace(self, channel: Channel, pressed: Post, content: Mapping[str, Any]) -> None:
        at = self._world.next_ts()
        if pressed.only_for is None:
            channel.put(self._world.found(channel, pressed.ts).edited(at, **content))
            return
        for index, post in enumerate(channel.ephemeral):
            if post.ts == pressed.ts:
                channel.ephemeral[index] = post.edited(at, **content)
        self._world.changed.ring()

    def _delete(self, grant: Grant) -> None:
        if grant.post is None:
            raise Breach("nothing was pressed that could be deleted")
        if grant.post.only_for is None:
            grant.channel.remove(self._world.found(grant.channel, grant.post.ts))
        else:
            grant.channel.ephemeral = [one for one in grant.channel.ephemeral if one.ts != grant.post.ts]
            self._world.changed.ring()
