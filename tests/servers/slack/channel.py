"""A conversation: a public or private channel, or the direct one of a person and the app."""

from collections.abc import Mapping
from typing import Any

from tests.servers.common.bell import Bell
from tests.servers.slack.account import Account
from tests.servers.slack.post import Post

#: Older ones are forgotten, as a benchmark may post without end.
_POSTS_KEPT = 20_000


class Channel:
    """`kind` is `channel`, `group` (a private channel) or `im`; `with_person` is who it is with."""

    def __init__(
        self, channel_id: str, name: str, kind: str, changed: Bell, *, with_person: Account | None = None
    ) -> None:
        self.id = channel_id
        self.name = name
        self.kind = kind
        self.with_person = with_person
        self.members: set[str] = set()
        #: Whether the app was invited; without it, it posts in public channels only, and reads in none.
        self.has_app = True
        self.is_archived = False
        #: Who may post was restricted, and the app may not.
        self.is_restricted = False
        #: With people of other workspaces.
        self.is_shared = False
        #: The ids of what is pinned, the last pinned one last.
        self.pinned: list[str] = []
        self.deleted: list[Post] = []
        #: What single people were shown.
        self.ephemeral: list[Post] = []
        self._changed = changed
        self._posts: dict[str, Post] = {}

    @property
    def posts(self) -> list[Post]:
        """Everybody's posts as people see them now, with those in threads, in the order of posting."""
        return list(self._posts.values())

    @property
    def from_app(self) -> list[Post]:
        return [post for post in self.posts if post.is_from_app]

    @property
    def main(self) -> list[Post]:
        """What the channel itself shows: without what stands in threads only."""
        return [post for post in self.posts if post.thread_ts in (None, post.ts) or post.is_broadcast]

    def thread(self, ts: str) -> list[Post]:
        """The replies under a post."""
        return [post for post in self.posts if post.thread_ts == ts and post.ts != ts]

    def find(self, ts: str) -> Post | None:
        return self._posts.get(ts)

    def existed(self, ts: str) -> bool:
        return ts in self._posts or any(post.ts == ts for post in self.deleted)

    def put(self, post: Post) -> Post:
        """Show a post, new or changed."""
        self._posts[post.ts] = post
        if len(self._posts) > _POSTS_KEPT:
            del self._posts[next(iter(self._posts))]
        self._changed.ring()
        return post

    def remove(self, post: Post) -> None:
        """A post is deleted, by the app or by a person."""
        self.deleted.append(self._posts.pop(post.ts))
        self.pinned = [ts for ts in self.pinned if ts != post.ts]
        self._changed.ring()

    def replies_shape(self, ts: str) -> dict[str, Any]:
        """What a post says of its thread, where it has one."""
        replies = self.thread(ts)
        if not replies:
            return {}
        return {
            "thread_ts": ts,
            "reply_count": len(replies),
            "latest_reply": replies[-1].ts,
            "reply_users": sorted({reply.author.id for reply in replies}),
        }

    def shape_of(self, post: Post, app: Mapping[str, Any], *, with_metadata: bool = False) -> dict[str, Any]:
        return {**post.shape(app, with_metadata=with_metadata), **self.replies_shape(post.ts)}

    def shape(self) -> dict[str, Any]:
        """The channel as conversations.info tells it."""
        body: dict[str, Any] = {
            "id": self.id,
            "is_archived": self.is_archived,
            "is_im": self.kind == "im",
            "is_org_shared": False,
            "is_ext_shared": self.is_shared,
        }
        if self.with_person is not None:
            return {**body, "user": self.with_person.id, "is_user_deleted": self.with_person.is_deleted}
        return {
            **body,
            "name": self.name,
            "name_normalized": self.name,
            "is_channel": self.kind == "channel",
            "is_group": False,
            "is_mpim": False,
            "is_private": self.kind == "group",
            "is_general": False,
            "is_shared": self.is_shared,
            "is_member": self.has_app,
            "topic": {"value": "", "creator": "", "last_set": 0},
            "purpose": {"value": "", "creator": "", "last_set": 0},
        }

    def picture(self, last: int = 12) -> str:
        """What the channel shows, for a person who reads why a test failed."""
        lines = [f"{self.kind} {self.id} {self.name}".rstrip()]
        for post in self.posts[-last:]:
            edits = f" (edited {len(post.edits)}x)" if post.edits else ""
            inner = "  > " if post.thread_ts not in (None, post.ts) else "  "
            lines.append(f"{inner}{post.ts} {post.author.name}: {post.words!r}{edits}")
            if post.labels:
                lines.append("      " + " ".join(f"[{label}]" for label in post.labels))
        lines += [f"  only for {post.only_for}: {post.words!r}" for post in self.ephemeral[-last:]]
        return "\n".join(lines if len(lines) > 1 else [*lines, "  (nothing)"])
