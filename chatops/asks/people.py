"""Asks about who and what: start, help, whoami, version, and who else is here."""

from typing import Annotated

from pydantic import Field

from chatops.asks.ask import Ask, Closed, Label, Names, Needed, Rest, Thing
from chatops.people import Role


class Start(Ask, word="start"):
    """Say who you are and what you can do here."""


class Help(Ask, word="help"):
    """Show what you may ask, all about one subject, or all about one word."""

    about: Annotated[Label, Rest()] = ""


class Private(Ask, word="private"):
    """Show what you ask behind it to you alone: private positions."""

    words: Annotated[str, Field(max_length=4_096), Rest()] = ""


class Whoami(Ask, word="whoami"):
    """Show your name, your role and the account that I know you by."""


class Version(Ask, word="version"):
    """Show which Quarterdeck this is."""


_AsRole = Annotated[Label, Needed(), Closed(), Field(title="role", examples=list(Role))]


_Who = Annotated[Label, Needed(), Names(Thing.PERSON)]


class Users(Ask, word="users", role=Role.ADMIN, stored=True):
    """Show who is here, as what, by which accounts, and where they come from."""


class Invite(Ask, word="invite", role=Role.ADMIN, changes=True):
    """Make a code that lets one person in, within ten minutes."""

    to: _AsRole = ""
    name: Label = ""


class ChangeRole(Ask, word="role", role=Role.ADMIN, changes=True, confirm=True):
    """Make somebody viewer, operator or admin."""

    who: _Who = ""
    to: _AsRole = ""


class Revoke(Ask, word="revoke", role=Role.ADMIN, changes=True, confirm=True):
    """Make somebody a stranger, at once, or take one linked account from them."""

    who: _Who = ""
    #: Its id, or its platform where they have one there.
    account: Label = ""

    @property
    def said(self) -> str:
        """`Revoke`, `Take slack from bob`."""
        return f"Take {self.account} from {self.who}" if self.account else super().said


class Link(Ask, word="link", changes=True):
    """Make a code by which another account of yours is you, too."""


class Mute(Ask, word="mute", role=Role.ADMIN, changes=True):
    """Tell a room nothing that it has not asked for, or tell it again."""

    room: Annotated[Label, Needed(), Names(Thing.ROOM)] = ""
    switch: Annotated[Label, Closed(), Field(examples=["on", "off"])] = ""
