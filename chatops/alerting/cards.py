"""Which messages of an alert there are in a room, by their keys, and which of them has the buttons."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from alerts.model import Form, Target
from chatops.storage.alert_voices import Voice


def card_key(alert: UUID) -> str:
    """The message that is kept up to date."""
    return f"alert:{alert}"


def ping_key(alert: UUID, at: datetime) -> str:
    """A message of its own that belongs with the card (`Owed.about`)."""
    return f"{card_key(alert)}#{at:%Y%m%dT%H%M%S%f}"


class Buttons:
    """Only the newest message that spoke up has buttons; of an alert that is in hand the card has them."""

    def __init__(self) -> None:
        self._on: dict[UUID, dict[Target, str]] = {}

    def learn(self, voices: Iterable[Voice]) -> None:
        """As it was told when we last ran."""
        self._on = {}
        for one in voices:
            key = card_key(one.alert) if one.form is Form.CARD else ping_key(one.alert, one.at)
            self.put(one.alert, one.target, key)

    def on(self, alert: UUID, target: Target) -> str:
        """The key of the message that has them."""
        return self._on.get(alert, {}).get(target, card_key(alert))

    def put(self, alert: UUID, target: Target, key: str) -> None:
        """They are on this one now."""
        self._on.setdefault(alert, {})[target] = key

    def forget(self, alert: UUID) -> None:
        """It is over."""
        self._on.pop(alert, None)
