"""What is owed is shown, once, in order, whatever the platform does."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest

from alerts.severity import Severity
from chatops.adapters.telegram.adapter import PACE
from chatops.messages import Message, Paragraph
from chatops.outbox import Outbox
from chatops.owed import Kind
from tests.flows.delivery_world import Delivery, owe_all, recorded, room, says, texts
from tests.servers.telegram import (
    ApiError,
    Chat,
    RefuseAfterAccept,
    StallAfterAccept,
    Status,
    TelegramServer,
    TooManyRequests,
)
from tests.servers.telegram.texts import Text as Refusal

OPS = -1001234567890
NOON = "Possible repeat: nobody knows whether this arrived. It is of 12:00 UTC."


@pytest.fixture
def group(server: TelegramServer) -> Chat:
    return server.group(OPS)


# Limits of the platform.


async def test_a_pause_is_obeyed_to_the_second_and_in_that_chat_alone(
    world: Delivery, outbox: Outbox, ada: Chat, bob: Chat
) -> None:
    world.server.fail(TooManyRequests(30), chat=ada)
    began = world.clock()
    await owe_all(outbox, room(ada), ["first", "second"])
    await owe_all(outbox, room(bob), ["for bob", "again for bob"])
    await world.pass_by(29.9)
    assert world.shown() == {bob.id: ["for bob", "again for bob"]}
    assert len(world.server.calls_of("sendMessage")) == 3
    await world.until(lambda: ada.from_bot)
    assert world.clock() - began == timedelta(seconds=30)
    await world.pass_by(60)
    assert world.shown() == {bob.id: ["for bob", "again for bob"], ada.id: ["first", "second"]}
    assert await world.states() == ["sent"] * 4


async def test_a_pause_outlives_a_restart(world: Delivery, ada: Chat, bob: Chat) -> None:
    world.server.fail(TooManyRequests(30), chat=ada)
    began = world.clock()
    async with world.running() as outbox:
        await owe_all(outbox, room(ada), ["first"])
        await world.pass_by(10)
    async with world.running() as outbox:
        await owe_all(outbox, room(ada), ["second"])
        await owe_all(outbox, room(ada), ["worst"], Severity.EMERGENCY)
        await owe_all(outbox, room(bob), ["for bob"])
        await world.pass_by(19.9)
        assert world.shown() == {bob.id: ["for bob"]}
        assert len(world.server.calls_of("sendMessage")) == 2
        await world.until(lambda: ada.from_bot)
        assert world.clock() - began == timedelta(seconds=30)
        await world.pass_by(60)
    assert world.shown() == {bob.id: ["for bob"], ada.id: ["worst", "first", "second"]}


async def test_five_hundred_messages_into_one_group_are_all_told_of_within_its_limits(
    world: Delivery, outbox: Outbox, group: Chat
) -> None:
    for burst in range(50):
        await owe_all(outbox, room(group), [f"m{burst * 10 + n}." for n in range(10)], Severity.WARNING)
        if burst == 25:
            at = world.clock()
            await owe_all(outbox, room(group), ["worst."], Severity.EMERGENCY)
            await world.until(lambda: "worst." in texts(group), within_s=3)
            assert world.clock() - at <= timedelta(seconds=2)
        await world.pass_by(0.2)
    await world.pass_by(600)
    assert set(await world.states()) == {"sent", "folded"}
    rows = await world.rows()
    sent = {row["id"] for row in rows if row["state"] == "sent"}
    assert all(row["folded_into"] in sent for row in rows if row["state"] == "folded")
    assert {call.status for call in world.server.calls_of("sendMessage")} == {200}
    told = "\n".join(_with_file(one.text, one.document) for one in group.from_bot)
    assert [f"m{n}." for n in range(500) if told.count(f"m{n}.") != 1] == []
    assert told.count("worst.") == 1
    assert len(group.from_bot) < 100


async def test_many_chats_that_could_be_folded_keep_within_the_limits_of_the_whole(
    world: Delivery, outbox: Outbox, server: TelegramServer
) -> None:
    """A bug: while one looked whether it could be folded, others went in its place, and it went all the same."""
    chats = [server.private(server.person(1_000 + number, f"P{number}")) for number in range(60)]
    for chat in chats:
        await owe_all(outbox, room(chat), ["one.", "two.", "three."], Severity.WARNING)
    await world.pass_by(30)
    assert all(texts(chat) == ["one.", "two.", "three."] for chat in chats)
    assert {call.status for call in world.server.calls_of("sendMessage")} == {200}


def _with_file(text: str, document: object) -> str:
    content = getattr(document, "content", None)
    return text if content is None else content.decode()


async def test_answers_behind_each_other_in_a_held_chat_keep_their_order(
    world: Delivery, outbox: Outbox, ada: Chat, bob: Chat
) -> None:
    world.server.fail(TooManyRequests(30), chat=ada)
    answers = [f"answer {n}" for n in range(6)]
    first, *rest = [await recorded(world, outbox, room(ada), title) for title in answers]
    assert await outbox.show(first) is None
    await asyncio.gather(*(outbox.show(draft) for draft in rest))
    await outbox.show(await recorded(world, outbox, room(bob), "for bob"))
    await world.pass_by(29.9)
    assert world.shown() == {bob.id: ["for bob"]}
    await world.pass_by(0.1)
    late = await recorded(world, outbox, room(ada), "answer 6")
    await outbox.show(late)
    await world.pass_by(60)
    assert texts(ada) == [*answers, "answer 6"]
    # Nobody is in line any more.
    assert await outbox.show(await recorded(world, outbox, room(ada), "at once")) is not None
    assert set(await world.states()) == {"sent"}


# What nobody knows the end of.


async def test_a_critical_whose_answer_is_lost_goes_again_and_says_so(
    world: Delivery, outbox: Outbox, ada: Chat
) -> None:
    world.server.fail(StallAfterAccept(asyncio.Event()), chat=ada)
    await owe_all(outbox, room(ada), ["SOL near liquidation"], Severity.CRITICAL)
    await owe_all(outbox, room(ada), ["behind it"], Severity.CRITICAL)
    await world.until(lambda: len(ada.from_bot) == 3)
    await world.pass_by(120)
    assert texts(ada) == ["SOL near liquidation", f"SOL near liquidation / {NOON}", "behind it"]
    assert await world.states() == ["sent", "sent"]


async def test_what_stands_for_a_possible_repeat_says_so(world: Delivery, outbox: Outbox, ada: Chat) -> None:
    """A bug: the newer state of an alert went out as if the older one had never been tried."""
    world.server.fail(StallAfterAccept(asyncio.Event()), chat=ada)
    for title in ("HF 0.14", "HF 0.11"):
        await outbox.owe(says(title), room(ada), kind=Kind.ALERT, severity=Severity.CRITICAL, card="alert 1")
    await world.until(lambda: len(ada.from_bot) == 2)
    await world.pass_by(120)
    assert texts(ada) == ["HF 0.14", f"HF 0.11 / {NOON} / Stands for 1 earlier one: 12:00 UTC."]


async def test_a_part_whose_answer_is_lost_goes_again_and_says_so(world: Delivery, outbox: Outbox, ada: Chat) -> None:
    """A bug: only the first part of a long message could say that it may be a repeat."""
    # What goes at once is used up by these and the first part.
    await owe_all(outbox, room(ada), [f"m{n}" for n in range(PACE.burst - 1)], Severity.CRITICAL)
    message = Message("long", (Paragraph("\n".join(f"line {n}" for n in range(700))),))
    await outbox.owe(message, room(ada), kind=Kind.ALERT, severity=Severity.CRITICAL)
    await world.quiet()
    assert len(ada.from_bot) == PACE.burst
    world.server.fail(StallAfterAccept(asyncio.Event()), chat=ada)
    await world.pass_by(120)
    assert [NOON in text for text in texts(ada)[PACE.burst :]] == [False, True]
    assert all("line 699" in text for text in texts(ada)[PACE.burst :])


async def test_a_report_whose_answer_is_lost_is_not_sent_again(world: Delivery, outbox: Outbox, ada: Chat) -> None:
    world.server.fail(StallAfterAccept(asyncio.Event()), chat=ada)
    daily = await outbox.owe(says("daily"), room(ada), kind=Kind.REPORT)
    await owe_all(outbox, room(ada), ["behind it"])
    await world.pass_by(300)
    assert texts(ada) == ["daily", "behind it"]
    row = await world.row(daily)
    assert (row["state"], row["sent_at"]) == ("ambiguous", None)
    assert "Telegram cannot be reached" in row["reason"]


@pytest.mark.parametrize("severity", [Severity.WARNING, Severity.EMERGENCY])
async def test_a_502_of_what_was_delivered(world: Delivery, outbox: Outbox, ada: Chat, severity: Severity) -> None:
    world.server.fail(RefuseAfterAccept(Status(502)), chat=ada)
    await owe_all(outbox, room(ada), ["it"], severity)
    await world.pass_by(300)
    again = severity is Severity.EMERGENCY
    assert texts(ada) == (["it", f"it / {NOON}"] if again else ["it"])
    assert await world.states() == ["sent" if again else "ambiguous"]


async def test_what_the_platform_has_not_heard_goes_again_unmarked(world: Delivery, outbox: Outbox, ada: Chat) -> None:
    await world.server.stop_listening()
    await owe_all(outbox, room(ada), ["it"], Severity.EMERGENCY)
    await world.pass_by(3)
    await world.server.start_listening()
    await world.pass_by(60)
    assert texts(ada) == ["it"]


# What the platform will not have like that.


async def test_what_cannot_be_formatted_goes_as_plain_text(world: Delivery, outbox: Outbox, ada: Chat) -> None:
    world.server.fail(ApiError(400, "Bad Request: can't parse entities: byte offset 4"), chat=ada)
    id_ = await outbox.owe(says("title", "text"), room(ada), kind=Kind.ALERT)
    await world.pass_by(60)
    assert texts(ada) == ["title / text"]
    assert ada.from_bot[0].entities == ()
    assert ((await world.row(id_))["state"], (await world.row(id_))["reason"]) == ("sent", "without formatting")


@pytest.mark.parametrize("gone", ["closed", "deleted"])
async def test_a_topic_that_is_gone_is_told_of_in_the_room(world: Delivery, outbox: Outbox, gone: str) -> None:
    forum = world.server.group(-1009876543210, forum=True)
    topic = world.server.topic(forum, "alerts")
    if gone == "closed":
        world.server.close_topic(forum, topic)
    else:
        world.server.delete_topic(forum, topic)
    await owe_all(outbox, room(forum, topic), ["it"])
    await world.pass_by(60)
    assert world.shown() == {forum.id: ["it / The topic that this belongs in is closed or gone."]}
    assert forum.from_bot[0].thread_id is None


async def test_what_hung_on_a_message_that_is_gone_stands_by_itself(world: Delivery, outbox: Outbox, ada: Chat) -> None:
    await outbox.owe(says("opened"), room(ada), kind=Kind.NOTICE, card="position")
    await world.until(lambda: ada.from_bot)
    await outbox.owe(says("rebalanced"), room(ada), kind=Kind.NOTICE, hangs_on="position")
    await world.until(lambda: len(ada.from_bot) == 2)
    assert ada.from_bot[1].reply_to == ada.from_bot[0].message_id
    ada.remove(ada.from_bot[0])
    await outbox.owe(says("closed"), room(ada), kind=Kind.NOTICE, hangs_on="position")
    await world.pass_by(60)
    assert texts(ada) == ["rebalanced", "closed"]
    assert ada.from_bot[1].reply_to is None


async def test_a_list_hangs_under_nothing(world: Delivery, outbox: Outbox, ada: Chat) -> None:
    """A bug: it hung where the first that it stands for would have hung."""
    await outbox.owe(says("opened"), room(ada), kind=Kind.NOTICE, card="position")
    await world.until(lambda: ada.from_bot)
    world.server.fail(TooManyRequests(30), chat=ada)
    for n in range(20):
        await outbox.owe(says(f"m{n}"), room(ada), kind=Kind.NOTICE, hangs_on="position")
        # The first is refused before there is anything to fold it with.
        await world.quiet()
    await world.pass_by(60)
    assert texts(ada)[1].startswith("20 messages in one")
    assert ada.from_bot[1].reply_to is None


async def test_a_card_that_is_gone_is_shown_anew(world: Delivery, outbox: Outbox, ada: Chat) -> None:
    await card(outbox, ada, "one")
    await world.until(lambda: ada.from_bot)
    ada.remove(ada.from_bot[0])
    await card(outbox, ada, "two")
    await world.until(lambda: texts(ada) == ["two"])
    await card(outbox, ada, "three")
    await world.pass_by(60)
    assert texts(ada) == ["three"]
    assert await world.states() == ["sent"] * 3


async def test_a_card_that_is_too_old_to_change_is_shown_anew(world: Delivery, outbox: Outbox, ada: Chat) -> None:
    await card(outbox, ada, "one")
    await world.until(lambda: ada.from_bot)
    world.server.fail(ApiError(400, Refusal.EDIT_REFUSED), method="editMessageText")
    await card(outbox, ada, "two")
    await world.pass_by(60)
    assert texts(ada) == ["one", "two"]


async def test_a_card_that_says_so_already_is_no_failure(world: Delivery, outbox: Outbox, ada: Chat) -> None:
    await card(outbox, ada, "one")
    await world.until(lambda: ada.from_bot)
    await card(outbox, ada, "one")
    await world.pass_by(60)
    assert texts(ada) == ["one"]
    assert await world.states() == ["sent", "sent"]
    assert [call.status for call in world.server.calls_of("editMessageText")] == [400]


async def test_a_card_is_changed_once_a_second_and_the_newest_wins(world: Delivery, outbox: Outbox, ada: Chat) -> None:
    await card(outbox, ada, "0")
    await world.until(lambda: ada.from_bot)
    began = world.clock()
    for n in range(1, 31):
        await card(outbox, ada, str(n))
        await world.pass_by(0.1)
    await world.pass_by(10)
    assert texts(ada) == ["30"]
    assert len(world.server.calls_of("editMessageText")) <= (world.clock() - began - timedelta(seconds=10)).seconds + 1
    assert {call.status for call in world.server.calls_of("editMessageText")} == {200}


async def test_an_answer_to_a_press_is_not_held_back_by_the_one_edit_a_second_of_cards(
    world: Delivery, outbox: Outbox, ada: Chat
) -> None:
    await card(outbox, ada, "one")
    await world.until(lambda: ada.from_bot)
    at, shown = world.clock(), str(ada.from_bot[0].message_id)
    await card(outbox, ada, "two")
    for title in ("Really close?", "SOL closed"):
        assert await outbox.show(await recorded(world, outbox, room(ada), title, replaces=shown)) == shown
        assert texts(ada) == [title]
    assert world.clock() == at
    await world.until(lambda: texts(ada) == ["two"])
    assert world.clock() >= at + timedelta(seconds=1)


async def card(outbox: Outbox, where: Chat, title: str) -> None:
    await outbox.owe(says(title), room(where), kind=Kind.ALERT, card="alert 1", in_place=True)


async def test_a_blocked_bot_is_dead_there_and_speaks_elsewhere(
    world: Delivery, outbox: Outbox, ada: Chat, bob: Chat, caplog: pytest.LogCaptureFixture
) -> None:
    assert ada.person is not None
    world.server.block(ada.person)
    (lost,) = await owe_all(outbox, room(ada), ["lost"], Severity.CRITICAL)
    await owe_all(outbox, room(bob), ["for bob"])
    await world.pass_by(30)
    assert world.shown() == {bob.id: ["for bob"]}
    row = await world.row(lost)
    assert (row["state"], row["reason"]) == ("dead", "Forbidden: bot was blocked by the user")
    # Nobody was told of something critical: whoever watches the log has to see that.
    (said,) = [record for record in caplog.records if str(lost) in record.getMessage()]
    assert (said.levelname, "(critical)" in said.getMessage()) == ("ERROR", True)
    world.server.unblock(ada.person)
    await owe_all(outbox, room(ada), ["found"], Severity.CRITICAL)
    await world.pass_by(300)
    assert world.shown() == {bob.id: ["for bob"], ada.id: ["found"]}


async def test_what_is_owed_follows_a_group_to_its_new_id(world: Delivery) -> None:
    old = world.server.group(-1111, "Old")
    async with world.running() as outbox:
        world.server.fail(TooManyRequests(5), chat=old)
        await owe_all(outbox, room(old), [f"m{n}" for n in range(10)])
        await world.quiet()
        new = world.server.migrate(old)
        await world.pass_by(90)
        moved = [f"m{n}" for n in range(10)]
        assert world.shown() == {new.id: moved}
        await owe_all(outbox, room(old), ["later"])
        await world.pass_by(60)
    async with world.running() as outbox:
        await owe_all(outbox, room(old), ["later still"])
        await world.pass_by(60)
    assert world.shown() == {new.id: [*moved, "later", "later still"]}
    assert world.moves == [("telegram", str(old.id), str(new.id))]
    assert set(await world.states()) == {"sent"}
    # Nobody knocks at the old door again.
    assert [call.status for call in world.server.calls_of("sendMessage") if call.chat_id == old.id] == [429, 400]


async def test_long_text_comes_in_parts_and_beyond_three_as_a_file(world: Delivery, outbox: Outbox, ada: Chat) -> None:
    long = "\n".join(f"line {n}" for n in range(700))
    await outbox.owe(Message("long", (Paragraph(long),)), room(ada), kind=Kind.REPORT)
    await world.pass_by(60)
    assert 1 < len(ada.from_bot) <= 3
    assert "\n".join(one.text for one in ada.from_bot).replace("\n\n", "\n").count("line ") == 700
    endless = "\n".join(f"line {n}" for n in range(7000))
    await outbox.owe(Message("endless", (Paragraph(endless),)), room(ada), kind=Kind.REPORT)
    await world.pass_by(60)
    document = ada.from_bot[-1].document
    assert document is not None
    assert document.content.decode().count("line ") == 7000
    assert set(await world.states()) == {"sent"}


# Several that send.


async def test_two_outboxes_send_nothing_twice_and_keep_the_order(
    world: Delivery, outbox: Outbox, ada: Chat, bob: Chat, group: Chat
) -> None:
    other = world.build()
    async with other.open():
        for n in range(30):
            for chat in (ada, bob, group):
                await owe_all((outbox, other)[n % 2], room(chat), [f"m{n:02}"])
                other.wake()
                outbox.wake()
            await world.pass_by(0.7)
        await world.pass_by(300)
    for chat in (ada, bob, group):
        told = " ".join(texts(chat))
        seen = [word.rstrip(".") for word in told.split() if word.startswith("m") and word[1:3].isdigit()]
        assert seen == [f"m{n:02}" for n in range(30)]
    assert set(await world.states()) <= {"sent", "folded"}
    assert world.server.violations == []


async def test_an_emergency_overtakes_what_waits(world: Delivery, outbox: Outbox, ada: Chat) -> None:
    await owe_all(outbox, room(ada), [f"m{n}" for n in range(8)])
    await world.pass_by(0.5)
    shown = texts(ada)
    await owe_all(outbox, room(ada), ["worst"], Severity.EMERGENCY)
    await world.pass_by(60)
    assert texts(ada).index("worst") <= len(shown) + 1
    assert [one for one in texts(ada) if one != "worst"] == [f"m{n}" for n in range(8)]


async def test_what_is_folded_is_counted_as_that(world: Delivery, outbox: Outbox, ada: Chat) -> None:
    await owe_all(outbox, room(ada), [f"m{n}" for n in range(40)])
    await world.pass_by(120)
    states = Counter(await world.states())
    assert states["folded"] > 0
    assert world.counted == states
