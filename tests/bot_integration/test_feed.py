"""A feed: numbered once for all, nothing told that did not change, and right again whatever was missed."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from bot_integration import BotController, Event, EventCategory, SetParameter, Snapshot, SnapshotTaken
from bot_integration.bus import Bus
from bot_integration.feed import Feed
from bot_integration.frames import Changed, DeltaKind, Resume, Whole, Why
from tests.bot_integration.facts import NOON, Clock, facts, position
from tests.bot_integration.following import Reader, fed, newest, settle


class Moody(BotController):
    """A bot that does not always say how it is."""

    is_mute = False

    def snapshot(self) -> Snapshot | None:
        if self.is_mute:
            raise OSError("the disk is gone")
        return super().snapshot()


def since(feed: Feed, resume: Resume) -> Changed:
    found = feed.since(resume)
    assert found is not None
    return found


def place(feed: Feed) -> Resume:
    whole = feed.whole
    assert whole is not None
    return Resume(whole.stamp.session_id, whole.stamp.seq)


# --------------------------------------------------------------- what is told, and when


async def test_a_publish_that_changes_nothing_reaches_nobody(bot: BotController, clock: Clock) -> None:
    async with fed(bot) as (feed, reader):
        before = place(feed)
        for _ in range(3):
            clock.move(1)
            bot.publish(facts())
        await settle()
        feed.flush()
        assert reader.frames == []
        beat = feed.beat()
        assert beat is not None
        assert (beat.stamp.seq, beat.stamp.bot_seq, beat.stamp.at) == (before.last_seq, 3, clock())
        assert reader.frames == []


async def test_after_a_pause_it_goes_at_once_and_what_follows_waits_for_more_and_is_one_change(
    bot: BotController,
) -> None:
    async with fed(bot) as (feed, reader):
        bot.publish(facts(metrics={"ticks": 0.5}))
        await settle()
        assert reader.kinds == ["metrics_update"]
        for number in range(1, 4):
            bot.publish(facts(metrics={"ticks": number}))
        bot.note("three ticks")
        await settle()
        assert len(reader.frames) == 1
        feed.flush()
        _, frame = reader.frames
        assert isinstance(frame, Changed)
        assert reader.kinds[1:] == ["metrics_update", "event"]
        assert frame.deltas[0].data == {"metrics": {"ticks": 3.0}}
        assert frame.stamp.bot_seq == 4


async def test_nobody_has_to_ask_for_what_waited(bot: BotController) -> None:
    async with fed(bot, batch_s=0.001) as (feed, _):
        told = asyncio.Event()
        feed.read(lambda _: told.set())
        bot.publish(facts(metrics={"ticks": 1}))
        async with asyncio.timeout(30):
            await told.wait()


@pytest.mark.parametrize(
    "urgent",
    [{"positions": [position()]}, {"session": {**facts()["session"], "pause": {"kill_switch": True}}}],
)
async def test_what_is_urgent_goes_at_once_with_all_that_waited(bot: BotController, urgent: dict[str, Any]) -> None:
    async with fed(bot) as (_, reader):
        bot.publish(facts(metrics={"ticks": 1}))
        bot.publish(facts(metrics={"ticks": 1}, **urgent))
        await settle()
        assert len(reader.frames) == 1
        assert len(reader.kinds) == 2


async def test_a_warning_goes_at_once(bot: BotController) -> None:
    async with fed(bot) as (_, reader):
        bot.note("just saying")
        bot.note("look out", EventCategory.WARNING)
        await settle()
        assert len(reader.frames) == 1
        assert reader.kinds == ["event", "event"]


async def test_who_looks_has_read_all_before_it(bot: BotController) -> None:
    async with fed(bot) as (feed, reader):
        bot.publish(facts(metrics={"ticks": 1}))
        feed.look()
        assert reader.kinds == ["metrics_update"]
        await settle()
        feed.flush()
        assert reader.kinds == ["metrics_update"]


async def test_what_waited_when_the_feed_ends_is_told(bot: BotController) -> None:
    async with fed(bot) as (_, reader):
        bot.note("stopping")
        await settle()
    assert reader.kinds == ["event"]


async def test_a_reader_that_breaks_disturbs_no_other(bot: BotController, caplog: pytest.LogCaptureFixture) -> None:
    def broken(frame: Whole | Changed) -> None:
        raise ValueError(frame)

    async with fed(bot) as (feed, _):
        feed.read(broken)
        after = Reader(feed)
        bot.publish(facts(metrics={"ticks": 1}))
        feed.look()
        assert after.kinds == ["metrics_update"]
        after.leave()
        bot.publish(facts(metrics={"ticks": 2}))
        feed.look()
        assert after.kinds == ["metrics_update"]
    assert "a reader of alpha broke" in caplog.text


# ------------------------------------------------------------------------ coming back


async def test_who_comes_back_is_told_what_it_missed_and_no_more(bot: BotController) -> None:
    async with fed(bot, kept=3) as (feed, _):
        places = [place(feed)]
        for number in range(5):
            bot.publish(facts(metrics={"ticks": number}))
            feed.look()
            places.append(place(feed))
        missed = since(feed, places[-4])
        assert missed.caught_up
        assert [delta.data["metrics"]["ticks"] for delta in missed.deltas] == [2, 3, 4]
        assert since(feed, places[-1]).deltas == ()
        assert feed.since(places[-5]) is None


async def test_what_was_never_said_cannot_be_caught_up_with(bot: BotController) -> None:
    async with fed(bot) as (feed, _):
        now = place(feed)
        assert feed.since(Resume(now.session_id, now.last_seq + 1)) is None
        assert feed.since(Resume(now.session_id, 0)) is None
        assert feed.since(Resume(uuid4(), now.last_seq)) is None


@pytest.mark.parametrize("jump", [1, 3600, -1, -3600])
async def test_a_feed_opened_anew_mistakes_no_number_for_its_own_whatever_the_clock_did(
    bot: BotController, clock: Clock, jump: float
) -> None:
    async with fed(bot, now=clock) as (feed, _):
        for number in range(100):
            bot.note(str(number))
        await settle()
        feed.flush()
        before = place(feed)
    clock.move(jump)
    async with Feed(bot, now=clock) as again:
        for number in range(100):
            bot.note(str(number))
        await settle()
        again.flush()
        assert place(again).session_id == before.session_id
        assert again.since(before) is None


async def test_a_number_stays_whole_where_it_is_read_as_a_float(bot: BotController) -> None:
    in_a_century = NOON + timedelta(days=36_525)
    async with fed(bot, now=lambda: in_a_century) as (feed, _):
        assert place(feed).last_seq < 2**53


# -------------------------------------------------------------------- runs of the bot


async def test_readers_of_a_bot_that_said_nothing_yet_get_its_first_snapshot(bot: BotController) -> None:
    async with Feed(bot) as feed:
        reader = Reader(feed)
        bot.note("nobody could tell when this was")
        assert (feed.whole, feed.beat()) == (None, None)
        bot.publish(facts())
        await settle()
        (frame,) = reader.frames
        assert isinstance(frame, Whole)
        assert frame.why is Why.SUBSCRIBED


async def test_a_bot_started_anew_is_told_whole_and_nothing_before_it_can_be_caught_up_with(bot: BotController) -> None:
    async with fed(bot) as (feed, reader):
        before = place(feed)
        bot.publish(facts(metrics={"ticks": 1}))
        bot.publish(facts(session_id=uuid4(), seq=0))
        bot.note("hello again")
        await settle()
        feed.flush()
        whole, said = reader.frames
        assert isinstance(whole, Whole)
        assert whole.why is Why.RESTARTED
        assert isinstance(said, Changed)
        assert said.stamp.seq == whole.stamp.seq + 1
        assert feed.since(before) is None
        assert since(feed, Resume(whole.stamp.session_id, whole.stamp.seq)).deltas == said.deltas


async def test_what_was_still_on_its_way_from_the_run_before_does_not_bring_it_back(bot: BotController) -> None:
    async with fed(bot) as (feed, reader):
        bot.publish(facts(metrics={"ticks": 1}))
        bot.publish(facts(session_id=uuid4(), seq=0))
        # Whoever asks now hears of the new run, while the snapshot of the old one waits in the queue.
        feed.look()
        await settle()
        feed.flush()
        assert [type(frame) for frame in reader.frames] == [Whole]
        assert place(feed).session_id == newest(bot).session_id


async def test_a_number_of_the_bot_may_jump(bot: BotController) -> None:
    async with fed(bot) as (feed, reader):
        bot.publish(facts(seq=1_000_000, metrics={"ticks": 1}))
        await settle()
        feed.flush()
        assert reader.kinds == ["metrics_update"]
        assert reader.frames[0].stamp.bot_seq == 1_000_000


# ------------------------------------------------------------------------- going wrong


async def test_what_a_flood_washed_away_is_told_as_missed_and_the_state_is_right(clock: Clock) -> None:
    bot = BotController("alpha", now=clock, bus=Bus(length=2))
    async with fed(bot) as (feed, reader):
        # The snapshot is let go as well: what the bot says now is looked at.
        bot.publish(facts(metrics={"ticks": 1}))
        for number in range(5):
            bot.note(str(number))
        await settle()
        feed.flush()
        assert reader.kinds == ["metrics_update", "events_missed", "event", "event"]
        told = [delta.data for frame in reader.frames if isinstance(frame, Changed) for delta in frame.deltas]
        assert told[1] == {"count": 4}
        assert [one["event"]["message"] for one in told[2:]] == ["3", "4"]
        assert feed.whole is not None
        assert feed.whole.snapshot is bot.snapshot()


async def test_a_bot_that_does_not_say_how_it_is_is_heard_all_the_same(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    bot = Moody("alpha", now=clock)
    bot.is_mute = True
    async with Feed(bot, batch_s=3600) as feed:
        assert feed.whole is None
        bot.publish(facts())
        await settle()
        before = place(feed)
        assert feed.beat() is not None
        bot.is_mute = False
        bot.publish(facts(metrics={"ticks": 1}))
        feed.look()
        assert place(feed).last_seq == before.last_seq + 1
    assert "alpha does not say how it is" in caplog.text


class Broken:
    def __str__(self) -> str:
        raise ValueError("no words")


@pytest.mark.parametrize("wrong", ["\ud800", Broken()])
async def test_a_state_that_json_cannot_say_leaves_the_last_with_its_age(
    bot: BotController, clock: Clock, caplog: pytest.LogCaptureFixture, wrong: object
) -> None:
    async with fed(bot) as (feed, reader):
        for number in range(3):
            clock.move(1)
            assert bot.publish(facts(metrics={"ticks": number}, extra={"own": wrong})) == ()
            feed.look()
        bot.note("still here")
        await settle()
        feed.flush()
        assert reader.kinds == ["event"]
        beat = feed.beat()
        assert beat is not None
        assert beat.stamp.at == NOON
        bot.publish(facts(metrics={"ticks": 9}))
        feed.look()
        assert reader.kinds == ["event", "metrics_update"]
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert "cannot be said in JSON; the last that could be stays" in caplog.text


async def test_a_run_that_begins_with_what_json_cannot_say_begins_when_it_can(
    bot: BotController, caplog: pytest.LogCaptureFixture
) -> None:
    bot.publish(facts(extra={"own": "\ud800"}))
    async with Feed(bot) as feed:
        reader = Reader(feed)
        assert feed.beat() is None
        bot.publish(facts())
        await settle()
        assert [type(frame) for frame in reader.frames] == [Whole]
    assert len(caplog.records) == 1


class Deaf(BotController):
    """A bot whose events end in an error."""

    @asynccontextmanager
    async def follow(self) -> AsyncIterator[AsyncIterator[Event]]:
        yield self._events()

    async def _events(self) -> AsyncIterator[Event]:
        yield SnapshotTaken(newest(self))
        raise OSError("the line is cut")


async def test_where_no_more_events_come_each_beat_looks(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    bot = Deaf("alpha", now=clock)
    async with fed(bot) as (feed, reader):
        await settle()
        bot.publish(facts(metrics={"ticks": 1}))
        feed.beat()
        assert reader.kinds == ["metrics_update"]
    assert "hears nothing more; it looks at each beat" in caplog.text


# ----------------------------------------------------------------------------- secrets


async def test_the_value_of_a_secret_parameter_is_told_to_nobody(bot: BotController) -> None:
    @bot.on(SetParameter)
    async def set_parameter(command: SetParameter) -> str:
        return f"{command.key} is {command.value}."

    parameters = [
        {"key": "api_key", "secret": True, "value": "hunter22", "type": "str"},
        {"key": "size", "value": 1, "type": "int"},
    ]
    async with fed(bot) as (_, reader):
        bot.publish(facts(parameters=parameters))
        for key in ("api_key", "size"):
            await bot.execute(
                SetParameter(
                    id=uuid4(),
                    by="ada",
                    reason="correct horse leaked",
                    not_after=NOON,
                    key=key,
                    value="correct horse",
                )
            )
            await settle()
        told = [delta for frame in reader.frames if isinstance(frame, Changed) for delta in frame.deltas]
        secret, plain = [delta.data for delta in told if delta.kind is DeltaKind.COMMAND_UPDATE]
    assert "horse" not in str(secret)
    assert secret["result"]["message"] == "api_key is •••."
    assert plain["command"]["value"] == "correct horse"
