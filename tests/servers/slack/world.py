"""The workspace: who exists, where they talk, and the app that is served."""

from collections.abc import Callable
from typing import Any

from tests.servers.common.bell import Bell
from tests.servers.slack.account import Account
from tests.servers.slack.channel import Channel
from tests.servers.slack.errors import ApiError
from tests.servers.slack.files import Files
from tests.servers.slack.post import Post
from tests.servers.slack.tokens import Tokens
from tests.servers.slack.views import Views


class World:
    """`now` gives Unix seconds. Every id is new, and says what it is the id of."""

    def __init__(
        self,
        now: Callable[[], float],
        tokens: Tokens,
        team_id: str,
        enterprise_id: str | None,
        *,
        is_org_wide: bool = False,
    ) -> None:
        self.now = now
        self.tokens = tokens
        self.team_id = team_id
        self.enterprise_id = enterprise_id
        #: Whether the app was installed on the whole organization.
        self.is_org_wide = is_org_wide
        self.app_id = "A0DECK00001"
        self.bot_id = "B0DECK00001"
        #: Rings whenever something that a test can see has changed.
        self.changed = Bell()
        self.bot = Account("U0DECK00001", "deck", team_id, is_bot=True, is_app=True)
        self.accounts: dict[str, Account] = {self.bot.id: self.bot}
        self.channels: dict[str, Channel] = {}
        self.files = Files(self.next_id)
        self.views = Views(now, self.next_id, self.changed)
        #: Whether people may write to the app in its own tab.
        self.has_messages_tab = True
        self._last_id = 0
        self._last_micros = 0

    def next_id(self, kind: str) -> str:
        """`kind` is the first letter: U a user, C a channel, D a direct one, F a file, V a view."""
        self._last_id += 1
        return f"{kind}0{self._last_id:09d}"

    def next_ts(self) -> str:
        """The moment as the id of a post: later than every one before, also where the clock stands."""
        self._last_micros = max(self._last_micros + 1, int(self.now() * 1_000_000))
        seconds, micros = divmod(self._last_micros, 1_000_000)
        return f"{seconds}.{micros:06d}"

    def app_shape(self) -> dict[str, Any]:
        """What stands in every post of the app's."""
        return {
            "bot_id": self.bot_id,
            "app_id": self.app_id,
            "bot_profile": {
                "id": self.bot_id,
                "app_id": self.app_id,
                "user_id": self.bot.id,
                "name": self.bot.name,
                "deleted": False,
                "team_id": self.team_id,
            },
        }

    def shape_of(self, channel: Channel, post: Post, *, with_metadata: bool = False) -> dict[str, Any]:
        return channel.shape_of(post, self.app_shape(), with_metadata=with_metadata)

    def account(self, user_id: str) -> Account:
        account = self.accounts.get(user_id)
        if account is None:
            raise ApiError("user_not_found")
        return account

    def direct(self, account: Account) -> Channel:
        """The conversation of a person with the app, opened if it was not yet."""
        for channel in self.channels.values():
            if channel.with_person is account:
                return channel
        opened = Channel(self.next_id("D"), "", "im", self.changed, with_person=account)
        opened.members.add(account.id)
        self.channels[opened.id] = opened
        return opened

    def find(self, channel_id: str) -> Channel:
        """The channel, if the app can see that there is one."""
        channel = self.channels.get(channel_id)
        if channel is None or (channel.kind == "group" and not channel.has_app):
            raise ApiError("channel_not_found")
        return channel

    def destination(self, channel_id: str) -> Channel:
        """Where a post goes: the id of a person is that of the conversation with the app."""
        account = self.accounts.get(channel_id)
        channel = self.direct(account) if account is not None and not account.is_bot else self.find(channel_id)
        if channel.with_person is not None:
            if channel.with_person.is_deleted:
                raise ApiError("channel_not_found")
            if not self.has_messages_tab:
                raise ApiError("messages_tab_disabled")
        return channel

    def found(self, channel: Channel, ts: str) -> Post:
        post = channel.find(ts)
        if post is None:
            raise ApiError("message_not_found")
        return post
