"""What people do in their App Home, from what Slack tells of it."""

from typing import Any

import pytest

from chatops.adapters.slack.at_home import Opening, opening
from chatops.adapters.slack.bare import bare, storable
from chatops.adapters.slack.home_view import CLOSED
from chatops.adapters.slack.inbound import Unreadable, read
from chatops.messages import Text
from chatops.people import Identity
from chatops.room import Room
from tests.chatops.adapters.slack.bodies import US, action, event

ADA = Identity("slack", "T0HOME/U1")


def opened(**fields: Any) -> dict[str, Any]:
    return event(type="app_home_opened", tab="home", team=None, **fields)


def pressed(value: object = "positions alpha", **fields: Any) -> dict[str, Any]:
    """A press in a home, as Slack tells it."""
    body = action(view={"type": "home", "hash": "1.a"}, container={"type": "view", "view_id": "V1"}, **fields)
    body["actions"][0]["value"] = value
    del body["message"], body["channel"]
    return body


def test_who_opens_their_home_is_known_with_what_they_see() -> None:
    assert opening(opened()) == Opening(ADA, "", is_closed=False)
    seen = {"hash": "1.a", "callback_id": CLOSED}
    assert opening(opened(view=seen)) == Opening(ADA, "1.a", is_closed=True)
    assert opening(pressed()) == Opening(ADA, "1.a", is_closed=False)


@pytest.mark.parametrize(
    "body",
    [
        opened() | {"team_id": None},
        event(type="app_home_opened", tab="messages"),
        event(type="message"),
        opened(user=["U1"]),
        {},
        {"event": "x", "user": "U1", "view": []},
    ],
)
def test_what_is_no_opening_or_cannot_be_read_opens_nothing(body: dict[str, Any]) -> None:
    assert opening(body) is None


def test_a_press_in_a_home_is_a_text_of_theirs_by_themselves() -> None:
    said = read(bare("action", pressed(), 0.0), US)
    assert isinstance(said, Text)
    assert (said.sender, said.room, said.text) == (ADA, Room("slack", "U1"), "positions alpha")
    assert said.at.timestamp() == 1777896000.0001


def test_a_code_that_somebody_puts_there_is_not_stored() -> None:
    kept = storable(bare("action", pressed("close SOL 123456"), 0.0))
    assert "123456" not in str(kept)


@pytest.mark.parametrize("value", [None, "", 7, ["status"]])
def test_a_press_without_a_word_cannot_be_read(value: object) -> None:
    with pytest.raises(Unreadable):
        read(bare("action", pressed(value), 0.0), US)
