"""Words of a bot author's own: they appear, are asked for, confirmed and logged like any other."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, field_validator

from bot_integration import BotController, CommandRisk, Custom, PositionId, Refused, Unit
from chatops.guard.permissions import Permissions
from chatops.guard.policy import Policy, WordRule
from chatops.people import Role
from chatops.storage.database import Database
from tests.flows.chats import Chat
from tests.flows.conftest import ADA, BOB, VIC, Clock, Trader, World, settle_in, world_of
from tests.flows.ways import Way


class Withdrawal(BaseModel):
    venue: Annotated[Literal["bybit", "okx"], Field(description="Where the money lies.")]
    amount: Annotated[float, Unit("USD"), Field(gt=0, le=1_000)]
    note: str = "none"

    @field_validator("amount")
    @classmethod
    def _in_tens(cls, amount: float) -> float:
        if amount % 10:
            raise ValueError("the venue pays in tens")
        return amount


class Snooze(BaseModel):
    position: PositionId
    until: datetime


class Tag(BaseModel):
    label: str


@dataclass
class Author:
    """What the author's commands were called with."""

    withdrawn: list[Any] = field(default_factory=list)
    snoozed: list[Snooze] = field(default_factory=list)

    def declare(self, controller: BotController) -> None:
        @controller.command("withdraw", role="operator", risk=CommandRisk.REDUCES)
        async def withdraw(order: Withdrawal, asked: Custom) -> str:
            """Take money off a venue.

            It takes a minute to arrive.
            """
            if order.venue == "okx":
                raise Refused("okx pays nothing out on Sundays.")
            self.withdrawn.append((order, asked.by))
            return f"{order.amount:g} USD are on their way."

        @controller.previews_command("withdraw")
        async def foretell(order: Withdrawal) -> str:
            return f"Leaves {5_000 - order.amount:g} USD on {order.venue}."

        @controller.command("snooze", role="admin")
        async def snooze(asked: Snooze) -> None:
            """Leave a position alone."""
            self.snoozed.append(asked)

        @controller.command("tag", role="operator", risk=CommandRisk.NEUTRAL, confirm=False)
        async def tag(asked: Tag) -> str:
            """Write a label on the day."""
            return f"Tagged {asked.label}."

        @controller.command("fees_today", role="viewer", risk=None)
        async def fees_today() -> dict[str, Any]:
            """Show the fees of today."""
            return {"paid": 12.5, "orders": 1_204}


@pytest.fixture
def author() -> Author:
    return Author()


@pytest.fixture
def world(database: Database, clock: Clock, trader: Trader, chat: Chat, author: Author) -> World:
    author.declare(trader.controller)
    trader.publish()
    return settle_in(database, clock, trader, chat)


async def test_a_word_is_asked_for_by_buttons_and_reply_then_confirmed_and_logged(world: World, author: Author) -> None:
    await world.chat.say(BOB, "/withdraw")
    assert world.chat.last.message.title == "Withdraw: venue?"
    assert world.chat.last.labels == ["bybit", "okx"]
    await world.chat.press(BOB, "bybit")
    asked = world.chat.last
    assert asked.message.title == "Withdraw bybit: amount?"
    assert "A number over 0, at most 1,000 USD. Reply with it." in asked.text

    await world.chat.say(BOB, "250 usd", reply_to=asked.id)

    question = world.chat.last
    assert question.message.title == "Withdraw bybit 250? On alpha."
    assert "Take money off a venue." in question.text
    assert "Leaves 4750 USD on bybit." in question.text
    assert author.withdrawn == []
    await world.chat.press(BOB, "Confirm")
    assert author.withdrawn == [(Withdrawal(venue="bybit", amount=250), "bob")]
    assert world.chat.last.message.title == "✓ 250 USD are on their way."
    row = (await world.log())[-1]
    assert (row["word"], row["risk"], row["state"], row["outcome"]) == ("withdraw", "reduces", "finished", "done")
    assert (row["bot"], row["arguments"]) == ("alpha", {"bot": "alpha", "venue": "bybit", "amount": 250})
    assert await world.steps(row["id"]) == ["received", "asked to confirm", "confirmed", "running", "finished"]


