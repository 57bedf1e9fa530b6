"""How bad it is."""

from enum import StrEnum


class Severity(StrEnum):
    """From what is good to know to what cannot wait."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"
    EMERGENCY = "emergency"

    @property
    def rank(self) -> int:
        """0 for the least."""
        return list(Severity).index(self)

    def reaches(self, other: "Severity") -> bool:
        """Whether it is at least as bad as the other."""
        return self.rank >= other.rank
