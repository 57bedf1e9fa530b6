"""Text that Slack shows as it was written: nothing in it is a link, a mention, a picture or a style (pure).

Slack reads two kinds. `plain_text` is not parsed at all. In `mrkdwn` the three signs of the contract's mrkdwn.escape
are escaped, so that no `<…>` of its own stands there, and with `verbatim` it makes no links; signs of styles cannot be
escaped, so what holds one is said in `plain_text` (`is_literal`).
"""

import re
from collections.abc import Callable, Iterator

from wcwidth import grapheme_boundary_before

#: What moves the cursor, is half a character, or turns the direction of writing round it.
_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_ESCAPED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
#: What begins or ends a style, a quotation, or the name of a picture.
_MARKUP = re.compile(r"[*_~`]|^\s*>|:[\w+'-]+:", re.MULTILINE)
#: In a box only its own sign ends it.
_FENCE = "`"
_IN_PLACE_OF_FENCE = "'"


def clean(text: str) -> str:
    """The text without what must not reach anybody's screen."""
    return _UNFIT.sub("", text)


def escaped(text: str) -> str:
    """The text for `mrkdwn`, and for what a notification says."""
    return text.translate(_ESCAPED)


def is_literal(text: str) -> bool:
    """Whether `mrkdwn` shows it, once escaped, as it was written."""
    return _MARKUP.search(text) is None


def bold(text: str) -> str:
    """A literal text in bold. Slack ends a style at the end of a line."""
    lines = (line.strip() for line in escaped(text).split("\n"))
    return "\n".join(f"*{line}*" if line else "" for line in lines)


def boxed(text: str) -> str:
    """Lines under each other in one width. A sign that would end the box is another one there."""
    return f"```\n{escaped(text).replace(_FENCE, _IN_PLACE_OF_FENCE)}\n```"


def units(text: str) -> int:
    """How long it is for Slack at most: it does not say whether it counts characters or UTF-16 units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def pieces(text: str, room: int, shown: Callable[[str], str]) -> Iterator[str]:
    """The text in pieces of which each, as `shown`, is at most `room` units long; nothing seen is lost between them.

    They end at the end of a line where there is one, else of a word, and but for the last one each takes at least the
    half of its room. `shown` never makes a text shorter.
    """
    start = 0
    while start < len(text):
        window = text[start : start + room]
        if start + len(window) == len(text) and units(shown(window)) <= room:
            yield window
            return
        end = _place(text[start : start + room + 1], _most(window, room, shown), room, shown)
        yield window[:end].rstrip()
        start += end
        # The line that goes on keeps its indent.
        while text[start : start + 1] in ("\r", "\n"):
            start += 1


def _most(text: str, room: int, shown: Callable[[str], str]) -> int:
    """How many characters of it fit, at least one."""
    low, high = 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if units(shown(text[:middle])) <= room:
            low = middle
        else:
            high = middle - 1
    return low


def _place(text: str, end: int, room: int, shown: Callable[[str], str]) -> int:
    """Where to cut, at `end` or before."""
    places = [text.rfind(sign, 0, end + 1) for sign in ("\n", " ")]
    places.append(grapheme_boundary_before(text[: end + 1], end + 1))
    return next((place for place in places if 0 < place <= end and 2 * units(shown(text[:place])) >= room), end)
