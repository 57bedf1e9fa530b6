"""The desk's own rules, by what they look at."""

from alerts.rulebook import Rule, Rulebook
from alerts.rules import data, legs, positions, session, venues

RULES: tuple[Rule, ...] = (*legs.RULES, *positions.RULES, *session.RULES, *venues.RULES, *data.RULES)


def usual() -> Rulebook:
    """A rulebook with all of them; a bot's author registers more."""
    return Rulebook(RULES)
