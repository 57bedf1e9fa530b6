"""The status that a room keeps in sight, by a door that shows cards at once."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from bot_integration import BotController, PositionStage
from chatops.adapters.base import Fault, SendError
from chatops.adapters.memory import MemoryAdapter
from chatops.fleet import Fleet
from chatops.ids import uuid7
from chatops.messages import Message, Posting
from chatops.owed import Kind
from chatops.pinned import CARD, UPDATE_EVERY_S, InSight, NotPinned, NotShown, PinnedStatus
from chatops.preferences import Preferences
from chatops.restraints import Wish
from chatops.room import Room
from chatops.storage.database import Database
from chatops.storage.preferences import PostgresPreferences
from chatops.tasks import running
from chatops.views.pinned import pinned_status, signature
from tests.chatops.notices.looks import look, sol
from tests.chatops.test_herald import Time
from tests.chatops.views.facts import NOW, carry


class Door:
    """Shows cards on the platform, as the outbox does; while it is shut nothing goes out."""

    def __init__(self, chat: MemoryAdapter) -> None:
        self._chat = chat
        self._cards: dict[Room, str] = {}
        self.shut = False
        self._gone: dict[UUID, str | None] = {}

    async def owe(
        self, message: Message, room: Room, *, kind: Kind, card: str | None = None, in_place: bool = False
    ) -> UUID:
        assert (kind, card, in_place) == (Kind.REPORT, CARD, True)
        delivery = uuid7()
        self._gone[delivery] = None if self.shut else await self._show(room, Posting(message))
        return delivery

    async def _show(self, room: Room, posting: Posting) -> str:
        try:
            if room in self._cards:
                return await self._chat.edit(room, self._cards[room], posting)
        except SendError:
            pass
        self._cards[room] = await self._chat.send(room, posting)
        return self._cards[room]

    async def gone(self, delivery: UUID, within_s: float) -> str | None:
        return self._gone[delivery]

    async def shown_as(self, room: Room, card: str) -> str | None:
        return self._cards.get(room)


class Story:
    """A room, a bot, and the status that is pinned there."""

    def __init__(self, database: Database) -> None:
        self.time = Time()
        self.chat = MemoryAdapter(self.time.now)
        self.room = self.chat.room
        self.bot = BotController("alpha")
        self.bot.publish(look(sol()))
        self.door = Door(self.chat)
        #: What people want of the bot.
        self.wishes: tuple[Wish, ...] = ()
        self.database = database
        self.again()

    def again(self) -> None:
        """As after a restart."""
        self.preferences = Preferences(PostgresPreferences(self.database), {})
        self.status = PinnedStatus(
            Fleet([self.bot]),
            self.door,
            [self.chat],
            self.preferences,
            now=self.time.now,
            sleep=self.time.sleep,
            desired=lambda bot: self.wishes,
        )

    @property
    def pinned(self) -> set[str]:
        return self.chat.pinned.get(self.room, set())

    @property
    def texts(self) -> list[str]:
        return [shown.text for shown in self.chat.shown]

    def running(self) -> AbstractAsyncContextManager["asyncio.Task[None]"]:
        return running(self.status.run(), "pinned")

    @property
    def edits(self) -> int:
        """How often the newest message was changed."""
        return len(self.chat.last.earlier)

    async def round(self) -> None:
        """Let the card's next turn come, and wait until it is over."""
        await self.time.until_napping(1)
        self.time.pass_by(UPDATE_EVERY_S)
        await self.time.until_napping(1)


@pytest.fixture
def story(database: Database) -> Story:
    return Story(database)


async def test_the_status_is_shown_and_pinned(story: Story) -> None:
    assert await story.status.pin(story.room, "ada") == InSight()
    (shown,) = story.chat.shown
    assert story.pinned == {shown.id}
    assert shown.message.title == "alpha is well"
    assert "104,512.33" in shown.text
    assert "As of 2026-05-04 12:00:00 UTC, kept up to date." in shown.text
    assert shown.message.silent
    assert shown.labels == []


async def test_it_is_edited_when_the_facts_have_changed_and_left_alone_while_they_have_not(story: Story) -> None:
    await story.status.pin(story.room, "ada")
    async with story.running():
        await story.round()
        assert story.edits == 0
        story.bot.publish(look(sol(), carry("ETH-1"), seq=16))
        await story.round()
        assert "2 of 8" in story.chat.text
        assert story.edits == 1
    assert len(story.chat.shown) == 1


