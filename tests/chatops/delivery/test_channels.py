"""Webhooks behind the outbox: each is one by itself, and what fails there is a delivery like any other."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from alerts.severity import Severity
from chatops.adapters.webhook.adapter import Hook, WebhookAdapter
from chatops.messages import Message, Posting
from chatops.owed import Kind
from chatops.room import Room
from chatops.storage.database import Database
from tests.flows.delivery_world import Delivery, StepClock, Watch
from tests.servers.taker import Taker, taker
from tests.servers.telegram import TelegramServer

ONE, OTHER = Room("webhook", "one"), Room("webhook", "other")


class Watched(WebhookAdapter):
    """The real one; the story waits for its calls."""

    def __init__(self, hooks: list[Hook], clock: StepClock, watch: Watch) -> None:
        super().__init__(hooks, clock)
        self._watch = watch

    async def send(self, room: Room, posting: Posting, *, reply_to: str | None = None, plain: bool = False) -> str:
        with self._watch.one():
            return await super().send(room, posting, reply_to=reply_to, plain=plain)


@pytest.fixture
def clock() -> StepClock:
    return StepClock()


@pytest.fixture
async def servers() -> AsyncIterator[tuple[Taker, Taker]]:
    async with taker() as one, taker() as other:
        yield one, other


@pytest.fixture
async def world(
    database: Database, clock: StepClock, servers: tuple[Taker, Taker], tmp_path: Path
) -> AsyncIterator[Delivery]:
    async with TelegramServer(now=lambda: clock().timestamp()) as telegram:
        world = Delivery(telegram, database, clock, tmp_path / "spool")
        hooks = [
            Hook(room.id, server.url, "between us", allow_private=True)
            for room, server in zip((ONE, OTHER), servers, strict=True)
        ]
        async with Watched(hooks, clock, world.watch) as adapter:
            world.others.append(adapter)
            await world.way.request.initialize()
            yield world
            await world.way.request.shutdown()


def titles(server: Taker) -> list[str]:
    return [json.loads(taken.body)["title"] for taken in server.taken]


def texts(server: Taker) -> list[str]:
    return [json.loads(taken.body)["text"] for taken in server.taken]


async def states(world: Delivery) -> list[tuple[str, str]]:
    return [(row["room"], row["state"]) for row in await world.rows()]


async def test_one_that_asks_for_a_pause_is_left_alone_and_the_other_is_not(
    world: Delivery, servers: tuple[Taker, Taker]
) -> None:
    one, other = servers
    one.answers.append((503, {"Retry-After": "40"}))
    async with world.running() as outbox:
        for room in (ONE, ONE, OTHER):
            await outbox.owe(Message("it fell"), room, kind=Kind.ALERT, severity=Severity.CRITICAL)
        await world.quiet()
        assert (len(one.taken), titles(other)) == (1, ["it fell"])
        await world.pass_by(39)
        assert len(one.taken) == 1
        await world.pass_by(2)
    assert len(one.taken) == 3
    assert {state for _, state in await states(world)} == {"sent"}


async def test_of_one_that_does_not_answer_the_urgent_goes_again_marked_and_the_rest_does_not(
    world: Delivery, servers: tuple[Taker, Taker]
) -> None:
    one, other = servers
    one.answers.extend([(0, {}), (0, {})])
    async with world.running() as outbox:
        await outbox.owe(Message("a warning"), ONE, kind=Kind.ALERT, severity=Severity.WARNING)
        await world.quiet()
        await outbox.owe(Message("it fell"), ONE, kind=Kind.ALERT, severity=Severity.CRITICAL)
        await outbox.owe(Message("it fell"), OTHER, kind=Kind.ALERT, severity=Severity.CRITICAL)
        # Nobody probes anything, and nobody waits for it.
        await world.quiet()
    assert titles(one) == ["a warning", "it fell", "it fell"]
    assert texts(one)[2].startswith("Possible repeat: nobody knows whether this arrived.")
    assert titles(other) == ["it fell"]
    assert await states(world) == [("one", "ambiguous"), ("one", "sent"), ("other", "sent")]


async def test_one_that_turns_us_away_is_dead_at_once(world: Delivery, servers: tuple[Taker, Taker]) -> None:
    one, _ = servers
    one.answers.append((401, {}))
    async with world.running() as outbox:
        await outbox.owe(Message("it fell"), ONE, kind=Kind.ALERT, severity=Severity.EMERGENCY)
        await world.quiet()
    assert await states(world) == [("one", "dead")]


async def test_what_would_change_a_message_comes_as_a_new_one(world: Delivery, servers: tuple[Taker, Taker]) -> None:
    one, _ = servers
    async with world.running() as outbox:
        for said in ("it fell", "ada has it"):
            await outbox.owe(Message(said), ONE, kind=Kind.ALERT, severity=Severity.CRITICAL, card="17", in_place=True)
            # Changes of one card keep a second's distance.
            await world.pass_by(2)
    assert titles(one) == ["it fell", "ada has it"]
