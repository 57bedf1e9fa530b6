"""Asks that act on a bot."""

from typing import Annotated

from pydantic import Field

from bot_integration import CommandRisk
from chatops.asks.ask import Ask, Label, Percent, Words
from chatops.people import Role


class Close(Ask, word="close", role=Role.OPERATOR, risk=CommandRisk.REDUCES, confirm=True):
    """Close a position, or a part of it."""

    position: Label = ""
    percent: Percent = 100
    bot: Label = ""


#: Scopes of a pause that an operator may touch; wider ones are for admins.
OPERATOR_SCOPES = ("entry", "exit")


class _Scoped(Ask):
    scope: Annotated[Label, Field(examples=[*OPERATOR_SCOPES, "all", "venue"])] = ""
    reason: Words = ""
    bot: Label = ""

    @property
    def form(self) -> str:
        """`pause` is entry or exit; `pause all` and `pause venue` are wider."""
        scope = self.scope.casefold()
        if not scope or scope in OPERATOR_SCOPES:
            return self.word
        return f"{self.word} all" if scope == "all" else f"{self.word} venue"

    @property
    def needs(self) -> Role | None:
        """An operator may hold entries or exits; all, or a whole venue, is for admins."""
        return Role.OPERATOR if self.form == self.word else Role.ADMIN


class Pause(_Scoped, word="pause", role=Role.OPERATOR, risk=CommandRisk.REDUCES, confirm=True):
    """Hold a bot back: entry, exit, all, or one venue."""


class Resume(_Scoped, word="resume", role=Role.OPERATOR, risk=CommandRisk.INCREASES, confirm=True):
    """Let a paused bot go on: entry, exit, all, or one venue."""
