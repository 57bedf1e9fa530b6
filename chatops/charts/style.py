"""How pictures look: light or dark, in which zone's time, in which money. Knows no matplotlib."""

from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

from alerts.severity import Severity

#: A picture is laid out for a phone of this width; everything below is in its pixels.
WIDTH = 380
#: Pixels of the file for each of those: phones show two to three.
DENSITY = 2.5
TITLE, TEXT, SMALL = 16.0, 11.5, 10.5


class Theme(StrEnum):
    """On which ground."""

    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class Ink:
    """The colours of a theme.

    Those of lines, gains and losses are the palette of Okabe and Ito 2008, "Color Universal Design", which all kinds
    of colour blindness tell apart; none stands on a ground that it is hardly seen on.
    """

    paper: str
    text: str
    soft: str
    grid: str
    #: Where nothing is known.
    gap: str
    hatch: str
    gain: str
    loss: str
    #: One for each of what is told apart; from the second on the lines' dashes differ, too.
    lines: tuple[str, ...]
    #: From warning up, in the order of severities.
    severities: tuple[str, ...]

    def change(self, amount: float) -> str:
        """The colour of money won or lost."""
        return self.loss if amount < 0 else self.gain if amount > 0 else self.text

    def severity(self, of: Severity) -> str:
        """The colour of a threshold or an alert."""
        return self.severities[max(0, of.rank - 1)]


LIGHT = Ink(
    paper="#ffffff",
    text="#16202b",
    soft="#5a6673",
    grid="#e4e8ec",
    gap="#eceff2",
    hatch="#d5dbe1",
    gain="#0072b2",
    loss="#d55e00",
    lines=("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00"),
    severities=("#e69f00", "#d55e00", "#cc79a7"),
)
DARK = Ink(
    paper="#17212b",
    text="#f0f3f6",
    soft="#a3b1bf",
    grid="#2b3845",
    gap="#202d39",
    hatch="#3a4c5d",
    gain="#56b4e9",
    loss="#e8702a",
    lines=("#56b4e9", "#e69f00", "#00b386", "#cc79a7", "#f0e442", "#e8702a"),
    severities=("#e69f00", "#e8702a", "#cc79a7"),
)
#: Dashes of the lines, in the order of their colours.
DASHES: tuple[str | tuple[int, tuple[float, ...]], ...] = (
    "solid",
    (0, (5, 1.6)),
    (0, (1.4, 1.4)),
    (0, (6, 1.6, 1.4, 1.6)),
    (0, (9, 2)),
    (0, (3, 3)),
)


_UTC = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Style:
    """What a person or a room has chosen."""

    theme: Theme = Theme.LIGHT
    zone: ZoneInfo = _UTC
    #: Named in each picture of money.
    currency: str = "USD"

    @property
    def ink(self) -> Ink:
        """The colours of its theme."""
        return DARK if self.theme is Theme.DARK else LIGHT
