"""How words are set, whatever characters are in them."""

from functools import lru_cache
from typing import Any

from matplotlib.font_manager import FontProperties, findfont, get_font

from chatops.layout import fit

#: It comes with matplotlib: pictures look alike wherever they are drawn.
_FONT = "DejaVu Sans"
#: Points a pixel of the phone.
POINT = 0.72


def drawable(text: str) -> str:
    """The text with a box for each character that the font has no picture of."""
    return "".join(one if one.isascii() or _has(one) else "□" for one in fit(text, 200))


@lru_cache(maxsize=1_024)
def _has(character: str) -> bool:
    return all(
        get_font(findfont(FontProperties(family=_FONT, weight=weight))).get_char_index(ord(character))
        for weight in ("normal", "bold")
    )


def look(size: float, bold: bool = False) -> dict[str, Any]:
    """What words are set in. Never as mathematics: names hold dollar signs."""
    return {
        "fontsize": size * POINT,
        "fontfamily": _FONT,
        "fontweight": "bold" if bold else "normal",
        "parse_math": False,
    }
