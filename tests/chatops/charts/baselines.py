"""Pictures as they were last looked at, at a phone's width.

Renewed by `python -m tests.chatops.charts.baselines`, and then looked at again. With `--docs` those of the README are,
of what the paper bot saw in the crash of August 2023.
"""

import io
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from chatops.charts.drawing import figure, png
from chatops.charts.facts import Facts
from chatops.charts.style import WIDTH, Style
from tests.chatops.charts import crash
from tests.chatops.charts.examples import DARK, EMPTY, FULL, LIGHT, ONE

FOLDER = Path(__file__).parent / "baselines"
DOCS = Path(__file__).parents[3] / "docs"
PICTURES: dict[str, tuple[Facts, Style]] = {
    **{f"{name}-light": (facts, LIGHT) for name, facts in FULL.items()},
    **{f"{name}-dark": (FULL[name], DARK) for name in ("equity", "attribution", "danger")},
    **{f"{name}-one": (ONE[name], DARK) for name in ("equity", "danger", "rates")},
    **{f"{name}-empty": (EMPTY[name], LIGHT) for name in ("equity",)},
}


def on_phone(name: str) -> Image.Image:
    """It as it is drawn now, as wide as a phone."""
    return drawn_anew(*PICTURES[name], WIDTH)


def drawn_anew(facts: Facts, style: Style, width: int) -> Image.Image:
    """A picture of so many pixels."""
    with Image.open(io.BytesIO(png(figure(facts, style)))) as drawn:
        return drawn.convert("RGB").resize((width, round(drawn.height * width / drawn.width)), Image.Resampling.BOX)


def difference(one: Image.Image, other: Image.Image) -> float:
    """How far two pictures are apart where they differ most: 0 is alike, 255 black beside white.

    Of squares of 5 pixels, so that letters which another computer smooths in its own way are alike.
    """
    if one.size != other.size:
        return 255.0
    coarse = [
        np.asarray(each.resize((each.width // 5, each.height // 5), Image.Resampling.BOX), dtype=float)
        for each in (one, other)
    ]
    return float(np.abs(coarse[0] - coarse[1]).max())


def main(arguments: list[str]) -> None:
    if arguments == ["--docs"]:
        month = crash.seen()
        shown: dict[str, Facts] = {
            "pnl": crash.daily(month),
            "equity": crash.equity(month),
            "health": crash.danger(month),
        }
        for name, facts in shown.items():
            # Few colours are in it: so it is small.
            drawn_anew(facts, Style(), 2 * WIDTH).quantize(96).save(DOCS / f"{name}.png", optimize=True)
        return
    FOLDER.mkdir(exist_ok=True)
    for name in PICTURES:
        on_phone(name).save(FOLDER / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main(sys.argv[1:])
