"""Asks about the codes by which people prove who they are."""

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from chatops.asks.ask import Ask, Code, Label, Rest, folded
from chatops.people import Role

#: What one may want of one's own codes.
NEW, OFF = "new", "off"
_LONGEST_CODE = 64
#: What an app shows, and what a recovery code looks like.
_CODE = re.compile(r"[0-9]{6}|[a-z2-7]{4}(?:-[a-z2-7]{4}){2}", re.IGNORECASE)


def _no_code(said: Any) -> Any:
    # Typed behind the wrong word it must not be on record either.
    return "" if isinstance(said, str) and _CODE.fullmatch(said) else said


def _off(said: Any) -> Any:
    return folded(_no_code(said))


class Totp(Ask, word="totp", changes=True, confirm=True):
    """Prove who you are with an authenticator app: begin, have a new one, or end it."""

    what: Annotated[Label, BeforeValidator(_no_code), Field(examples=[NEW, OFF, "who"])] = ""
    #: After somebody's name: what is to be done with their codes.
    to: Annotated[Literal["", "off"], BeforeValidator(_off)] = ""

    @classmethod
    def forms(cls) -> tuple[str, ...]:
        """Beside one's own: `totp who` is somebody else's."""
        return ("totp", f"totp {NEW}", f"totp {OFF}", "totp who")

    @property
    def wish(self) -> str:
        """What is wanted of one's own; empty where it is to begin, or about somebody else."""
        what = self.what.casefold()
        return what if what in (NEW, OFF) and not self.to else ""

    @property
    def form(self) -> str:
        """Which of these it is."""
        if self.wish:
            return f"{self.word} {self.wish}"
        return "totp who" if self.what else self.word

    @property
    def needs(self) -> Role | None:
        """One's own are anyone's; those of others an admin's."""
        return Role.ADMIN if self.form == "totp who" else None

    @property
    def proves(self) -> bool:
        """Whoever finds an unlocked phone must not be rid of the codes."""
        return bool(self.wish)

    @property
    def said(self) -> str:
        """`Turn codes off`."""
        if self.form == "totp who":
            return f"Turn codes of {self.what} off"
        return {NEW: "Make new codes", OFF: "Turn codes off"}.get(self.wish, "Enrol")


def _of_a_length(said: Any) -> Any:
    # What is too long is none; said so it would be quoted.
    return said[:_LONGEST_CODE] if isinstance(said, str) else said


class GiveCode(Ask, word="code", changes=True):
    """Give a code of your authenticator app, or a recovery code: it confirms what waits for one."""

    code: Annotated[Code, Rest(), BeforeValidator(_of_a_length)] = ""


class TakeAway(Ask, word="totp away", changes=True, hidden=True):
    """Take the message with my recovery codes away."""

    @property
    def said(self) -> str:
        """`Take them away`."""
        return "Take them away"
