"""A strict Slack for tests: `async with SlackServer() as server`."""

from tests.servers.common.calls import Violation
from tests.servers.common.faults import (
    DropAfterAccept,
    DropBeforeAccept,
    RefuseAfterAccept,
    Rule,
    StallAfterAccept,
    StallBeforeAccept,
)
from tests.servers.slack.account import Account
from tests.servers.slack.calls import Call
from tests.servers.slack.channel import Channel
from tests.servers.slack.deliveries import Delivery, Kind
from tests.servers.slack.errors import ApiError, RateLimited, Status
from tests.servers.slack.person import Person
from tests.servers.slack.post import Control, File, Post
from tests.servers.slack.server import SlackServer
from tests.servers.slack.signed_http import Tamper
from tests.servers.slack.views import View

__all__ = [
    "Account",
    "ApiError",
    "Call",
    "Channel",
    "Control",
    "Delivery",
    "DropAfterAccept",
    "DropBeforeAccept",
    "File",
    "Kind",
    "Person",
    "Post",
    "RateLimited",
    "RefuseAfterAccept",
    "Rule",
    "SlackServer",
    "StallAfterAccept",
    "StallBeforeAccept",
    "Status",
    "Tamper",
    "View",
    "Violation",
]
