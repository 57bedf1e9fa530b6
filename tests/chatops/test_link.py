"""A platform is connected since it is so both ways, and away if it is so one way."""

from datetime import UTC, datetime, timedelta

import pytest

from chatops.link import Away, Connected, Link, both

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(minutes=2)


@pytest.mark.parametrize(
    ("sending", "hearing", "together"),
    [
        (Connected(NOON), Connected(LATER), Connected(LATER)),
        (Connected(LATER), Connected(NOON), Connected(LATER)),
        (Connected(NOON), Connected(LATER, "in part"), Connected(LATER, "in part")),
        (Connected(LATER), Connected(NOON, "in part"), Connected(LATER, "in part")),
        (Connected(NOON), Away(LATER, "deaf"), Away(LATER, "deaf")),
        (Away(NOON, "mute"), Connected(LATER), Away(NOON, "mute")),
        (Away(NOON, "mute"), Away(LATER, "deaf"), Away(LATER, "deaf")),
    ],
)
def test_what_was_deaf_until_just_now_is_not_connected_for_longer(sending: Link, hearing: Link, together: Link) -> None:
    assert both(sending, hearing) == together
