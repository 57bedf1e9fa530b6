"""What can go wrong between a bot and whoever watches it.

BotError
  Refused        the bot will not, and says why
  Unreachable    nobody knows whether it happened: ask again by the command's id
"""


class BotError(Exception):
    """Anything that a bot, or the way to it, answers instead of a result."""


class Refused(BotError):
    """The bot will not do it. The text is the reason, written for the person who asked."""


class Unreachable(BotError):
    """No answer came. What was asked may or may not have happened."""
