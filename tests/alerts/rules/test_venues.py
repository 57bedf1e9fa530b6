from typing import Any

import pytest

from tests.alerts.snapshots import read, snapshot


@pytest.mark.parametrize(
    ("venue", "expected", "says"),
    [
        ({"stream": "connected"}, 0, "okx: the stream is connected"),
        ({"stream": "poll_only", "last_error": "x"}, 0, "okx: it is polled"),
        ({"stream": "degraded"}, 1, "okx: the stream is degraded"),
        ({"stream": "down", "last_error": "no answer."}, 2, "okx: the stream is down: no answer"),
        ({"stream": "down", "height": 7_200_000}, 2, "okx: the chain cannot be reached"),
    ],
)
def test_how_badly_a_venue_is_heard(venue: dict[str, Any], expected: float, says: str) -> None:
    found = read(snapshot(venues=[{"name": "okx", **venue}]), "venue_down")["okx"]
    assert (found.value, found.says) == (expected, says)
