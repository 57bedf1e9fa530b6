"""Asks that act on what a bot trades."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from bot_integration import CommandRisk
from chatops.asks.ask import Ask, Closed, Label, Names, Needed, Percent, Thing, Words, folded
from chatops.people import Role

_Position = Annotated[Label, Needed(), Names(Thing.POSITION)]


class Close(Ask, word="close", role=Role.OPERATOR, risk=CommandRisk.REDUCES, confirm=True):
    """Close a position, or a part of it."""

    position: _Position = ""
    percent: Percent = 100
    bot: Label = ""

    @property
    def said(self) -> str:
        """`Close 50% of SOL-1`."""
        return f"Close {self._what}"

    @property
    def doing(self) -> str:
        """`Closing 50% of SOL-1`."""
        return f"Closing {self._what}"

    @property
    def _what(self) -> str:
        return self.position if self.percent == 100 else f"{self.percent:g}% of {self.position or 'a position'}"


class _Whole(Ask):
    """What is done to one bot, or to every one that whoever asks may see."""

    bot: Label = ""

    @property
    def _on(self) -> str:
        return f" on {self.bot}" if self.bot else ""


class CloseAll(_Whole, word="close all", role=Role.ADMIN, risk=CommandRisk.REDUCES, confirm=True):
    """Close every position, of one bot or of all."""

    @property
    def said(self) -> str:
        """`Close all on alpha`."""
        return f"Close all{self._on}"

    @property
    def doing(self) -> str:
        """`Closing all on alpha`."""
        return f"Closing all{self._on}"


class Stop(Ask, word="stop", role=Role.ADMIN, risk=CommandRisk.REDUCES, confirm=True, emergency=True):
    """Emergency stop: pause everything, then close every position."""

    reason: Words = ""
    bot: Label = ""

    @property
    def said(self) -> str:
        """`Stop alpha`."""
        return f"Stop {self.bot or 'everything'}"

    @property
    def doing(self) -> str:
        """`Stopping alpha`."""
        return f"Stopping {self.bot or 'everything'}"


#: Scopes of a pause that an operator may touch; wider ones are for admins.
OPERATOR_SCOPES = ("entry", "exit")


class _Scoped(Ask):
    scope: Annotated[Label, Needed(), Names(Thing.SCOPE), Field(examples=[*OPERATOR_SCOPES, "all", "venue"])] = ""
    reason: Words = ""
    bot: Label = ""

    @classmethod
    def forms(cls) -> tuple[str, ...]:
        """As a word, and its two wider ones."""
        return (cls.word, f"{cls.word} all", f"{cls.word} venue")

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

    @property
    def said(self) -> str:
        """`Pause entry`."""
        return f"{self.word.capitalize()} {self.scope}"


class Pause(_Scoped, word="pause", role=Role.OPERATOR, risk=CommandRisk.REDUCES, confirm=True):
    """Hold a bot back: entry, exit, all, or one venue."""

    @property
    def doing(self) -> str:
        """`Pausing entry`."""
        return f"Pausing {self.scope}"


class Resume(_Scoped, word="resume", role=Role.OPERATOR, risk=CommandRisk.INCREASES, confirm=True):
    """Let a paused bot go on: entry, exit, all, or one venue."""

    @property
    def doing(self) -> str:
        """`Resuming entry`."""
        return f"Resuming {self.scope}"


class Kill(_Whole, word="kill", role=Role.ADMIN, risk=CommandRisk.INCREASES, confirm=True, emergency=True):
    """Kill switch: on lets no new order out from this instant; off lets the bot trade again."""

    switch: Annotated[Label, BeforeValidator(folded), Closed(), Field(examples=["on", "off"])] = ""

    @classmethod
    def forms(cls) -> tuple[str, ...]:
        """On and off are apart."""
        return (cls.word, "kill on", "kill off")

    @property
    def form(self) -> str:
        """`kill on` and `kill off`."""
        return f"{self.word} {self.switch}" if self.switch in ("on", "off") else self.word

    @property
    def moves(self) -> CommandRisk:
        """On holds the bot back. Whoever only asks how it is must not be kept from switching it on."""
        return CommandRisk.REDUCES if self.switch in ("", "on") else CommandRisk.INCREASES

    @property
    def said(self) -> str:
        """`Kill switch on for alpha`."""
        return f"Kill switch {self.switch}".rstrip() + (f" for {self.bot}" if self.bot else "")

    @property
    def doing(self) -> str:
        """`Turning the kill switch on`."""
        return f"Turning the kill switch {self.switch}"


class Rebalance(Ask, word="rebalance", role=Role.OPERATOR, risk=CommandRisk.NEUTRAL, confirm=True):
    """Bring the legs of a position back to balance."""

    position: _Position = ""
    bot: Label = ""

    @property
    def said(self) -> str:
        """`Rebalance SOL-1`."""
        return f"Rebalance {self.position}"

    @property
    def doing(self) -> str:
        """`Rebalancing SOL-1`."""
        return f"Rebalancing {self.position}"


class Hold(Ask, word="hold", role=Role.ADMIN, risk=CommandRisk.INCREASES, confirm=True):
    """Keep a position whatever the risk manager says: 2h, until 18:00, without end; off ends it."""

    position: _Position = ""
    until: Annotated[Words, BeforeValidator(folded), Names(Thing.TIME), Field(examples=["2h", "18:00", "off"])] = ""
    bot: Label = ""

    @classmethod
    def forms(cls) -> tuple[str, ...]:
        """Ending a hold is apart."""
        return (cls.word, "hold off")

    @property
    def form(self) -> str:
        """`hold off` lets the risk manager judge again."""
        return "hold off" if self.until == "off" else self.word

    @property
    def moves(self) -> CommandRisk:
        """Letting the risk manager judge again holds nothing open."""
        return CommandRisk.REDUCES if self.until == "off" else CommandRisk.INCREASES

    @property
    def said(self) -> str:
        """`Hold SOL-1 until 18:00`."""
        if self.until == "off":
            return f"End the hold of {self.position}"
        return f"Hold {self.position}"

    @property
    def doing(self) -> str:
        """`Holding SOL-1`."""
        return "Ending the hold" if self.until == "off" else f"Holding {self.position}"
