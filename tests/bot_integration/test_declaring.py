"""A bot author declares commands of his own: what people are told of them, and what the bot takes."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import uuid4

import pytest
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from bot_integration import (
    Argument,
    ArgumentType,
    Bot,
    BotController,
    CommandResult,
    CommandRisk,
    Custom,
    Declaration,
    Outcome,
    PositionId,
    Preview,
    Refused,
    SnapshotTaken,
    Unit,
)
from bot_integration.control import ControlServer, RemoteBot
from tests.bot_integration.facts import NOON, Clock, facts


class Where(StrEnum):
    COLD = "cold"
    WARM = "warm"


class Transfer(BaseModel):
    model_config = ConfigDict(strict=True)

    to: Annotated[Where, Field(description="Which wallet.")]
    usd: Annotated[Decimal, Field(gt=0, le=500), Unit("USD")]
    of: PositionId | None = None
    parts: Annotated[int, Field(ge=1, lt=5)] = 2
    when: datetime | None = None
    speed: Literal["slow", "fast"] = "slow"
    dry: bool = False
    note: Annotated[str, Field(max_length=12)] = ""


@pytest.fixture
def controller() -> BotController:
    return BotController("alpha", now=Clock())


@pytest.fixture
def got() -> list[Any]:
    return []


@pytest.fixture(params=["near", "far"])
async def bot(request: pytest.FixtureRequest, controller: BotController, got: list[Any]) -> AsyncIterator[Bot]:
    @controller.command("transfer", role="operator", risk=CommandRisk.NEUTRAL)
    async def transfer(asked: Transfer, command: Custom) -> str:
        """Move money to a wallet.

        It cannot be taken back.
        """
        got.append((asked, command.by))
        return f"{asked.usd} USD to {asked.to}"

    @controller.previews_command("transfer")
    async def foretell(asked: Transfer) -> str:
        return f"Costs {asked.usd / 100} USD."

    @controller.command("holdings", role="viewer", risk=None)
    async def holdings() -> dict[str, Any]:
        """Show what is held."""
        return {"usd": Decimal("12.5"), "since": NOON, "whole": True}

    @controller.command("flatten")
    async def flatten(command: Custom) -> CommandResult:
        """Flatten it."""
        return CommandResult(command_id=uuid4(), outcome=Outcome.PARTIAL, message="One leg of two.")

    controller.publish(facts())
    async with AsyncExitStack() as stack:
        if request.param == "near":
            yield controller
        else:
            server = await stack.enter_async_context(ControlServer(controller, listen="127.0.0.1:0"))
            far = await stack.enter_async_context(RemoteBot("alpha", server.url, now=Clock()))
            async with far.follow() as events:
                while not isinstance(await anext(events), SnapshotTaken):
                    pass
            yield far


def custom(name: str, **values: Any) -> Custom:
    return Custom(id=uuid4(), by="ada", not_after=NOON + timedelta(seconds=30), custom=name, values=values)


async def test_a_snapshot_says_what_is_declared(bot: Bot) -> None:
    snapshot = bot.snapshot()
    assert snapshot is not None
    transfer, holdings, flatten = snapshot.commands
    assert (transfer.role, transfer.risk, transfer.confirm) == ("operator", CommandRisk.NEUTRAL, True)
    assert transfer.help == "Move money to a wallet.\n\nIt cannot be taken back."
    kinds = ArgumentType
    assert transfer.arguments == (
        Argument(name="to", type=kinds.CHOICE, choices=("cold", "warm"), help="Which wallet."),
        Argument(name="usd", type=kinds.FLOAT, above=0, max=500, unit="USD"),
        Argument(name="of", type=kinds.POSITION, required=False),
        Argument(name="parts", type=kinds.INT, min=1, below=5, required=False, default="2"),
        Argument(name="when", type=kinds.MOMENT, required=False),
        Argument(name="speed", type=kinds.CHOICE, choices=("slow", "fast"), required=False, default="slow"),
        Argument(name="dry", type=kinds.BOOL, required=False, default="no"),
        Argument(name="note", type=kinds.STR, longest=12, required=False),
    )
    assert (holdings.role, holdings.risk, holdings.confirm, holdings.arguments) == ("viewer", None, False, ())
    # What an author does not say is the safest.
    assert (flatten.role, flatten.risk, flatten.confirm) == ("admin", CommandRisk.INCREASES, True)


async def test_what_is_declared_is_the_same_object_until_it_changes(controller: BotController) -> None:
    @controller.command("one")
    async def one() -> None: ...

    controller.publish(facts())
    first = controller.snapshot()
    controller.publish(facts())
    second = controller.snapshot()
    assert first is not None
    assert second is not None
    assert second.commands is first.commands

    @controller.command("two")
    async def two() -> None: ...

    controller.publish(facts())
    third = controller.snapshot()
    assert third is not None
    assert [one.name for one in third.commands] == ["one", "two"]


async def test_the_author_is_given_his_model_and_who_asks(bot: Bot, got: list[Any]) -> None:
    result = await bot.execute(custom("transfer", to="cold", usd=12.5, when="2026-05-04T12:00:00Z"))
    assert (result.outcome, result.message) == (Outcome.DONE, "12.5 USD to cold")
    ((asked, by),) = got
    assert (asked.to, asked.usd, asked.parts, by) == (Where.COLD, Decimal("12.5"), 2, "ada")
    assert asked.when == datetime.fromisoformat("2026-05-04T12:00:00+00:00")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"to": "cold"}, "usd: is missing."),
        ({"to": "hot", "usd": 1}, "to: should be 'cold' or 'warm'."),
        ({"to": "cold", "usd": 501}, "usd: should be less than or equal to 500."),
        ({"to": "cold", "usd": 1, "parts": "many"}, "parts: should be a valid integer."),
        ({"to": "cold", "usd": 1, "colour": "red"}, "transfer takes no colour."),
    ],
)
async def test_values_that_do_not_fit_are_refused_in_words(
    bot: Bot, got: list[Any], values: dict[str, Any], said: str
) -> None:
    asked = custom("transfer", **values)
    result = await bot.execute(asked)
    assert (result.outcome, result.message) == (Outcome.REFUSED, said)
    with pytest.raises(Refused, match=said.rstrip(".")):
        await bot.preview(asked)
    assert got == []


async def test_a_preview_is_a_sentence_or_nothing(bot: Bot) -> None:
    preview = await bot.preview(custom("transfer", to="cold", usd=100))
    assert preview == Preview(command="custom", at=NOON, message="Costs 1 USD.")
    assert await bot.preview(custom("flatten")) is None


async def test_a_mapping_is_data_and_a_result_is_taken_as_it_is(bot: Bot) -> None:
    held = await bot.execute(custom("holdings"))
    assert (held.outcome, held.message) == (Outcome.DONE, "")
    assert held.data == {"usd": "12.5", "since": NOON.isoformat().replace("+00:00", "Z"), "whole": True}
    asked = custom("flatten")
    result = await bot.execute(asked)
    assert (result.command_id, result.outcome, result.message) == (asked.id, Outcome.PARTIAL, "One leg of two.")


async def test_what_is_not_declared_is_refused(bot: Bot) -> None:
    result = await bot.execute(custom("dance"))
    assert (result.outcome, result.message) == (Outcome.REFUSED, "alpha does not know how to dance.")


class Nested(BaseModel):
    inner: Transfer


class Many(BaseModel):
    several: list[int]


class Either(BaseModel):
    one: int | bool


class Numbers(BaseModel):
    which: Literal[1, 2]


class Aliased(BaseModel):
    amount: int = Field(alias="usd")


class ForABot(BaseModel):
    bot: str


class Keyed(BaseModel):
    key: SecretStr


class Crowded(BaseModel):
    a: int
    b: int
    c: int
    d: int
    e: int
    f: int
    g: int
    h: int
    i: int


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (Nested, "inner is nothing that can be typed in a chat; there are str, int,"),
        (Many, "several is nothing that can be typed"),
        (Either, "one is nothing that can be typed"),
        (Numbers, "which is nothing that can be typed"),
        (Aliased, "amount has an alias"),
        (ForABot, "no argument can be called bot"),
        # What is typed in a chat is no secret any more.
        (Keyed, "key is nothing that can be typed"),
        (Crowded, "at most 8 items"),
        (str, "“asked” is neither"),
    ],
)
def test_a_model_that_nobody_could_type_is_refused_at_once(
    controller: BotController, model: type[Any], said: str
) -> None:
    async def act(asked: Any) -> None: ...

    act.__annotations__["asked"] = model
    with pytest.raises(ValueError, match="the command “act”") as refused:
        controller.command("act")(act)
    assert said in str(refused.value)


@pytest.mark.parametrize("name", ["", "Withdraw", "9lives", "with draw", "x" * 33, "é", "a-b"])
def test_a_name_that_no_menu_takes_is_refused(controller: BotController, name: str) -> None:
    async def act() -> None: ...

    with pytest.raises(ValueError, match="name: should match pattern"):
        controller.command(name)(act)


def test_a_role_that_there_is_not_is_refused(controller: BotController) -> None:
    async def act() -> None: ...

    with pytest.raises(ValueError, match="role: should be 'viewer', 'operator' or 'admin'"):
        controller.command("act", role="owner")(act)


def test_what_stands_twice_or_is_no_coroutine_is_refused(controller: BotController) -> None:
    async def act() -> None: ...

    def sync() -> None: ...

    async def two(one: Transfer, other: Transfer) -> None: ...

    controller.command("act")(act)
    with pytest.raises(ValueError, match="declared already"):
        controller.command("act")(act)
    with pytest.raises(ValueError, match="a coroutine that takes one pydantic model"):
        controller.command("sync")(sync)  # type: ignore[type-var]
    with pytest.raises(ValueError, match="“other” is neither"):
        controller.command("two")(two)
    with pytest.raises(ValueError, match="no command “later” is declared yet"):
        controller.previews_command("later")(act)  # type: ignore[type-var]
    with pytest.raises(ValueError, match="takes another model"):
        controller.previews_command("act")(two_of_it)


async def two_of_it(asked: Transfer) -> str:
    return "nothing"


def test_a_bot_declares_no_more_than_anybody_reads(controller: BotController) -> None:
    async def act() -> None: ...

    for number in range(50):
        controller.command(f"act_{number}")(act)
    with pytest.raises(ValueError, match="one too many"):
        controller.command("act_50")(act)


def test_a_declaration_is_read_back_from_its_json(controller: BotController) -> None:
    @controller.command("transfer", text="Move.")
    async def transfer(asked: Transfer) -> None: ...

    controller.publish(facts())
    snapshot = controller.snapshot()
    assert snapshot is not None
    (said,) = snapshot.commands
    assert said.help == "Move."
    assert Declaration.model_validate_json(said.model_dump_json()) == said
