from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from chatops.adapters.base import Adapter, Fault, Pace, Part, SendError
from chatops.adapters.memory import MemoryAdapter
from chatops.messages import Attachment, Incoming, Key, Message, Paragraph, Posting, Press, Text
from chatops.people import Identity
from chatops.room import Room

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ELSEWHERE = Room("memory", "ops", "7")


def question(title: str, *labels: str) -> Posting:
    keys = tuple(Key(label, f"token-{title}-{label}") for label in labels)
    return Posting(Message(title, (Paragraph("Really?"),)), (keys,) if keys else ())


@dataclass
class Listener:
    """Stands where the gateway will: writes down what came, and asks back what was written."""

    chat: MemoryAdapter
    came: list[Incoming] = field(default_factory=list)

    async def receive(self, incoming: Incoming) -> None:
        self.came.append(incoming)
        if isinstance(incoming, Text):
            await self.chat.send(incoming.room, question(incoming.text, "Confirm", "Cancel"))
        elif isinstance(incoming, Press):
            await self.chat.edit(incoming.room, incoming.message_id, question(f"Pressed {incoming.token}"))


@pytest.fixture
def chat() -> MemoryAdapter:
    return MemoryAdapter(lambda: NOW)


@pytest.fixture
def listener(chat: MemoryAdapter) -> Listener:
    listener = Listener(chat)
    chat.connect(listener.receive)
    return listener


def test_it_is_an_adapter(chat: MemoryAdapter) -> None:
    adapter: Adapter = chat
    assert adapter.platform == "memory"


async def test_what_is_said_is_answered_before_saying_it_returns(chat: MemoryAdapter, listener: Listener) -> None:
    await chat.say("1", "close SOL")
    assert listener.came == [Text(Identity("memory", "1"), chat.room, "close SOL", NOW)]
    assert chat.text == "close SOL\n\nReally?"
    assert chat.labels == ["Confirm", "Cancel"]


async def test_a_pressed_message_says_something_else_in_its_place(chat: MemoryAdapter, listener: Listener) -> None:
    await chat.say("1", "close SOL")
    await chat.press("1", "Confirm")
    assert listener.came[-1] == Press(Identity("memory", "1"), chat.room, "token-close SOL-Confirm", "1", NOW)
    assert [shown.message.title for shown in chat.shown] == ["Pressed token-close SOL-Confirm"]
    assert [before.message.title for before in chat.last.earlier] == ["close SOL"]


async def test_a_picture_is_kept_takes_the_place_of_another_and_of_a_text_and_is_not_taken_away(
    chat: MemoryAdapter,
) -> None:
    week, month = (Attachment("equity.png", content, is_picture=True) for content in (b"week", b"month"))
    shown = await chat.send(chat.room, question("No chart yet"))
    for picture in (week, month):
        await chat.edit(chat.room, shown, Posting(Message("Equity", attachment=picture), ((Key("7d", "t"),),)))
    assert [before.message.attachment for before in chat.last.earlier] == [None, week]
    with pytest.raises(SendError) as refused:
        await chat.edit(chat.room, shown, question("No chart"))
    assert (refused.value.fault, refused.value.without) == (Fault.DEGRADE, Part.CARD)
    assert (chat.last.file, chat.last.text, chat.labels) == (month, "Equity", [])


async def test_an_old_copy_of_a_message_can_be_pressed_again(chat: MemoryAdapter, listener: Listener) -> None:
    await chat.say("1", "close SOL")
    seen = chat.last
    await chat.press("1", "Confirm")
    await chat.press("1", "Confirm", seen)
    chat.shown.append(seen)
    await chat.press("1", "Confirm")
    presses = [came for came in listener.came if isinstance(came, Press)]
    assert {press.token for press in presses} == {"token-close SOL-Confirm"}
    assert len(presses) == 3


async def test_a_label_is_looked_for_on_the_newest_message_of_its_room(chat: MemoryAdapter, listener: Listener) -> None:
    await chat.say("1", "first")
    await chat.say("1", "second")
    await chat.say("1", "third", room=ELSEWHERE)
    await chat.press("2", "Cancel")
    assert chat.shown[1].message.title == "Pressed token-second-Cancel"
    await chat.press("2", "Cancel", room=ELSEWHERE)
    assert [shown.message.title for shown in chat.in_room(ELSEWHERE)] == ["Pressed token-third-Cancel"]


async def test_a_button_that_nobody_sees_cannot_be_pressed(chat: MemoryAdapter, listener: Listener) -> None:
    await chat.say("1", "close SOL")
    with pytest.raises(LookupError, match=r"no button “Ack” in memory:desk, only \['Confirm', 'Cancel'\]"):
        await chat.press("1", "Ack")
    with pytest.raises(LookupError, match="no button “Ack” on message 1"):
        await chat.press("1", "Ack", chat.last)


