"""Asks about the record itself: who asked what, and what came of it."""

import re
from typing import Annotated, Any

from pydantic import Field, model_validator

from chatops.asks.ask import Ask, Label, Settled, Words
from chatops.people import Role

#: Asks on one page: two lines each, and a message holds 4,096 characters.
MOST_ASKS = 40
#: A number of asks at the end of what was typed. What is longer is the end of an id.
_COUNT = re.compile(r"(?:^|\s)(\d{1,4})$")


class Audit(Ask, word="audit", role=Role.ADMIN, stored=True):
    """Show who asked what and what came of it, of all or of one person, word, bot or id."""

    about: Annotated[Words, Field(examples=["who", "word"])] = ""
    count: Annotated[int, Field(ge=1, le=MOST_ASKS)] = 10
    #: Only what is older than the ask of this id.
    before: Annotated[Label, Settled()] = ""

    @model_validator(mode="before")
    @classmethod
    def _count_last(cls, given: Any) -> Any:
        """`close all 5` is 5 of `close all`; more than a page holds is a page."""
        if not isinstance(given, dict) or "count" in given:
            return given
        about = str(given.get("about", "")).strip()
        found = _COUNT.search(about)
        if found is None:
            return given
        count = min(max(int(found[1]), 1), MOST_ASKS)
        return {**given, "about": about[: found.start()], "count": count}
