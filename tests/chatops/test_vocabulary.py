"""Which words there are: the desk's own, and those that its bots declare."""

import asyncio
import logging
from typing import Any

import pytest
from pydantic import BaseModel

from bot_integration import Argument, ArgumentType, BotController, CommandRisk, Declaration, Snapshot
from bot_integration.fact import Fact
from chatops.asks import ASKS, Close
from chatops.asks.custom import CustomAsk, Gone
from chatops.fleet import Fleet
from chatops.people import Principal, Role
from chatops.vocabulary import Vocabulary
from chatops.words import OURS
from tests.bot_integration.facts import facts


class Amount(BaseModel):
    usd: float


class Other(BaseModel):
    venue: str


def bot(name: str, *commands: str, model: type[BaseModel] | None = Amount) -> BotController:
    """A bot that declares these, and has said so."""
    controller = BotController(name)
    for command in commands:

        async def act(asked: Any) -> None:
            """Do it."""

        async def plain() -> None:
            """Do it."""

        act.__annotations__["asked"] = model
        controller.command(command, role="operator", risk=CommandRisk.REDUCES)(act if model else plain)
    controller.publish(facts())
    return controller


def words(*bots: BotController) -> list[str]:
    return [kind.word for kind in Vocabulary(Fleet(bots)).now.kinds[len(ASKS) :]]


def test_a_declared_command_is_a_word_behind_those_of_the_desk() -> None:
    vocabulary = Vocabulary(Fleet([bot("alpha", "payout", "drain")]))
    assert vocabulary.now.kinds[: len(ASKS)] == ASKS
    assert [kind.word for kind in vocabulary.now.typed[-2:]] == ["payout", "drain"]
    kind = vocabulary.now.find("payout")
    assert kind is not None
    assert issubclass(kind, CustomAsk)
    assert (kind.role, kind.risk, kind.confirm, kind.summary()) == (
        Role.OPERATOR,
        CommandRisk.REDUCES,
        True,
        "Do it.",
    )
    assert kind.bots == ("alpha",)


def test_before_a_bot_has_spoken_there_are_the_words_of_the_desk() -> None:
    assert Vocabulary(Fleet([BotController("alpha")])).now is OURS


def test_nothing_is_made_anew_while_the_bots_declare_the_same() -> None:
    alpha = bot("alpha", "payout")
    vocabulary = Vocabulary(Fleet([alpha]))
    told: list[bool] = []
    vocabulary.on_learnt(lambda: told.append(True))
    first = vocabulary.now
    alpha.publish(facts())
    assert vocabulary.now is first
    assert told == [True]


def test_the_same_from_afar_is_another_object_each_time_and_changes_nothing() -> None:
    said = _declared(bot("alpha", "payout"))
    far = BotController("alpha")
    vocabulary = Vocabulary(Fleet([far]))
    far.publish(facts(commands=[one.model_dump(mode="json") for one in said]))
    first = vocabulary.now
    assert first.find("payout") is not None
    far.publish(facts(commands=[one.model_dump(mode="json") for one in said]))
    assert vocabulary.now is first


def test_a_bot_that_declares_others_changes_the_words() -> None:
    alpha = BotController("alpha")
    vocabulary = Vocabulary(Fleet([alpha]))
    alpha.publish(facts(commands=_declared(bot("x", "payout"))))
    payout = vocabulary.now.find("payout")
    assert payout is not None
    stored = payout(usd=5).arguments  # type: ignore[call-arg]
    assert vocabulary.stored("payout", stored) == payout(usd=5)  # type: ignore[call-arg]
    alpha.publish(facts(commands=_declared(bot("x", "payout", model=Other))))
    # The word is there, and takes other arguments.
    assert vocabulary.stored("payout", stored) == Gone(said_word="payout")
    assert vocabulary.known("payout", stored) is None
    alpha.publish(facts(commands=()))
    assert vocabulary.now.find("payout") is None
    assert vocabulary.stored("close", {"position": "SOL"}) == Close(position="SOL")


def _declared(controller: BotController) -> tuple[Fact, ...]:
    snapshot = controller.snapshot()
    assert snapshot is not None
    return snapshot.commands


def test_bots_that_mean_the_same_share_a_word() -> None:
    vocabulary = Vocabulary(Fleet([bot("alpha", "payout"), bot("beta", "payout")]))
    kind = vocabulary.now.find("payout")
    assert kind is not None
    assert issubclass(kind, CustomAsk)
    assert kind.bots == ("alpha", "beta")


