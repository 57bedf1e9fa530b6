"""The desk with a studio that draws no charts (`none`), so that its tables go alone, or keeps none (`anew`)."""

import sys
from collections.abc import Hashable

from chatops.charts.errors import Undrawable
from chatops.charts.facts import Facts
from chatops.charts.studio import Picture, Studio
from chatops.charts.style import Style
from chatops.cli import main


def _warm(studio: Studio) -> None:
    """Nothing will be asked for."""


async def _nothing(studio: Studio, question: Hashable, facts: Facts, style: Style) -> Picture:
    raise Undrawable("this program draws none")


def _kept(studio: Studio, question: Hashable, style: Style) -> None:
    """It keeps none."""


if __name__ == "__main__":
    others: dict[str, dict[str, object]] = {"none": {"warm": _warm, "picture": _nothing}, "anew": {"kept": _kept}}
    for name, method in others[sys.argv.pop(1)].items():
        setattr(Studio, name, method)
    main()
