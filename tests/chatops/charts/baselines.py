"""Pictures as they were last looked at, at a phone's width.

Renewed by `python -m tests.chatops.charts.baselines`, and then looked at again.
"""

import io
from pathlib import Path

import numpy as np
from PIL import Image

from chatops.charts.drawing import figure, png
from chatops.charts.facts import Facts
from chatops.charts.style import WIDTH, Style
from tests.chatops.charts.examples import DARK, EMPTY, FULL, LIGHT, ONE

FOLDER = Path(__file__).parent / "baselines"
PICTURES: dict[str, tuple[Facts, Style]] = {
    **{f"{name}-light": (facts, LIGHT) for name, facts in FULL.items()},
    **{f"{name}-dark": (FULL[name], DARK) for name in ("equity", "attribution", "danger")},
    **{f"{name}-one": (ONE[name], DARK) for name in ("equity", "danger", "rates")},
    **{f"{name}-empty": (EMPTY[name], LIGHT) for name in ("equity",)},
}


def on_phone(name: str) -> Image.Image:
    """It as it is drawn now, as wide as a phone."""
    with Image.open(io.BytesIO(png(figure(*PICTURES[name])))) as drawn:
        return drawn.convert("RGB").resize((WIDTH, round(drawn.height * WIDTH / drawn.width)), Image.Resampling.BOX)


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


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name in PICTURES:
        on_phone(name).save(FOLDER / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