async def test_a_word_of_a_bot_stands_in_help_for_whom_it_is(world: World) -> None:
    await world.chat.say(BOB, "/help")
    assert "Of your bots alone" in world.chat.last.text
    await world.chat.press(BOB, "Own")
    assert "/withdraw [bybit|okx] [amount] [note] – take money off a venue" in world.chat.last.text
    assert "snooze" not in world.chat.last.text
    await world.chat.say(VIC, "/help own")
    assert "withdraw" not in world.chat.last.text
    assert "/fees_today – the fees of today" in world.chat.last.text
    await world.chat.say(BOB, "/help withdraw")
    text = world.chat.last.text
    assert "It takes a minute to arrive." in text
    assert "venue: one of bybit, okx. Where the money lies." in text
    assert "amount: a number over 0, at most 1,000 USD." in text
    assert "note: a text of at most 200 characters, none where you do not say." in text
    assert "A word of alpha." in text


async def test_a_word_is_for_the_role_that_its_author_said(world: World, author: Author) -> None:
    await world.chat.say(VIC, "/withdraw bybit 10")
    assert world.chat.last.message.title == "/withdraw is for operators and above; you are a viewer."
    await world.chat.say(BOB, "/snooze SOL 2h")
    assert world.chat.last.message.title == "/snooze is for admins; you are an operator."
    assert author.withdrawn == author.snoozed == []
    assert [row["state"] for row in await world.log()] == ["denied", "denied"]


async def test_what_does_not_fit_in_a_reply_is_asked_for_once_more(world: World, author: Author) -> None:
    await world.chat.say(BOB, "/withdraw bybit")
    await world.chat.say(BOB, "a lot", reply_to=world.chat.last.id)
    assert world.chat.last.message.title == "“a lot” will not do as amount: it should be a valid number."
    await world.chat.say(BOB, "5000", reply_to=world.chat.last.id)
    assert "less than or equal to 1000" in world.chat.last.message.title
    await world.chat.say(BOB, "20", reply_to=world.chat.last.id)
    await world.chat.press(BOB, "Confirm")
    assert [order.amount for order, _ in author.withdrawn] == [20]
    assert [row["state"] for row in await world.log()] == ["finished", "misread", "misread", "finished"]


async def test_a_code_that_is_typed_as_a_reply_by_mistake_is_not_on_record(world: World) -> None:
    await world.chat.say(BOB, "/withdraw bybit")
    await world.chat.say(BOB, "kepa-sumo-2345", reply_to=world.chat.last.id)
    assert world.chat.last.message.title == "“***” will not do as amount: it should be a valid number."
    misread = (await world.log())[-1]
    assert (misread["state"], misread["arguments"]) == ("misread", {"text": "***"})


async def test_what_only_the_author_knows_to_be_wrong_is_refused_before_it_is_asked_twice(world: World) -> None:
    await world.chat.say(BOB, "/withdraw bybit 15")
    assert world.chat.last.message.title == "Refused: amount: the venue pays in tens."
    assert world.chat.last.labels == []
    await world.chat.say(BOB, "/withdraw okx 10")
    await world.chat.press(BOB, "Confirm")
    assert world.chat.last.message.title == "Refused: okx pays nothing out on Sundays."
    assert (await world.log())[-1]["outcome"] == "refused"


async def test_only_whoever_was_asked_may_answer_and_in_time(world: World) -> None:
    await world.chat.say(BOB, "/withdraw bybit")
    asked = world.chat.last
    await world.chat.say(ADA, "20", reply_to=asked.id)
    assert world.chat.last.message.title == "Only bob can answer that. Nothing was done."
    world.clock.pass_by(minutes=11)
    world.bot.publish()
    await world.chat.say(BOB, "20", reply_to=asked.id)
    assert "too old" in world.chat.last.message.title
    assert [row["state"] for row in await world.log()] == ["finished", "denied", "expired"]
    await world.chat.press(BOB, "Withdraw bybit")
    assert world.chat.last.message.title == "Withdraw bybit: amount?"


