"""All that a deed of somebody's passes through on its way to the app."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.servers.slack.answers import Answers
from tests.servers.slack.channel import Channel
from tests.servers.slack.deliveries import Delivery, Kind
from tests.servers.slack.office import Office
from tests.servers.slack.payloads import Payloads
from tests.servers.slack.responses import Responses
from tests.servers.slack.world import World

_HISTORY = {"channel": "channels:history", "group": "groups:history", "im": "im:history"}


@dataclass(frozen=True, slots=True)
class Stage:
    """What is owed goes by the office; what the app says to it by the answers."""

    world: World
    office: Office
    payloads: Payloads
    responses: Responses
    answers: Answers

    def tell(self, event: Mapping[str, Any]) -> Delivery:
        """Owe the app an event."""
        return self.office.send(Delivery(Kind.EVENT, self.payloads.event(event)))

    def tell_message(self, channel: Channel, event: Mapping[str, Any]) -> None:
        """Owe it where the app is in the channel, and may read it."""
        if channel.has_app and _HISTORY[channel.kind] in self.world.tokens.scopes:
            self.tell(event)
