"""Snapshots for the tests of rules: a position that is well, and what differs from it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from alerts.model import Reading
from alerts.rulebook import Facts, Rulebook
from alerts.rules import usual
from bot_integration import Leg, Position, Snapshot
from tests.bot_integration.facts import NOON

SESSION = UUID("01890a5d-ac96-774b-bcce-b302099a8057")


def leg(venue: str = "bybit", side: str = "long", **more: Any) -> Leg:
    """A borrowed long far from its end."""
    given = {
        "venue": venue,
        "instrument": "ETH-SPOT",
        "side": side,
        "size": 2,
        "mark_price": 1_800,
        "notional": 3_600,
        "leverage": 2.0,
        "health_factor": 0.42,
        "liquidation_price": 1_044,
        **more,
    }
    return Leg.model_validate(given)


def perp(venue: str = "okx", side: str = "short", **more: Any) -> Leg:
    """A margined short far from its end."""
    given = {"instrument": "ETH-PERP", "health_factor": None, "margin_fraction": 0.4, "liquidation_price": 2_450}
    return leg(venue, side, **{**given, **more})


def position(*legs: Leg, named: str = "ETH-1", **more: Any) -> Position:
    given = {"id": named, "asset": "ETH", "stage": "open", "opened_at": NOON, "updated_at": NOON, **more}
    return Position.model_validate({**given, "legs": legs or (leg(), perp())})


def snapshot(*positions: Position, at: datetime = NOON, session: dict[str, Any] | None = None, **more: Any) -> Snapshot:
    return Snapshot.model_validate(
        {
            "bot": "alpha",
            "session_id": SESSION,
            "seq": 0,
            "at": at,
            "session": {"strategy": "carry", "mode": "paper", "started_at": NOON, **(session or {})},
            "portfolio": {"equity": 1_000},
            "positions": positions,
            **more,
        }
    )


def read(whole: Snapshot, rule: str, book: Rulebook | None = None) -> dict[str, Reading]:
    """What a rule says of a snapshot, by subject."""
    readings = (book or usual()).read(Facts(whole, None, whole.at))
    return {one.key.subject: one for one in readings if one.key.rule == rule}


def value(whole: Snapshot, rule: str, subject: str = "") -> float | None:
    return read(whole, rule)[subject].value


def figures(reading: Reading) -> dict[str, str]:
    return {one.label: one.text for one in reading.figures}