async def test_a_reply_fills_in_what_the_message_asked_that_it_answers(world: World) -> None:
    await world.chat.say(BOB, "/tag")
    first = world.chat.last
    await world.chat.say(BOB, "/withdraw bybit")
    await world.chat.say(BOB, "/whoami")
    nothing = world.chat.last
    await world.chat.say(BOB, "20", reply_to=first.id)
    assert world.chat.last.message.title == "✓ Tagged 20."
    await world.chat.say(BOB, "whoami", reply_to=nothing.id)
    assert world.chat.last.message.title == "You are bob, operator."


async def test_a_word_with_its_slash_is_no_reply(world: World) -> None:
    await world.chat.say(BOB, "/withdraw bybit")
    await world.chat.say(BOB, "/whoami", reply_to=world.chat.last.id)
    assert world.chat.last.message.title == "You are bob, operator."


async def test_what_only_looks_is_shown_at_once_as_a_table(world: World) -> None:
    await world.chat.say(VIC, "/fees_today")
    assert world.chat.last.message.title == "✓ Fees today."
    assert "paid    12.5" in world.chat.last.text
    assert "orders 1,204" in world.chat.last.text
    (row,) = await world.log()
    assert (row["word"], row["risk"], row["outcome"]) == ("fees_today", None, "done")


async def test_what_its_author_does_not_have_confirmed_is_done_at_once_and_on_record_before(world: World) -> None:
    await world.chat.say(BOB, "/tag a calm day")
    assert world.chat.last.message.title == "✓ Tagged a calm day."
    (done,) = await world.log()
    assert (done["word"], done["bot"], done["risk"], done["outcome"]) == ("tag", "alpha", "neutral", "done")
    assert done["arguments"] == {"bot": "alpha", "label": "a calm day"}
    assert await world.steps(done["id"]) == ["received", "running", "finished"]


async def test_positions_are_chosen_and_moments_settled(world: World, author: Author) -> None:
    await world.chat.say(ADA, "/snooze")
    assert world.chat.last.message.title == "Snooze: position?"
    assert world.chat.last.labels == ["ETH-1", "SOL-1"]
    await world.chat.press(ADA, "SOL-1")
    await world.chat.say(ADA, "soon", reply_to=world.chat.last.id)
    assert world.chat.last.message.title.startswith("“soon” will not do as until: it goes: 2h")
    await world.chat.say(ADA, "2h", reply_to=world.chat.last.id)
    assert world.chat.last.message.title == "Snooze SOL-1 2026-05-04 14:00 UTC? On alpha."
    await world.chat.press(ADA, "Confirm")
    assert author.snoozed == [Snooze(position="SOL-1", until=datetime(2026, 5, 4, 14, 0, tzinfo=UTC))]
    await world.chat.say(ADA, "/prefs zone Asia/Tokyo")
    await world.chat.say(ADA, "/snooze doge 23:30")
    assert world.chat.last.message.title == "There is no position “doge”. These are open:"
    await world.chat.press(ADA, "ETH-1")
    # Whoever else reads it may be in another zone.
    assert world.chat.last.message.title == "Snooze ETH-1 2026-05-04 23:30 UTC+09:00? On alpha."
    await world.chat.press(ADA, "Confirm")
    assert author.snoozed[1:] == [Snooze(position="ETH-1", until=datetime(2026, 5, 4, 14, 30, tzinfo=UTC))]


async def test_what_is_misread_says_how_the_word_goes(world: World) -> None:
    await world.chat.say(BOB, "/withdraw kraken 10")
    hint = "“kraken” will not do as venue: it should be one of bybit, okx. It goes: /withdraw [bybit|okx] [amount]"
    assert world.chat.last.message.title.startswith(hint)
    await world.chat.say(BOB, "/withdrwa bybit")
    assert world.chat.last.message.title == "I do not know “withdrwa”. Did you mean /withdraw?"