async def test_a_forged_token_comes_through_as_it_is_and_may_have_no_time(
    chat: MemoryAdapter, listener: Listener
) -> None:
    await chat.send(chat.room, question("nobody asked"))
    await chat.press_token("666", "forged", message_id="1")
    assert listener.came == [Press(Identity("memory", "666"), chat.room, "forged", "1", None)]


async def test_what_waited_keeps_the_time_of_its_writing(chat: MemoryAdapter, listener: Listener) -> None:
    earlier = NOW - timedelta(hours=1)
    await chat.say("1", "close SOL", at=earlier)
    await chat.press("1", "Confirm", at=earlier)
    assert [came.at for came in listener.came] == [earlier, earlier]


async def test_a_card_that_is_not_there_can_not_be_edited_or_pinned(chat: MemoryAdapter) -> None:
    old = await chat.send(chat.room, question("card"))
    chat.shown.clear()
    for gone in (old, "never sent"):
        for acting in (chat.edit(chat.room, gone, question("card, updated")), chat.pin(chat.room, gone)):
            with pytest.raises(SendError, match="there is no message") as refused:
                await acting
            assert (refused.value.fault, refused.value.without) == (Fault.DEGRADE, Part.CARD)
    assert chat.shown == []


async def test_a_message_hangs_on_another_that_is_there(chat: MemoryAdapter) -> None:
    opened = await chat.send(chat.room, question("opened"))
    await chat.send(chat.room, question("closed"), reply_to=opened)
    assert chat.last.reply_to == opened
    with pytest.raises(SendError) as refused:
        await chat.send(ELSEWHERE, question("elsewhere"), reply_to=opened)
    assert (refused.value.fault, refused.value.without) == (Fault.DEGRADE, Part.REPLY)


async def test_what_is_pinned_is_known_by_room(chat: MemoryAdapter) -> None:
    first, second = [await chat.send(chat.room, question(title)) for title in ("one", "two")]
    await chat.pin(chat.room, first)
    await chat.pin(chat.room, second)
    await chat.unpin(chat.room, first)
    await chat.unpin(ELSEWHERE, first)
    assert chat.pinned[chat.room] == {second}


async def test_a_message_is_taken_away_and_twice_is_no_error(chat: MemoryAdapter) -> None:
    first, second = [await chat.send(chat.room, question(title)) for title in ("one", "two")]
    await chat.delete(chat.room, first)
    await chat.delete(chat.room, first)
    await chat.delete(ELSEWHERE, second)
    assert [shown.id for shown in chat.shown] == [second]


async def test_it_has_the_limits_that_it_is_told() -> None:
    pace = Pace(overall_per_s=30)
    paced = MemoryAdapter(lambda: NOW, pace=pace, groups=frozenset({"ops"}))
    assert paced.pace == pace
    assert [paced.is_group(chat) for chat in ("ops", "desk")] == [True, False]
    assert MemoryAdapter(lambda: NOW).pace == Pace()
    assert paced.parts(question("card")) == (question("card"),)


async def test_a_part_that_goes_on_needs_no_title(chat: MemoryAdapter) -> None:
    await chat.send(chat.room, Posting(Message("", (Paragraph("and more"),))))
    assert chat.text == "and more"


async def test_it_refuses_what_platforms_refuse(chat: MemoryAdapter) -> None:
    with pytest.raises(SendError, match="telegram:1 is no room of memory"):
        await chat.send(Room("telegram", "1"), question("card"))
    with pytest.raises(SendError, match="needs something to say"):
        await chat.send(chat.room, Posting(Message(" ")))
    with pytest.raises(SendError, match="the token of “Close” is not 1 to 64 bytes long") as caught:
        await chat.send(chat.room, Posting(Message("card"), ((Key("Close", "é" * 33),),)))
    assert caught.value.fault is Fault.REFUSED
    assert chat.shown == []


async def test_while_it_is_broken_nothing_goes_out(chat: MemoryAdapter) -> None:
    shown = await chat.send(chat.room, question("card"))
    chat.broken = SendError("away", Fault.BACKOFF)
    with pytest.raises(SendError, match="away"):
        await chat.send(chat.room, question("more"))
    with pytest.raises(SendError, match="away"):
        await chat.edit(chat.room, shown, question("less"))
    for acting in (
        chat.probe(),
        chat.pin(chat.room, shown),
        chat.unpin(chat.room, shown),
        chat.delete(chat.room, shown),
    ):
        with pytest.raises(SendError, match="away"):
            await acting
    chat.broken = None
    await chat.probe()
    await chat.edit(chat.room, shown, question("back"))
    assert chat.last.message.title == "back"


async def test_two_of_them_are_two_platforms() -> None:
    other = MemoryAdapter(lambda: NOW, platform="slack")
    assert (other.platform, other.room, other.identity("U1")) == (
        "slack",
        Room("slack", "desk"),
        Identity("slack", "U1"),
    )


async def test_speaking_before_anybody_listens_says_so(chat: MemoryAdapter) -> None:
    with pytest.raises(LookupError, match="call connect first"):
        await chat.say("1", "status")
    with pytest.raises(LookupError, match="nothing is shown"):
        _ = chat.last
