"""What `quarterdeck.attach` takes and refuses; what breaks later is in tests/faults."""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

import quarterdeck
from bot_integration import Bot, BotController, CommandResult, Outcome, Ping
from chatops import host_logs
from chatops.settings import BotSettings, DeskSettings, Settings
from chatops.storage.desk_lock import LOCK, DeskLock
from chatops.storage.errors import DataDirInUse

FILE = """
[desk]
data_dir = "desk"
[[bots]]
name = "{bot}"
url = "paper"
[[people]]
name = "ada"
role = "admin"
telegram = 111
bots = ["alpha"]
"""


class Empty:
    """A gateway with nothing in it: it asks each bot whether it is there."""

    def __init__(self) -> None:
        self.answered: list[CommandResult] = []
        self.is_open = threading.Event()

    @asynccontextmanager
    async def opening(
        self, settings: Settings, bots: Sequence[Bot], announce: Callable[[str], None]
    ) -> AsyncIterator["Empty"]:
        announce("CODE")
        for bot in bots:
            ping = Ping(id=uuid4(), by="ada", not_after=datetime.now(UTC) + timedelta(seconds=60))
            self.answered.append(await bot.execute(ping))
        self.is_open.set()
        yield self

    async def lost(self) -> None:
        await asyncio.Event().wait()

    async def said(self) -> None:
        pass


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(desk=DeskSettings(data_dir=tmp_path / "desk"))


def test_a_bot_without_a_loop_is_commanded_on_a_thread_of_its_own(settings: Settings) -> None:
    empty, codes = Empty(), list[str]()
    bots = [BotController("alpha"), BotController("beta")]
    with quarterdeck.attach(bots, settings, opening=empty.opening, announce=codes.append) as attached:
        assert empty.is_open.wait(60)
        assert attached.last_error is None
    assert not attached.is_running
    assert [one.outcome for one in empty.answered] == [Outcome.DONE, Outcome.DONE]
    assert codes == ["CODE"]


async def test_a_bot_with_a_loop_closes_without_standing_still(settings: Settings) -> None:
    empty = Empty()
    async with quarterdeck.attach(BotController("alpha"), settings, opening=empty.opening):
        assert await asyncio.to_thread(empty.is_open.wait, 60)
    assert [one.outcome for one in empty.answered] == [Outcome.DONE]


def test_one_bot_has_one_gateway_and_one_place_too(settings: Settings, tmp_path: Path) -> None:
    alpha, beta = BotController("alpha"), BotController("beta")
    elsewhere = settings.model_copy(update={"desk": DeskSettings(data_dir=tmp_path / "other")})
    with quarterdeck.attach(alpha, settings, opening=Empty().opening):
        with pytest.raises(quarterdeck.AlreadyAttached, match="alpha is attached already"):
            quarterdeck.attach(alpha, elsewhere, opening=Empty().opening)
        with pytest.raises(quarterdeck.AlreadyAttached, match="Another gateway of this process lives in"):
            quarterdeck.attach(beta, settings, opening=Empty().opening)
        quarterdeck.attach(beta, elsewhere, opening=Empty().opening).close()
    # It may be attached again once that is closed.
    quarterdeck.attach(alpha, settings, opening=Empty().opening).close()


def test_a_place_that_a_desk_has_is_refused_at_once(settings: Settings) -> None:
    settings.desk.data_dir.mkdir()
    desk = DeskLock(settings.desk.data_dir / LOCK)
    desk.acquire()
    with pytest.raises(DataDirInUse, match="Another desk"):
        quarterdeck.attach(BotController("alpha"), settings, opening=Empty().opening)
    desk.release()


def test_a_file_need_not_name_the_bot_that_is_attached(tmp_path: Path) -> None:
    file = tmp_path / "quarterdeck.toml"
    file.write_text(FILE.format(bot="paper"))
    empty = Empty()
    with quarterdeck.attach(BotController("alpha"), str(file), opening=empty.opening):
        assert empty.is_open.wait(60)


def test_all_that_is_wrong_is_said_at_the_call_and_nothing_begins(tmp_path: Path) -> None:
    file = tmp_path / "quarterdeck.toml"
    file.write_text(FILE.format(bot="Alpha") + '[http]\nlisten = "nowhere"\n')
    before = set(threading.enumerate())
    with pytest.raises(quarterdeck.SettingsError) as refused:
        quarterdeck.attach(BotController("alpha"), file)
    said = str(refused.value)
    assert "bots.0.name (Alpha) is the bot that is attached here: take this [[bots]] out" in said
    assert "http.listen" in said
    # Those of earlier stories may still come to their end.
    assert set(threading.enumerate()) <= before


def test_settings_of_the_program_itself_are_held_to_the_same(settings: Settings) -> None:
    named = settings.model_copy(update={"bots": (BotSettings(name="alpha", url="paper"),)})
    with pytest.raises(quarterdeck.SettingsError, match="is the bot that is attached here"):
        quarterdeck.attach(BotController("alpha"), named)
    with pytest.raises(quarterdeck.SettingsError, match="two bots are called"):
        quarterdeck.attach([BotController("alpha"), BotController("Alpha")], settings)


def test_who_does_not_want_it_raised_finds_it_in_the_log_and_the_handle(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    attached = quarterdeck.attach(BotController("alpha"), tmp_path / "none.toml", raises=False)
    assert not attached.is_running
    assert isinstance(attached.last_error, quarterdeck.SettingsError)
    assert "the gateway was not attached" in caplog.text
    assert attached.close()


def test_a_gateway_that_does_not_close_in_time_is_left(settings: Settings) -> None:
    stuck, empty = threading.Event(), Empty()

    @asynccontextmanager
    async def opening(settings: Settings, bots: Sequence[Bot], announce: Callable[[str], None]) -> AsyncIterator[Empty]:
        empty.is_open.set()
        # The loop itself stands still.
        stuck.wait(60)
        yield empty

    attached = quarterdeck.attach(BotController("alpha"), settings, opening=opening)
    assert empty.is_open.wait(60)
    assert not attached.close(0.05)
    stuck.set()
    assert attached.close(60)


def test_secrets_are_taken_out_of_what_we_log_and_nothing_else_is_touched(caplog: pytest.LogCaptureFixture) -> None:
    ours, theirs = logging.getLogger("chatops.app"), logging.getLogger("a.bot")
    host_logs.spare(["sk-canary-4711"])
    host_logs.spare(["another-secret"])
    try:
        raise ValueError("at https://sk-canary-4711@host")
    except ValueError:
        ours.exception("it broke with %s", "another-secret")
    ours.warning("all is well with %s", "alpha")
    theirs.warning("mine: sk-canary-4711")
    broke, well, mine = [one for one in caplog.records if one.name in {ours.name, theirs.name}]
    assert broke.getMessage() == "it broke with ***"
    assert "canary" not in caplog.handler.format(broke)
    assert "ValueError" in caplog.handler.format(broke)
    assert (well.msg, well.args) == ("all is well with %s", ("alpha",))
    assert "sk-canary-4711" in mine.getMessage()


def test_a_line_that_a_library_wrote_wrong_does_not_break_what_logs_it(caplog: pytest.LogCaptureFixture) -> None:
    host_logs.spare(["sk-canary-4711"])
    logging.getLogger("chatops.app").warning("%d positions", "sk-canary-4711")
    said = [one.getMessage() for one in caplog.records if one.name == "chatops.app"]
    assert said == ["%d positions (its values do not fit)"]