async def test_a_button_of_a_word_that_went_says_so(
    world: World, clock: Clock, chat: Chat, author: Author, way: Way
) -> None:
    await chat.say(BOB, "/withdraw")
    question = chat.last
    another = Trader(BotController("alpha", now=clock), clock)
    another.held = await way.to(another.controller)
    settle_in(world.database, clock, another, chat)
    await chat.press(BOB, "bybit", question)
    assert chat.last.message.title.startswith("/withdraw is not known any more as it was asked there.")
    await chat.say(BOB, "/withdraw")
    assert chat.last.message.title == "I do not know “withdraw”. /help shows what you can ask."
    assert author.withdrawn == []


async def test_a_question_that_a_restart_voids_can_be_asked_anew(world: World) -> None:
    await world.chat.say(BOB, "/withdraw bybit 20")
    again = settle_in(world.database, world.clock, world.bot, world.chat)
    await again.desk.settling.settle(await again.desk.settling.take_stock())
    assert again.chat.last.message.title.startswith("I was restarted before “withdraw bybit 20")
    await again.chat.press(BOB, "Withdraw bybit 20")
    assert again.chat.last.message.title == "Withdraw bybit 20? On alpha."


async def test_the_settings_go_before_what_the_author_said(
    database: Database, clock: Clock, trader: Trader, chat: Chat, author: Author
) -> None:
    author.declare(trader.controller)
    trader.publish()
    rules = {"withdraw": WordRule(role=Role.ADMIN), "fees_today": WordRule(confirm=True)}
    world = world_of(database, clock, trader, chat, permissions=Permissions(Policy(rules)))
    chat.connect(world.desk.gateway.receive)
    await chat.say(BOB, "/withdraw bybit 10")
    assert chat.last.message.title == "/withdraw is for admins; you are an operator."
    await chat.say(VIC, "/fees_today")
    assert chat.last.labels[:1] == ["Confirm"]


async def test_another_bot_that_takes_its_name_rids_a_word_of_no_rule_in_the_settings(
    database: Database, clock: Clock, trader: Trader, chat: Chat, author: Author
) -> None:
    author.declare(trader.controller)
    trader.publish()
    beta = Trader(BotController("beta", now=clock), clock)
    rules = {"withdraw": WordRule(role=Role.ADMIN, approvals=1)}
    world = world_of(
        database,
        clock,
        trader,
        chat,
        others=[await trader.way.to(beta.controller)],
        permissions=Permissions(Policy(rules)),
    )
    chat.connect(world.desk.gateway.receive)

    @beta.controller.command("withdraw", role="viewer", risk=CommandRisk.REDUCES, confirm=False)
    async def withdraw() -> str:
        """Something else."""
        return "done"

    beta.publish()
    await chat.say(BOB, "/alpha_withdraw bybit 10")
    assert chat.last.message.title == "/alpha_withdraw is for admins; you are an operator."
    await chat.say(VIC, "/beta_withdraw")
    assert chat.last.message.title == "/beta_withdraw is for admins; you are a viewer."
    await chat.say(ADA, "/alpha_withdraw bybit 10")
    await chat.press(ADA, "Confirm")
    assert chat.last.message.title.startswith("Nobody else may approve this")
    assert author.withdrawn == []


async def test_a_rule_for_the_word_of_one_of_two_bots_stays_when_the_other_has_it_no_more(
    database: Database, clock: Clock, trader: Trader, chat: Chat, author: Author
) -> None:
    author.declare(trader.controller)
    trader.publish()
    rules = {"alpha_withdraw": WordRule(role=Role.ADMIN), "alpha_fees_today": WordRule(role=Role.OPERATOR)}
    world = world_of(database, clock, trader, chat, permissions=Permissions(Policy(rules)))
    chat.connect(world.desk.gateway.receive)
    for said in ("/withdraw bybit 10", "/withdraw alpha bybit 10"):
        await chat.say(BOB, said)
        assert chat.last.message.title == "/withdraw is for admins; you are an operator."
    await chat.say(VIC, "/fees_today")
    assert chat.last.message.title == "/fees_today is for operators and above; you are a viewer."
