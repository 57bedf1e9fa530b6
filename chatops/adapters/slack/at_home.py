"""What Slack tells of the App Home: that somebody opened it, and what they pressed there (pure)."""

from dataclasses import dataclass

from chatops.adapters.slack.bare import bare, part
from chatops.adapters.slack.home_view import CLOSED
from chatops.adapters.slack.inbound import Unreadable, Update, identity_of
from chatops.people import Identity

#: The event that Slack tells, of a tab that it names.
OPENED = "app_home_opened"
_TAB = "home"


@dataclass(frozen=True, slots=True)
class Opening:
    """Somebody opened their page, or asks for it anew."""

    sender: Identity
    #: The hash of what they see; empty where they see nothing yet.
    shown: str
    #: Whether that is the page of whom we do not know.
    is_closed: bool


def opening(body: Update) -> Opening | None:
    """Who opened it, by the event or by the button that draws it anew; None where nobody did, or it cannot be read."""
    event = part(body, "event")
    if event and (event.get("type") != OPENED or event.get("tab") != _TAB):
        return None
    user, view = part(body, "user"), part(event, "view") or part(body, "view")
    said = {"user": event["user"]} if "user" in event else {"user": user.get("id"), "team": user.get("team_id")}
    try:
        sender = identity_of(said, bare("event" if event else "action", body, 0.0))
    except Unreadable:
        return None
    return Opening(sender, str(view.get("hash") or ""), view.get("callback_id") == CLOSED)
