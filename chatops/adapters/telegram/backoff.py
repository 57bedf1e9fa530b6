"""How long to wait before asking again (pure)."""

from telegram.error import Conflict, InvalidToken

from chatops.adapters.telegram.errors import Paused

FIRST_S = 0.5
LONGEST_S = 30.0
#: Where another program has the bot: whoever lost it leaves it alone for longer each time.
LONGEST_STAND_DOWN_S = 300.0


def pause_s(error: Exception, failures: int, jitter: float) -> float:
    """Seconds to wait after the `failures`-th failure in a row, counted from 1.

    It doubles up to 30 s, of which `jitter` (0 to 1) takes away up to half, so that many who lost the same server do
    not come back at one instant. What a person has to mend is asked after slowly from the first; a conflict with
    another program goes on doubling from there, up to 5 min. A pause that the platform names is kept to the second.
    """
    doubled = 2.0 ** min(failures - 1, 16)
    match error:
        case Paused():
            return error.seconds
        case Conflict():
            longest = min(LONGEST_STAND_DOWN_S, LONGEST_S * doubled)
        case InvalidToken():
            longest = LONGEST_S
        case _:
            longest = min(LONGEST_S, FIRST_S * doubled)
    return longest * (1 - jitter / 2)
