"""What a look at one thing came to, and how that reads on a terminal."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is: an error keeps the desk from doing its work."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    area: str
    level: Level
    what: str
    #: What to do; empty where there is nothing to do.
    todo: str = ""


def passed(findings: Iterable[Finding]) -> bool:
    """Whether the desk can start: warnings do not keep it from that."""
    return all(finding.level is not Level.ERROR for finding in findings)


def lines(findings: Iterable[Finding]) -> list[str]:
    """A line for each finding, what to do below it, and the count at the end."""
    findings = list(findings)
    width = max((len(finding.area) for finding in findings), default=0)
    said = []
    for finding in findings:
        said.append(f"{finding.level:<7}  {finding.area:<{width}}  {finding.what}")
        if finding.todo:
            said.append(f"{'':<7}  {'':<{width}}  → {finding.todo}")
    return [*said, _count(findings)]


def _count(findings: Iterable[Finding]) -> str:
    levels = Counter(finding.level for finding in findings)
    counts = [
        f"{levels[level]} {level}{'s' if levels[level] > 1 else ''}"
        for level in (Level.ERROR, Level.WARNING)
        if levels[level]
    ]
    return ", ".join(counts) + "." if counts else "Nothing is wrong."
