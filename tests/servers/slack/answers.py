"""What becomes of what the app says with an acknowledgement."""

from collections.abc import Callable, Mapping
from typing import Any

from tests.servers.slack.block_kit import problems_of_response_options
from tests.servers.slack.calls import CallLog
from tests.servers.slack.channel import Channel
from tests.servers.slack.deliveries import Delivery
from tests.servers.slack.errors import ApiError, Breach
from tests.servers.slack.responses import Responses
from tests.servers.slack.viewing import checked_view
from tests.servers.slack.views import View
from tests.servers.slack.world import World


class Answers:
    """What the platform would not show is recorded as a breach: it tells the app nothing."""

    def __init__(self, world: World, responses: Responses, log: CallLog) -> None:
        self._world = world
        self._responses = responses
        self._log = log

    def to_command(self, delivery: Delivery, channel: Channel, user_id: str) -> None:
        """Show what was said with the acknowledgement of a command."""
        if delivery.answer:
            self._watched("answer to a command", lambda: self._responses.show(channel, user_id, delivery.answer))

    def to_suggestion(self, delivery: Delivery) -> list[Mapping[str, Any]]:
        """The options of an external menu; raises `LookupError` where the app offers none in time."""
        if not delivery.is_acked or not isinstance(delivery.answer, dict):
            raise LookupError(f"the menu could not be filled: {delivery.trouble or 'there was no answer'}")
        problems = problems_of_response_options(delivery.answer)
        if problems:
            self._log.breach("block_suggestion", "; ".join(problems), delivery.answer)
            raise LookupError(f"the menu could not be filled: {problems}")
        groups = delivery.answer.get("option_groups", [{"options": delivery.answer.get("options", [])}])
        return [option for group in groups for option in group["options"]]

    def to_submission(self, delivery: Delivery, view: View) -> None:
        """Close the modal, or do with it what the app has said; where it said nothing in time, it stays open."""
        if delivery.is_acked:
            self._watched("view_submission", lambda: self._respond(delivery.answer or {}, view))

    def _respond(self, answer: Mapping[str, Any], view: View) -> None:
        views = self._world.views
        match answer.get("response_action"):
            case None if not answer:
                views.close(view.user_id)
            case "clear":
                views.close(view.user_id, everything=True)
            case "errors":
                inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
                said = answer["errors"]
                unknown = set(said) - inputs
                if unknown or not said or not all(isinstance(one, str) and one.strip() for one in said.values()):
                    raise Breach(f"errors are texts for inputs of the view by block_id: {said}")
                self._world.changed.ring()
            case "update":
                views.change(view, checked_view(answer["view"], "modal"))
            case "push":
                views.show(view.user_id, checked_view(answer["view"], "modal"), push=True, channel_id=view.channel_id)
            case other:
                raise Breach(f"no such response_action: {other!r}")

    def _watched(self, what: str, act: Callable[[], None]) -> None:
        try:
            act()
        except ApiError as error:
            self._log.breach(what, error.reason if isinstance(error, Breach) else error.error)
