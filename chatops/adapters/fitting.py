"""Texts as platforms hand them over: in them may be what no database takes, NUL and halves of surrogate pairs."""

import re

_UNFIT = re.compile("[\x00\ud800-\udfff]")


def fits(text: str) -> bool:
    """Whether there is nothing of that in it."""
    return _UNFIT.search(text) is None


def fitted(text: str) -> str:
    """The text with U+FFFD in place of each such character."""
    return _UNFIT.sub("\N{REPLACEMENT CHARACTER}", text)
