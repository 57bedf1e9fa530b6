"""One alert on Telegram and on Slack: its cards change together, whatever is away meanwhile."""

from collections.abc import AsyncIterator

import pytest

from chatops.adapters.memory import Shown
from chatops.alerting.building import AlertTerms
from chatops.alerting.places import Place
from chatops.storage.database import Database
from tests.flows.both_places import EITHER, UNTHROTTLED, Both, on_both
from tests.flows.chats import TelegramChat
from tests.flows.conftest import ADA, BOB, Clock, Trader, near_alone
from tests.flows.crew import Crew
from tests.flows.nights import ROTATION
from tests.flows.slack_chat import SlackChat

pytestmark = near_alone

either = pytest.mark.parametrize(("here", "there"), EITHER)


def both_rooms(telegram: TelegramChat, slack: SlackChat) -> AlertTerms:
    """Both are told, and ada is on call, bob after her."""
    places = (Place("group", telegram.room), Place("channel", slack.room))
    return AlertTerms(places=places, terms=UNTHROTTLED, rotation=ROTATION)


@pytest.fixture
async def night(database: Database, clock: Clock, trader: Trader) -> AsyncIterator[Both]:
    async with on_both(database, clock, trader, Crew(), alerts=both_rooms) as both:
        yield both


async def fires(night: Both, health: float = 0.148) -> None:
    """It falls, and both rooms have a card."""
    night.falls(health)
    await night.in_time(lambda: all(night.read(one) for one in night.platforms))


async def is_on_all(night: Both, words: str) -> None:
    """Wait until the card in both rooms says so."""
    await night.in_time(lambda: all(words in card.text for card in cards(night)))


def cards(night: Both) -> list[Shown]:
    """What both rooms were shown first."""
    return [night.read(one)[0] for one in night.platforms]


@either
async def test_taken_in_hand_on_one_the_card_on_the_other_says_by_whom(night: Both, here: str, there: str) -> None:
    await fires(night)
    late = night.read(there)[0]
    await night.on(here).press(BOB, "Ack")
    await is_on_all(night, "bob has it in hand")
    assert [card.labels for card in cards(night)] == [["Silence ▸", "Position", "Close…"]] * 2
    # On a phone that missed the edit the button is there still.
    await night.on(there).press(ADA, "Ack", late)
    await night.in_time(lambda: "bob has alert 1 in hand since" in night.read(there)[-1].text)


@either
async def test_a_rise_and_the_end_are_told_on_both_and_acknowledged_by_word_on_the_other(
    night: Both, here: str, there: str
) -> None:
    await fires(night, 0.19)
    night.falls(0.148)
    await night.in_time(lambda: all("Rose from warning" in night.text(one) for one in (here, there)))
    await night.on(there).say(ADA, "/ack 1")
    await is_on_all(night, "ada has it in hand")
    await night.recovers()
    await is_on_all(night, "RESOLVED")
    # It is said aloud once in each room.
    await night.in_time(lambda: all(night.text(one).count("Worst   CRITICAL") == 2 for one in (here, there)))


@either
async def test_what_is_silenced_on_one_reads_so_on_the_other(night: Both, here: str, there: str) -> None:
    await fires(night)
    await night.on(here).press(ADA, "Silence 1 h")
    await is_on_all(night, "Silenced by ada until")
    assert not [card for card in cards(night) if "Next, if nobody answers" in card.text]
    await night.on(there).say(ADA, "/unsilence 1")
    await night.in_time(
        lambda: all("told again: what held it back is over" in night.text(one).lower() for one in (here, there))
    )


@either
async def test_a_card_on_a_platform_that_was_away_is_right_once_it_is_back_and_nobody_is_called_there_any_more(
    night: Both, here: str, there: str
) -> None:
    await fires(night, 0.19)
    with night.away(there):
        night.falls(0.148)
        await night.in_time(lambda: "Rose from warning" in night.text(here))
        await night.on(here).press(ADA, "Ack")
        await night.in_time(lambda: "ada has it in hand" in night.read(here)[0].text)
        assert len(night.read(there)) == 1
    await is_on_all(night, "ada has it in hand")
    await night.settled()
    (card, *more) = night.read(there)
    assert (card.message.title, more) == ("🔴 CRITICAL SOL-1/bybit HF 0.148 · #1", [])


@either
async def test_what_began_and_ended_while_a_platform_was_away_is_said_there_once(
    night: Both, here: str, there: str
) -> None:
    with night.away(there):
        night.falls(0.148)
        await night.in_time(lambda: bool(night.read(here)))
        await night.recovers()
        await night.in_time(lambda: "RESOLVED" in night.read(here)[0].text)
        assert night.read(there) == []
    await night.in_time(lambda: "RESOLVED" in night.text(there))
    await night.settled()
    assert len(night.read(there)) == 1
