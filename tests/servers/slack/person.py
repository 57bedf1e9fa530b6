"""A person of the workspace: what one does, and what one alone sees."""

from collections.abc import Mapping
from typing import Any

from tests.servers.slack.account import Account
from tests.servers.slack.channel import Channel
from tests.servers.slack.deliveries import Delivery, Kind
from tests.servers.slack.forms import Value, chosen, options_of, state_of
from tests.servers.slack.payloads import action
from tests.servers.slack.post import Control, Post
from tests.servers.slack.stage import Stage
from tests.servers.slack.views import View


class Person:
    """What is written returns at once; what waits for the app (a command, a press) when the app has answered, or not.

    A `Delivery` says which: `is_acked`, or the `trouble` that the platform would show the person.
    """

    def __init__(self, stage: Stage, account: Account) -> None:
        self.account = account
        self._stage = stage
        self._world = stage.world
        #: What external menus have suggested, by action id.
        self._suggested: dict[str, list[Mapping[str, Any]]] = {}

    @property
    def id(self) -> str:
        return self.account.id

    @property
    def name(self) -> str:
        return self.account.name

    @property
    def direct(self) -> Channel:
        """The conversation with the app."""
        return self._world.direct(self.account)

    @property
    def view(self) -> View | None:
        """The modal in front."""
        return next(iter(self.views), None)

    @property
    def views(self) -> list[View]:
        """All modals that are open, the one in front first."""
        return self._world.views.stack(self.id)

    @property
    def home(self) -> View | None:
        """What the App Home shows; None before the app has published anything."""
        return self._world.views.home(self.id)

    def sees(self, channel: Channel) -> list[Post]:
        """What the app has shown to this person alone."""
        return [post for post in channel.ephemeral if post.only_for == self.id]

    # Writing.

    async def say(
        self, channel: Channel, text: str, *, thread_ts: str | None = None, at: float | None = None, **extra: Any
    ) -> Post:
        """`text` as the platform tells it: `& < >` escaped. `at` is when (Unix seconds), if not now."""
        ts = self._world.next_ts() if at is None else f"{at:.6f}"
        post = Post(channel.id, ts, self.account, text, thread_ts=thread_ts, extra=extra)
        channel.members.add(self.id)
        channel.put(post)
        if channel.has_app and f"<@{self._world.bot.id}>" in text and "app_mentions:read" in self._world.tokens.scopes:
            self._stage.tell(self._stage.payloads.message(channel, post, mention=True))
        self._stage.tell_message(channel, self._stage.payloads.message(channel, post))
        return post

    async def mention(self, channel: Channel, text: str, **more: Any) -> Post:
        """Say something to the app."""
        return await self.say(channel, f"<@{self._world.bot.id}> {text}", **more)

    async def edit(self, channel: Channel, post: Post, text: str) -> Post:
        """Change what one has said."""
        changed = channel.put(post.edited(self._world.next_ts(), text=text))
        app = self._world.app_shape()
        event = {"subtype": "message_changed", "message": changed.shape(app), "previous_message": post.shape(app)}
        self._stage.tell_message(channel, self._about(channel, event))
        return changed

    async def delete(self, channel: Channel, post: Post) -> None:
        """Take away what was said; an admin may also take away what the app said."""
        channel.remove(post)
        previous = post.shape(self._world.app_shape())
        event = {"subtype": "message_deleted", "deleted_ts": post.ts, "previous_message": previous}
        self._stage.tell_message(channel, self._about(channel, event))

    # Asking.

    async def slash(self, channel: Channel, line: str) -> Delivery:
        """Send a command such as `/deck status`; the app needs not be in the channel."""
        if "commands" not in self._world.tokens.scopes:
            raise LookupError("without the scope `commands` the app has no commands")
        command, _, text = line.partition(" ")
        address = self._stage.responses.grant(channel, self.id)
        payload = self._stage.payloads.command(channel, self.account, command, text.strip(), address)
        delivery = await self._send(Delivery(Kind.COMMAND, payload, accepts_answer=True))
        self._stage.answers.to_command(delivery, channel, self.id)
        return delivery

    async def click(self, channel: Channel, post: Post, label: str, option: str | None = None) -> Delivery:
        """Press what reads `label`: a button, an entry of a menu; with `option` choose it in the menu `label`."""
        now = next((one for one in self.sees(channel) if one.ts == post.ts), None) or channel.find(post.ts) or post
        control, what = self._find(now.controls, label, option)
        address = self._stage.responses.grant(channel, self.id, now)
        payload = self._stage.payloads.on_post(channel, now, self.account, address)
        return await self._press(payload, control, what)

    async def click_forged(self, channel: Channel, post: Post, element: Mapping[str, Any]) -> Delivery:
        """Press an element that is not there: one of long ago, or made up."""
        address = self._stage.responses.grant(channel, self.id, post)
        payload = self._stage.payloads.on_post(channel, post, self.account, address)
        return await self._press(payload, Control("gone", {"action_id": "gone", **element}), {})

    async def click_once_there(
        self, channel: Channel, post: Post, control: Control, what: Mapping[str, Any]
    ) -> Delivery:
        """Press what the post showed at some time: a phone may have missed the edits. `what` says what was chosen."""
        address = self._stage.responses.grant(channel, self.id, post)
        payload = self._stage.payloads.on_post(channel, post, self.account, address)
        return await self._press(payload, control, what)

    async def press(
        self, view: View, label: str, option: str | None = None, values: Mapping[str, Value] | None = None
    ) -> Delivery:
        """The same in a modal or a Home; `values` is what was written into it before."""
        control, what = self._find(view.controls, label, option)
        state = state_of(view, values, self._suggested) if values else {}
        return await self._press(self._stage.payloads.on_view(view, self.account, state), control, what)

    async def press_forged(self, view: View, element: Mapping[str, Any]) -> Delivery:
        """Press an element that is not there."""
        payload = self._stage.payloads.on_view(view, self.account, {})
        return await self._press(payload, Control("gone", {"action_id": "gone", **element}), {})

    async def look_up(self, where: Post | View, label: str, typed: str = "") -> tuple[str, ...]:
        """Open an external menu, and type; returns what the app offers, or raises `LookupError` where it says none."""
        control = next(one for one in where.controls if label in (one.label, one.action_id))
        if isinstance(where, View):
            base = self._stage.payloads.on_view(where, self.account, {})
        else:
            base = self._stage.payloads.on_post(self._world.channels[where.channel_id], where, self.account, "")
            del base["response_url"], base["state"]
        del base["trigger_id"]
        named = {"action_id": control.action_id, "block_id": control.block_id, "value": typed}
        payload = {**base, **named, "type": "block_suggestion"}
        delivery = await self._send(Delivery(Kind.INTERACTION, payload, accepts_answer=True))
        offered = self._stage.answers.to_suggestion(delivery)
        self._suggested[control.action_id] = offered
        return tuple(str(option["text"]["text"]) for option in offered)

    async def submit(self, view: View, values: Mapping[str, Value] | None = None) -> Delivery:
        """Send a modal; `values` go by label, block_id or action_id."""
        state = state_of(view, values or {}, self._suggested)
        payload = self._stage.payloads.submission(view, self.account, state)
        delivery = await self._send(Delivery(Kind.INTERACTION, payload, accepts_answer=True))
        self._stage.answers.to_submission(delivery, view)
        return delivery

    async def close_view(self) -> Delivery | None:
        """Close the modal in front; the app is told where it asked to be."""
        (view,) = self._world.views.close(self.id)
        if not view.body.get("notify_on_close"):
            return None
        payload = self._stage.payloads.closed(view, self.account, is_cleared=False)
        return await self._send(Delivery(Kind.INTERACTION, payload))

    async def opens_home(self) -> Delivery:
        """Open the Home of the app; returns when the app has acknowledged."""
        home = self.home
        event: dict[str, Any] = {
            "type": "app_home_opened",
            "user": self.id,
            "channel": self.direct.id,
            "tab": "home",
            "event_ts": self._world.next_ts(),
        }
        if home is not None:
            event["view"] = self._stage.payloads.on_view(home, self.account, {})["view"]
        delivery = self._stage.tell(event)
        await delivery.done.wait()
        return delivery

    def _find(self, controls: list[Control], label: str, option: str | None) -> tuple[Control, dict[str, Any]]:
        for control in controls:
            offered = self._suggested.get(control.action_id, options_of(control.element))
            if option is not None and label in (control.label, control.action_id):
                return control, chosen(control.element, option, offered)
            if option is None and control.element["type"] == "button" and control.label == label:
                return control, {}
            if option is None and label in control.choices:
                return control, chosen(control.element, label, offered)
        raise LookupError(f"nothing reads {label!r} among {[(one.label, *one.choices) for one in controls]}")

    async def _press(self, payload: dict[str, Any], control: Control, what: Mapping[str, Any]) -> Delivery:
        actions = [action(control, what, self._world.next_ts())]
        return await self._send(Delivery(Kind.INTERACTION, {**payload, "type": "block_actions", "actions": actions}))

    async def _send(self, delivery: Delivery) -> Delivery:
        self._stage.office.send(delivery)
        await delivery.done.wait()
        return delivery

    def _about(self, channel: Channel, event: Mapping[str, Any]) -> dict[str, Any]:
        at = self._world.next_ts()
        body = {"type": "message", "channel": channel.id, "channel_type": channel.kind, "ts": at, "event_ts": at}
        return {**body, "hidden": True, **event}
