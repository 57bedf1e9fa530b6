"""What goes wrong on the way to a bot behind its control API.

BotError
  CannotListen       the control API cannot be opened as it was asked to
  Unreachable
    NothingSent      nobody was there: not a byte of it left us
    NotTaken         answered, but not taken on: it surely did not happen
      WrongBot       another bot answers at this address
      WrongToken     it wants a token, and another than ours where we have one
    NotUnderstood    what came is nothing that we know
"""

import os

from bot_integration.errors import BotError, Unreachable


class CannotListen(BotError):
    """The control API cannot be opened as it was asked to. The text says what to change."""


class NothingSent(Unreachable):
    """Nobody was there to send it to, so it surely did not happen. Asking again is safe."""


class NotTaken(Unreachable):
    """The other end answered that it took nothing on. Asking the same again will not help; the text says what will."""


class WrongBot(NotTaken):
    """Another bot answers at this address."""


class WrongToken(NotTaken):
    """It wants a token, and another than ours where we have one. The text speaks to whoever wrote the settings."""


class NotUnderstood(Unreachable):
    """What came is nothing that we know: another version, or no bot at all. The text says what did not fit."""


def sentence(said: str, bot: str) -> str:
    """What an error says as a sentence of its own: it begins with a capital, but for a bot's name, which stays."""
    return said if bot and said.startswith(bot) else said[:1].upper() + said[1:]


def reason(error: OSError) -> str:
    """Why the system would not, without the address that asyncio says again."""
    number = error.errno
    return os.strerror(number).lower() if number and number > 0 else str(error.strerror or error)