def test_bots_that_mean_different_things_get_a_word_each_and_the_log_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert words(bot("alpha", "payout"), bot("Beta 2", "payout", model=Other)) == ["alpha_payout", "beta_2_payout"]
    assert "words of alpha: payout means something else to alpha, Beta 2: it is offered as alpha_payout" in caplog.text


@pytest.mark.parametrize("name", ["close", "cancel", "breaker", "quit", "private"])
def test_a_word_of_the_desk_cannot_be_taken(name: str, caplog: pytest.LogCaptureFixture) -> None:
    assert words(bot("alpha", name)) == [f"alpha_{name}"]
    assert f"{name} is a word of the desk: it is offered as alpha_{name}" in caplog.text


def test_a_word_stays_within_what_a_menu_takes() -> None:
    long = "x" * 31
    assert words(bot("a name that is long", long), bot("2nd", long, model=Other)) == [f"a_{'x' * 30}", f"b_{'x' * 30}"]


def test_words_that_cannot_be_told_apart_are_left_out(caplog: pytest.LogCaptureFixture) -> None:
    assert words(bot("a b", "payout"), bot("A-B", "payout", model=Other)) == ["a_b_payout"]
    assert "a_b_payout is taken too: it is not offered" in caplog.text


def test_people_see_the_words_of_their_bots() -> None:
    known = Vocabulary(Fleet([bot("alpha", "payout"), bot("beta", "drain")])).now
    bound = Principal("vic", Role.ADMIN, bots=frozenset({"beta"}))
    assert [kind.word for kind in known.seen_by(bound)[len(ASKS) :]] == ["drain"]
    assert known.seen_by(Principal("ada", Role.ADMIN)) == known.kinds


def test_what_an_author_writes_cannot_steer_a_screen_nor_fill_it() -> None:
    alpha = BotController("alpha")

    async def act() -> None: ...

    alpha.command("act", text="\x1b[2JDo\u202e it." + "\n" * 50 + "x" * 5_000)(act)
    alpha.publish(facts())
    kind = Vocabulary(Fleet([alpha])).now.find("act")
    assert kind is not None
    assert kind.summary() == " [2JDo it.".strip()
    assert len(kind.__doc__ or "") < 2_500


class Crazed(BotController):
    """A bot that breaks on being looked at."""

    def snapshot(self) -> Snapshot | None:
        raise RuntimeError("crazed")


def test_a_bot_that_breaks_on_being_looked_at_takes_no_words_away(caplog: pytest.LogCaptureFixture) -> None:
    vocabulary = Vocabulary(Fleet([bot("alpha", "payout"), Crazed("beta")]))
    assert vocabulary.now.find("close") is Close
    assert vocabulary.now.find("stop") is not None
    assert caplog.text.count("the facts of beta cannot be looked at") == 1


async def test_new_words_are_noticed_though_nobody_asks(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    turns: asyncio.Queue[None] = asyncio.Queue()
    learnt = asyncio.Event()
    alpha = BotController("alpha")

    async def turn(_: float) -> None:
        await turns.get()

    vocabulary = Vocabulary(Fleet([alpha]), sleep=turn)
    vocabulary.on_learnt(learnt.set)
    watching = asyncio.create_task(vocabulary.run())
    alpha.publish(facts(commands=_declared(bot("x", "payout"))))
    turns.put_nowait(None)
    async with asyncio.timeout(30):
        await learnt.wait()
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    assert "words of bots: payout" in caplog.text


def test_a_word_that_cannot_be_made_takes_no_other_away(caplog: pytest.LogCaptureFixture) -> None:
    beta = BotController("beta")
    endless = Argument(name="note", type=ArgumentType.STR, longest=10**30)
    beta.publish(facts(commands=(Declaration(name="flood", arguments=(endless,)),)))
    assert words(bot("alpha", "payout"), beta) == ["payout"]
    assert "the word flood of beta could not be made" in caplog.text


def test_arguments_may_be_called_anything_and_stay_apart() -> None:
    alpha = BotController("alpha")
    names = ("bot", "bot_", "declared", "bots", "word", "model_config", "arguments", "values")
    said = tuple(Argument(name=name, type=ArgumentType.STR) for name in names)
    alpha.publish(facts(commands=(Declaration(name="act", arguments=said),)))
    ask = Vocabulary(Fleet([alpha])).now.stored("act", {"bot": "alpha"})
    assert isinstance(ask, CustomAsk)
    for argument in said:
        ask = ask.told(argument, f"the {argument.name}")
    assert ask.values == {name: f"the {name}" for name in names}
    assert (ask.bot, ask.missing) == ("alpha", None)
