"""Which of several bots a word of theirs is for."""

import uuid
from datetime import UTC

import pytest
from pydantic import BaseModel

from bot_integration import BotController, Outcome
from chatops.asks.custom import CustomAsk
from chatops.commands.custom import CustomCommands
from chatops.commands.registry import Asking, Question, Reply
from chatops.fleet import Fleet
from chatops.people import Identity, Principal, Role
from chatops.room import Room
from chatops.vocabulary import Vocabulary
from tests.bot_integration.facts import NOON, facts

COMMANDS = CustomCommands(lambda room: UTC)


class Amount(BaseModel):
    usd: float


def bot(name: str, *, knows: bool) -> BotController:
    controller = BotController(name)

    async def payout(asked: Amount) -> None: ...

    if knows:
        controller.command("payout")(payout)
    controller.publish(facts())
    return controller


@pytest.fixture
def fleet() -> Fleet:
    return Fleet([bot("alpha", knows=True), bot("beta", knows=False), bot("gamma", knows=True)])


async def said(fleet: Fleet, of: Fleet, *, to: str = "") -> Question | Reply:
    """What the word is answered for somebody who may ask about the bots `of` the fleet."""
    kind = Vocabulary(fleet).now.find("payout")
    assert kind is not None
    assert issubclass(kind, CustomAsk)
    ask = kind.model_validate({"usd": 5, "bot": to})
    ada = Principal("ada", Role.ADMIN)
    return await COMMANDS.ask(ask, Asking(ada, Identity("memory", "1"), Room("memory", "1"), NOON, uuid.uuid4(), of))


async def test_of_several_bots_that_know_it_one_is_chosen(fleet: Fleet) -> None:
    reply = await said(fleet, fleet)
    assert isinstance(reply, Reply)
    assert reply.message.title == "Which bot?"
    assert [button.label for row in reply.message.buttons for button in row] == ["alpha", "gamma"]
    named = await said(fleet, fleet, to="GAMMA")
    assert isinstance(named, Question)
    assert named.ask.bot == "gamma"  # type: ignore[attr-defined]


async def test_the_only_bot_that_one_may_ask_and_that_knows_it_is_meant(fleet: Fleet) -> None:
    question = await said(fleet, Fleet(fleet.bots()[1:]))
    assert isinstance(question, Question)
    assert question.ask.bot == "gamma"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("to", "title"),
    [
        ("beta", "beta does not know /payout. It is a word of alpha, gamma."),
        ("delta", "There is no bot “delta”. There is: alpha, beta, gamma."),
    ],
)
async def test_another_bot_is_answered_with_those_that_know_it(fleet: Fleet, to: str, title: str) -> None:
    reply = await said(fleet, fleet, to=to)
    assert isinstance(reply, Reply)
    assert (reply.message.title, reply.outcome) == (title, Outcome.REFUSED)


async def test_who_is_bound_to_other_bots_is_told_so(fleet: Fleet) -> None:
    reply = await said(fleet, Fleet(fleet.bots("beta")))
    assert isinstance(reply, Reply)
    assert reply.message.title == "None of the bots that you may ask about knows /payout."
