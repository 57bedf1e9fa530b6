"""Limits of the real client of Telegram's that no busy machine reaches."""

from chatops.adapters.telegram.request import Timeouts

_LONG_S = 30.0
#: Where an answer comes, nothing waits for them.
PATIENT = Timeouts(read=_LONG_S, write=_LONG_S, connect=_LONG_S, pool=_LONG_S, write_media=_LONG_S)
