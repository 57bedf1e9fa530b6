"""`kill -9` of a desk on Telegram and Slack at once: the cards of both are right after."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.faults.conftest import copy
from tests.faults.desk import DeskFiles, wait_for_row
from tests.faults.falling import Falling, falling
from tests.faults.owing import wait_until_all_is_over
from tests.faults.program import PATIENCE_S, outcome
from tests.faults.slack_desk import SlackDesk
from tests.servers.slack import Post
from tests.servers.telegram import Message, StallBeforeAccept

_CHANNEL = """
[[rooms]]
name = "channel"
platform = "slack"
id = "{id}"
receives = ["alerts"]
"""
IN_HAND = "ada has it in hand"


@dataclass(frozen=True)
class BothDesk(DeskFiles):
    """The same, on Slack too, where ada is one person with her account here."""

    other: SlackDesk

    @property
    def platform_settings(self) -> str:
        return super().platform_settings + self.other.platform_settings

    @property
    def account(self) -> str:
        return f"{super().account}\n{self.other.account}"

    def write(self, bot: str, *, more: str = "", port: int = 0) -> None:
        self.other.write_tokens()
        super().write(bot, more=more, port=port)


@pytest.fixture
def both(new_desk: DeskFiles, new_slack_desk: SlackDesk, made: Path) -> BothDesk:
    copy(made, new_desk.data_dir)
    return BothDesk(new_desk.folder, new_desk.platform, new_desk.ada, new_desk.chat, new_slack_desk)


@pytest.fixture
async def bot(both: BothDesk) -> AsyncIterator[Falling]:
    """A group there and a channel here are told of one position."""
    group = both.platform.group(-201)
    async with falling(both, {"group": group}, "P1", more=_CHANNEL.format(id=both.other.ops.id)) as bot:
        yield bot


async def test_killed_between_an_acknowledgement_on_slack_and_the_cards_both_say_it_after_the_start(
    both: BothDesk, bot: Falling
) -> None:
    (group,), telegram, slack = bot.chats, both.platform, both.other.platform

    def cards() -> tuple[list[Message], list[Post]]:
        titled = [one for one in both.other.ops.from_app if "P1/bybit" in one.words.partition("\n")[0]]
        return group.from_bot, titled

    async with both.gateway() as gateway, both.database() as database:
        await slack.wait_for(lambda: slack.sockets.open, timeout_s=PATIENCE_S)
        bot.fall("P1")
        await telegram.wait_for(lambda: group.from_bot, timeout_s=PATIENCE_S)
        card = await both.other.sees("P1/bybit")
        stalled = [
            telegram.fail(StallBeforeAccept(asyncio.Event()), method="editMessageText"),
            slack.fail(StallBeforeAccept(asyncio.Event()), method="chat.update"),
        ]
        await both.other.presses("Ack", card)
        await wait_for_row(database, "SELECT FROM alerts WHERE ack_by = 'ada'")
        await telegram.wait_for(lambda: stalled[0].met, timeout_s=PATIENCE_S)
        await slack.wait_for(lambda: stalled[1].met, timeout_s=PATIENCE_S)
        await gateway.kill()
    telegram.heal()
    slack.heal()
    assert not [one for one in (cards()[0][0].text, cards()[1][0].words) if IN_HAND in one]
    async with both.gateway() as gateway, both.database() as database:
        await telegram.wait_for(lambda: IN_HAND in cards()[0][0].text, timeout_s=PATIENCE_S)
        await slack.wait_for(lambda: IN_HAND in cards()[1][0].words, timeout_s=PATIENCE_S)
        await wait_until_all_is_over(database)
        # Nobody is called again: one card in each room, and no button to take it in hand.
        assert [len(found) for found in cards()] == [1, 1]
        assert "Ack" not in (*cards()[0][0].labels, *cards()[1][0].labels)
        row = await database.fetchrow("SELECT principal, platform FROM command_log WHERE word = 'ack'")
        assert row is not None
        assert tuple(row) == ("ada", "slack")
        code, said = await outcome("audit", "verify", "-c", str(both.settings))
        assert (code, "The record is whole" in said) == (0, True), said
        assert "Traceback" not in gateway.said
