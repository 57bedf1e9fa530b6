"""Asks about who and what: start, help, whoami, version."""

from chatops.asks.ask import Ask, Label


class Start(Ask, word="start"):
    """Say who you are and what you can do here."""


class Help(Ask, word="help"):
    """Show what you may ask, or all about one word."""

    about: Label = ""


class Whoami(Ask, word="whoami"):
    """Show your name, your role and the account that I know you by."""


class Version(Ask, word="version"):
    """Show which Quarterdeck this is."""
