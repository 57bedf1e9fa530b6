"""A studio whose pictures a story can look at before they are drawn."""

from collections.abc import Hashable

from chatops.charts.errors import NoPicture
from chatops.charts.facts import Facts
from chatops.charts.studio import Picture, Studio
from chatops.charts.style import Style


class Watched(Studio):
    """A studio that remembers what it was to draw. It draws while it is open."""

    def __init__(self) -> None:
        super().__init__(is_eager=False, within_s=60.0, drawn_within_s=60.0)
        self.asked: list[Facts] = []
        self.styles: list[Style] = []
        #: While it is set nothing is drawn, and it is raised.
        self.broken: NoPicture | None = None

    async def picture(self, question: Hashable, facts: Facts, style: Style) -> Picture:
        self.asked.append(facts)
        self.styles.append(style)
        if self.broken is not None:
            raise self.broken
        return await super().picture(question, facts, style)
