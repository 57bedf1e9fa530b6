"""What people and rooms may choose of how they read."""

from enum import StrEnum


class HabitKind(StrEnum):
    """The key of what is stored."""

    ZONE = "zone"
    THEME = "theme"
    QUIET = "quiet"


#: As `chatops.charts.style` has them.
THEMES = ("light", "dark")
