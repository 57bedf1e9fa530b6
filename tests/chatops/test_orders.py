"""What is said where a bot does not say beforehand what a command would do."""

import pytest

from bot_integration import BotController, Command, Preview, Unreachable
from chatops.commands.orders import foreseen
from tests.bot_integration.control.alpha import close


class Away(BotController):
    def __init__(self, why: str) -> None:
        super().__init__("alpha")
        self._why = why

    async def preview(self, command: Command) -> Preview | None:
        raise Unreachable(self._why)


@pytest.mark.parametrize("why", ["no answer in time", "no answer in time."])
async def test_why_there_is_no_preview_is_a_sentence_of_its_own(why: str) -> None:
    assert await foreseen(Away(why), close()) == (None, "No preview: no answer in time.")