async def test_a_pause_that_is_asked_for_and_not_in_force_stands_there(story: Story) -> None:
    await story.status.pin(story.room, "ada")
    async with story.running():
        story.wishes = (Wish("alpha", "entry", "ada", story.time.now(), uuid7(), story.room),)
        await story.round()
        assert "⚠ alpha is NOT held back as asked" in story.texts[-1]
        assert "⚠ Asked to pause entry by ada" in story.texts[-1]
        story.wishes = ()
        await story.round()
        assert "Asked to pause" not in story.texts[-1]


async def test_that_the_facts_grow_stale_is_news(story: Story) -> None:
    await story.status.pin(story.room, "ada")
    async with story.running():
        for _ in range(6):
            await story.round()
    assert story.chat.last.message.title.startswith("⚠ alpha is STALE")
    assert story.edits == 1


async def test_it_goes_on_after_a_restart_on_the_same_message(story: Story) -> None:
    await story.status.pin(story.room, "ada")
    story.again()
    await story.preferences.load()
    story.bot.publish(look(seq=16))
    async with story.running():
        await story.round()
    assert len(story.chat.shown) == 1
    assert "0 of 8" in story.chat.text


async def test_a_card_that_somebody_took_away_is_shown_and_pinned_anew(story: Story) -> None:
    await story.status.pin(story.room, "ada")
    story.chat.shown.clear()
    story.bot.publish(look(seq=2))
    async with story.running():
        await story.round()
        await story.round()
    (shown,) = story.chat.shown
    assert shown.id in story.pinned


async def test_what_could_not_be_shown_yet_is_pinned_once_it_is(story: Story) -> None:
    story.door.shut = True
    assert await story.status.pin(story.room, "ada") == NotShown()
    async with story.running():
        await story.round()
        assert story.chat.shown == []
        story.door.shut = False
        story.bot.publish(look(seq=2))
        await story.round()
        await story.round()
    assert story.pinned == {story.chat.last.id}


class Strict(MemoryAdapter):
    """A platform on which we may not pin."""

    pins = 0

    async def pin(self, room: Room, message_id: str) -> None:
        self.pins += 1
        raise SendError("not enough rights to pin a message", Fault.REFUSED)


async def test_without_the_right_to_pin_it_is_kept_up_to_date_all_the_same(database: Database) -> None:
    story = Story(database)
    story.chat = Strict(story.time.now)
    story.door = Door(story.chat)
    story.again()
    assert await story.status.pin(story.room, "ada") == NotPinned("not enough rights to pin a message")
    async with story.running():
        for seq in (20, 40):
            story.bot.publish(look(seq=seq, stage="idle"))
            await story.round()
    assert story.edits >= 1
    # Nobody asked again, and the platform is not either.
    assert story.chat.pins == 1


async def test_where_pinning_was_refused_a_card_that_is_posted_anew_is_tried_once(database: Database) -> None:
    story = Story(database)
    story.chat = strict = Strict(story.time.now)
    story.door = Door(story.chat)
    story.again()
    await story.status.pin(story.room, "ada")
    strict.shown.clear()
    async with story.running():
        for seq in range(20, 100, 20):
            story.bot.publish(look(seq=seq))
            await story.round()
    assert len(strict.shown) == 1
    assert strict.pins == 2


class Busy(MemoryAdapter):
    """A platform that wants to be left alone at first."""

    pins = 0

    async def pin(self, room: Room, message_id: str) -> None:
        self.pins += 1
        if self.pins == 1:
            raise SendError("retry after 5", Fault.RETRY_AFTER, wait_s=5)
        await super().pin(room, message_id)


async def test_what_a_busy_platform_did_not_pin_is_pinned_later(database: Database) -> None:
    story = Story(database)
    story.chat = Busy(story.time.now)
    story.door = Door(story.chat)
    story.again()
    assert await story.status.pin(story.room, "ada") == NotShown()
    async with story.running():
        await story.round()
    assert story.pinned == {story.chat.last.id}


class Paused(MemoryAdapter):
    """A platform that wants to be left alone for half a minute."""

    pins = 0

    async def pin(self, room: Room, message_id: str) -> None:
        self.pins += 1
        if self.pins == 1:
            raise SendError("retry after 31", Fault.RETRY_AFTER, wait_s=31)
        await super().pin(room, message_id)


