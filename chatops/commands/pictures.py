"""Pictures under answers."""

import logging
from collections.abc import Hashable
from dataclasses import replace

from chatops.charts.errors import NoPicture, Undrawable
from chatops.charts.facts import Facts
from chatops.charts.studio import Studio
from chatops.charts.style import Style
from chatops.habits import Habit
from chatops.messages import Attachment, Message, Paragraph

log = logging.getLogger(__name__)


class Pictures:
    """Puts a picture under an answer, where one is drawn in time."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    def expect(self) -> None:
        """One will be asked for in a moment: what draws it may start already."""
        self._studio.warm()

    async def under(self, message: Message, name: str, shown: Hashable, facts: Facts, habit: Habit) -> Message:
        """The answer with its picture, or with a word that there is none.

        `shown` holds the figures that the answer names: the same question gets the picture of up to a minute ago, but
        never one that says another figure than the words.
        """
        try:
            picture = await self._studio.picture((name, shown), facts, Style(habit.theme, habit.zone))
        except NoPicture as error:
            log.info("%s goes without its picture: %s", name, error)
            return replace(message, blocks=(*message.blocks, Paragraph(_why(error))))
        return replace(message, attachment=Attachment(f"{name}.png", picture.png, is_picture=True))


def _why(error: NoPicture) -> str:
    if isinstance(error, Undrawable):
        return "The chart could not be drawn; the log says why."
    return "The chart took too long; ask again."
