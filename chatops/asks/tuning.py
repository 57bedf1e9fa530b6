"""Asks about how a bot is set: its parameters and its circuit breakers."""

from typing import Annotated

from pydantic import Field

from bot_integration import CommandRisk
from chatops.asks.ask import Ask, Label, Names, Needed, Rest, Settled, Thing, Unlogged
from chatops.people import Role


class Config(Ask, word="config", role=Role.VIEWER):
    """Show how the bot is set: the categories, or one with every value."""

    category: Annotated[Label, Names(Thing.CATEGORY)] = ""
    bot: Label = ""


class Set(Ask, word="set", role=Role.ADMIN, risk=CommandRisk.INCREASES, confirm=True):
    """Change a parameter while the bot runs."""

    key: Annotated[Label, Needed(), Names(Thing.PARAMETER)] = ""
    #: As it was typed: until the key is known it might be a secret's.
    value: Annotated[str, Field(max_length=200, repr=False), Rest(), Unlogged(), Needed()] = ""
    #: As it was read, once that is known to be no secret.
    to: Annotated[bool | int | float | str | None, Settled()] = None
    bot: Label = ""

    @property
    def said(self) -> str:
        """`Set max_positions`."""
        return f"Set {self.key}"

    @property
    def doing(self) -> str:
        """`Setting max_positions`."""
        return f"Setting {self.key}"


class Breakers(Ask, word="breakers", role=Role.VIEWER):
    """Show which circuit breakers are active, since when and why."""

    bot: Label = ""


class BreakerReset(Ask, word="breaker reset", role=Role.ADMIN, risk=CommandRisk.INCREASES, confirm=True):
    """Let a circuit breaker that has tripped close again."""

    name: Annotated[Label, Needed(), Names(Thing.BREAKER)] = ""
    bot: Label = ""

    @property
    def said(self) -> str:
        """`Reset daily_loss`."""
        return f"Reset {self.name or 'a breaker'}"

    @property
    def doing(self) -> str:
        """`Resetting daily_loss`."""
        return f"Resetting {self.name}"