async def test_a_pause_is_kept_to_the_second_even_for_a_person(database: Database) -> None:
    story = Story(database)
    story.chat = Paused(story.time.now)
    story.door = Door(story.chat)
    story.again()
    assert await story.status.pin(story.room, "ada") == NotShown()
    async with story.running():
        await story.round()
        await story.round()
        assert await story.status.pin(story.room, "ada") == NotShown()
        assert story.chat.pins == 1
        await story.round()
    assert story.chat.pins == 2
    assert story.pinned == {story.chat.last.id}


class Slow(MemoryAdapter):
    """A platform that takes its time to pin."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__(now)
        self.asked, self.may_go_on = asyncio.Event(), asyncio.Event()

    async def pin(self, room: Room, message_id: str) -> None:
        self.asked.set()
        await self.may_go_on.wait()
        await super().pin(room, message_id)


async def test_what_is_let_go_while_it_is_being_pinned_is_let_go(database: Database) -> None:
    story = Story(database)
    story.chat = slow = Slow(story.time.now)
    story.door = Door(story.chat)
    story.again()
    async with asyncio.TaskGroup() as tasks:
        pinning = tasks.create_task(story.status.pin(story.room, "ada"))
        await slow.asked.wait()
        assert await story.status.unpin(story.room)
        slow.may_go_on.set()
    assert isinstance(pinning.result(), NotPinned)
    assert story.pinned == set()


class Looked(Door):
    """Takes its time to say which message shows a card."""

    def __init__(self, chat: MemoryAdapter) -> None:
        super().__init__(chat)
        self.asked, self.may_go_on = asyncio.Event(), asyncio.Event()

    async def shown_as(self, room: Room, card: str) -> str | None:
        self.asked.set()
        await self.may_go_on.wait()
        return await super().shown_as(room, card)


async def test_what_is_let_go_while_it_is_looked_for_is_neither_pinned_nor_shown(database: Database) -> None:
    story = Story(database)
    story.door = door = Looked(story.chat)
    story.again()
    # Shown, and yet to be pinned.
    door.shut = True
    door.may_go_on.set()
    assert await story.status.pin(story.room, "ada") == NotShown()
    door.shut = False
    await door._show(story.room, Posting(pinned_status([], NOW)))
    door.asked.clear()
    door.may_go_on.clear()
    story.bot.publish(look(seq=2))
    async with story.running():
        await door.asked.wait()
        assert await story.status.unpin(story.room)
        door.may_go_on.set()
        await story.time.until_napping(1)
    assert story.pinned == set()
    assert story.edits == 0


async def test_in_a_chat_that_has_another_id_now_it_is_shown_and_pinned_anew(story: Story) -> None:
    await story.status.pin(story.room, "ada")
    new = replace(story.room, id="-200")
    # Numbers begin anew there: this one is somebody else's.
    strangers = {story.chat.last.id}
    story.chat.pinned[new] = set(strangers)
    story.preferences.moved(story.room.platform, story.room.id, new.id)
    async with story.running():
        await story.round()
        await story.round()
    shown = story.chat.last
    assert shown.room == new
    assert story.chat.pinned[new] == {*strangers, shown.id}
    assert await story.status.unpin(new)
    assert story.chat.pinned[new] == strangers


async def test_off_lets_it_go_and_stops(story: Story) -> None:
    await story.status.pin(story.room, "ada")
    assert await story.status.unpin(story.room) is True
    assert story.pinned == set()
    assert await story.status.unpin(story.room) is False
    story.bot.publish(look(seq=2))
    async with story.running():
        await story.round()
    assert story.edits == 0


def test_the_signature_forgets_the_time_and_nothing_else() -> None:
    first = look(sol())
    known = [("alpha", first)]
    assert signature(known, NOW) == signature(known, NOW + timedelta(seconds=10))
    assert signature(known, NOW) != signature(known, NOW + timedelta(seconds=60))
    moved = first.model_copy(update={"positions": (sol(PositionStage.OPEN, legs=()),)})
    assert signature(known, NOW) != signature([("alpha", moved)], NOW)


def test_a_card_of_many_bots_is_one_message_that_says_what_it_leaves_out() -> None:
    known = [(f"bot-{number}", look(sol(), bot=f"bot-{number}")) for number in range(40)]
    message = pinned_status(known, NOW)
    assert len(message.text) < 3_500
    assert "more: /status" in message.text
    assert pinned_status([], NOW).title.startswith("No bot is set up")
    assert replace(message, silent=True) == message
