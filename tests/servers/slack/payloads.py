"""What the app is sent when somebody does something, in the platform's shapes."""

from collections.abc import Mapping
from typing import Any

from tests.servers.slack.account import Account
from tests.servers.slack.channel import Channel
from tests.servers.slack.post import Control, Post
from tests.servers.slack.shapes import view_shape
from tests.servers.slack.views import View
from tests.servers.slack.world import World

#: Of old: what the platform still sends, and nobody should check.
_TOKEN = "verification-token-of-old"


class Payloads:
    """Makes payloads; an event has an id of its own."""

    def __init__(self, world: World) -> None:
        self._world = world

    def event(self, event: Mapping[str, Any]) -> dict[str, Any]:
        world = self._world
        return {
            "token": _TOKEN,
            "team_id": world.team_id,
            "enterprise_id": world.enterprise_id,
            "context_team_id": world.team_id,
            "context_enterprise_id": world.enterprise_id,
            "api_app_id": world.app_id,
            "event": dict(event),
            "type": "event_callback",
            "event_id": world.next_id("Ev"),
            "event_time": int(world.now()),
            "authorizations": [
                {
                    "enterprise_id": world.enterprise_id,
                    "team_id": None if world.is_org_wide else world.team_id,
                    "user_id": world.bot.id,
                    "is_bot": True,
                    "is_enterprise_install": world.is_org_wide,
                }
            ],
            "is_ext_shared_channel": "user_team" in event and self._has_strangers(event.get("channel")),
            "event_context": "4-eyJldCI6Im1lc3NhZ2UifQ",
        }

    def message(self, channel: Channel, post: Post, *, mention: bool = False) -> dict[str, Any]:
        """The event `message`, or `app_mention`; a program's post has a `bot_id`."""
        body = post.shape(self._world.app_shape())
        body.update(type="app_mention" if mention else "message", channel=channel.id, event_ts=post.ts)
        if not mention:
            body["channel_type"] = channel.kind
        if post.author.is_bot and not post.author.is_app:
            body.update(subtype="bot_message", bot_id=post.author.id.replace("U", "B", 1))
        else:
            body.setdefault("client_msg_id", f"message-{post.ts}")
        if post.author.team_id != self._world.team_id:
            body.update(user_team=post.author.team_id, source_team=post.author.team_id)
        if post.thread_ts is not None:
            parent = channel.find(post.thread_ts)
            body["parent_user_id"] = parent.author.id if parent else None
        return body

    def command(self, channel: Channel, by: Account, command: str, text: str, response_url: str) -> dict[str, str]:
        world = self._world
        body = {
            "token": _TOKEN,
            "team_id": by.team_id,
            "team_domain": "deck",
            "channel_id": channel.id,
            "channel_name": channel.name or "directmessage",
            "user_id": by.id,
            "user_name": by.name.lower(),
            "command": command,
            "text": text,
            "api_app_id": world.app_id,
            "is_enterprise_install": str(world.is_org_wide).lower(),
            "response_url": response_url,
            "trigger_id": world.views.trigger(by.id, channel.id),
        }
        if world.enterprise_id:
            body.update(enterprise_id=world.enterprise_id, enterprise_name="Deck")
        return body

    def on_post(self, channel: Channel, post: Post, by: Account, response_url: str) -> dict[str, Any]:
        """What every press on a post carries; of an ephemeral one the platform does not tell the message."""
        body = {
            **self._by(by),
            "trigger_id": self._world.views.trigger(by.id, channel.id),
            "container": {
                "type": "message",
                "message_ts": post.ts,
                "channel_id": channel.id,
                "is_ephemeral": post.only_for is not None,
                **({"thread_ts": post.thread_ts} if post.thread_ts else {}),
            },
            "channel": {"id": channel.id, "name": channel.name or "directmessage"},
            "response_url": response_url,
            "state": {"values": {}},
        }
        if post.only_for is None:
            body["message"] = self._world.shape_of(channel, post)
        return body

    def on_view(self, view: View, by: Account, values: Mapping[str, Any]) -> dict[str, Any]:
        """What every press in a view carries."""
        return {
            **self._by(by),
            "trigger_id": self._world.views.trigger(by.id, view.channel_id, view.id),
            "container": {"type": "view", "view_id": view.id},
            "view": view_shape(self._world, view, values),
        }

    def submission(self, view: View, by: Account, values: Mapping[str, Any]) -> dict[str, Any]:
        body = self.on_view(view, by, values)
        del body["container"]
        return {**body, "type": "view_submission", "response_urls": []}

    def closed(self, view: View, by: Account, *, is_cleared: bool) -> dict[str, Any]:
        shape = view_shape(self._world, view)
        return {**self._by(by), "type": "view_closed", "view": shape, "is_cleared": is_cleared}

    def _has_strangers(self, channel_id: Any) -> bool:
        members = self._world.channels[channel_id].members if channel_id in self._world.channels else set()
        return any(self._world.accounts[one].is_stranger for one in members)

    def _by(self, by: Account) -> dict[str, Any]:
        world = self._world
        enterprise = {"id": world.enterprise_id, "name": "Deck"} if world.enterprise_id else None
        return {
            "token": _TOKEN,
            "api_app_id": world.app_id,
            "team": None if world.is_org_wide else {"id": world.team_id, "domain": "deck"},
            "enterprise": enterprise,
            "is_enterprise_install": world.is_org_wide,
            "user": {"id": by.id, "username": by.name.lower(), "name": by.name.lower(), "team_id": by.team_id},
        }


def action(control: Control, chosen: Mapping[str, Any], at: str) -> dict[str, Any]:
    """One entry of `actions`: what was pressed, or chosen."""
    element = control.element
    body: dict[str, Any] = {
        "type": element["type"],
        "action_id": control.action_id,
        "block_id": control.block_id,
        "action_ts": at,
        **chosen,
    }
    for name in ("text", "value", "style", "placeholder"):
        if name in element and name not in body:
            body[name] = element[name]
    return body
