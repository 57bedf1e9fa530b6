"""How long to wait before asking again (pure)."""

from telegram.error import Conflict, InvalidToken

from chatops.adapters.telegram.errors import Paused

FIRST_S = 0.5
LONGEST_S = 30.0


def pause_s(error: Exception, failures: int, jitter: float) -> float:
    """Seconds to wait after the `failures`-th failure in a row, counted from 1.

    It doubles up to 30 s, of which `jitter` (0 to 1) takes away up to half, so that many who lost the same server do
    not come back at one instant. What a person has to mend is asked after slowly from the first; a pause that the
    platform names is kept to the second.
    """
    if isinstance(error, Paused):
        return error.seconds
    longest = LONGEST_S
    if not isinstance(error, InvalidToken | Conflict):
        longest = min(LONGEST_S, FIRST_S * 2.0 ** min(failures - 1, 16))
    return longest * (1 - jitter / 2)
