import asyncio
import fcntl
import os
import pty
import re
import signal
import struct
import sys
import termios
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TextIO

import pytest

from chatops.adapters.base import Adapter, Fault, Pace, Part, SendError
from chatops.adapters.terminal import prompt
from chatops.adapters.terminal.adapter import TerminalAdapter
from chatops.adapters.terminal.files import Files
from chatops.adapters.terminal.numbers import Numbers
from chatops.adapters.terminal.pipe import LONGEST_LINE
from chatops.messages import Attachment, Incoming, Key, Message, Paragraph, Posting, Press, Table, Text
from chatops.people import Identity
from chatops.room import Room

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ME = Identity("terminal", "me")
HERE = Room("terminal", "here")
#: Long for a loaded machine; nothing waits for it unless it fails.
LIMIT_S = 60
CTRL_C, CTRL_D, UP = "\x03", "\x04", "\x1b[A"


def posting(title: str, *keys: Key, body: str = "") -> Posting:
    return Posting(Message(title, (Paragraph(body),) if body else ()), (keys,) if keys else ())


@dataclass
class Echo:
    """Stands where the gateway will: asks back what was written, and says on the card what was pressed."""

    chat: TerminalAdapter
    came: list[Incoming] = field(default_factory=list)

    async def receive(self, incoming: Incoming) -> None:
        self.came.append(incoming)
        if isinstance(incoming, Text):
            said = incoming.text
            keys = Key("Confirm", f"yes to {said}"), Key("Cancel", f"no to {said}")
            await self.chat.send(incoming.room, posting(f"Really {said[:20]}?", *keys))
        elif isinstance(incoming, Press):
            await self.chat.edit(incoming.room, incoming.message_id, posting(f"DONE: {incoming.token}"))

    @property
    def texts(self) -> list[str]:
        return [came.text for came in self.came if isinstance(came, Text)]

    @property
    def tokens(self) -> list[str]:
        return [came.token for came in self.came if isinstance(came, Press)]


def terminal(
    input: TextIO,  # noqa: A002 - as the adapter's own
    output: TextIO,
    now: datetime = NOW,
    files: Path | None = None,
) -> TerminalAdapter:
    return TerminalAdapter(ME, HERE, input=input, output=output, now=lambda: now, files=files)


def names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


def chart(content: bytes, name: str = "pnl.png") -> Posting:
    return Posting(
        Message("Equity", (Paragraph("Over 7 days."),), attachment=Attachment(name, content, is_picture=True)),
        ((Key("30d", "m"),),),
    )


# ------------------------------------------------------------------------------- in a pipe


@dataclass
class Piped:
    """A chat whose lines come out of one file and whose answers go into another."""

    chat: TerminalAdapter
    echo: Echo
    answers: Path

    async def run(self) -> str:
        async with asyncio.timeout(LIMIT_S):
            await self.chat.run(self.echo.receive)
        return self.answers.read_text(encoding="utf-8")


@pytest.fixture
def piped(tmp_path: Path) -> Iterator[Callable[[bytes], Piped]]:
    open_files: list[TextIO] = []

    def chat(said: bytes) -> Piped:
        reading, writing = os.pipe()
        os.write(writing, said)
        os.close(writing)
        answers = tmp_path / "answers.txt"
        files = os.fdopen(reading), answers.open("w", encoding="utf-8")
        open_files.extend(files)
        adapter = terminal(*files, files=tmp_path / "data" / "files")
        return Piped(adapter, Echo(adapter), answers)

    yield chat
    for file in open_files:
        file.close()


def test_it_is_an_adapter(piped: Callable[[bytes], Piped]) -> None:
    adapter: Adapter = piped(b"").chat
    assert adapter.platform == "terminal"


async def test_each_line_is_answered_before_the_next_is_read(piped: Callable[[bytes], Piped]) -> None:
    session = piped("close SOL\n\nstatus\nlast äöü".encode())
    assert await session.run() == (
        "Really close SOL?\n\n[1] Confirm  [2] Cancel\n\n"
        "Really status?\n\n[3] Confirm  [4] Cancel\n\n"
        "Really last äöü?\n\n[5] Confirm  [6] Cancel\n\n"
    )
    assert session.echo.came[0] == Text(ME, HERE, "close SOL", NOW)


async def test_a_number_presses_its_button_also_of_an_earlier_card(piped: Callable[[bytes], Piped]) -> None:
    session = piped(b"close SOL\nclose BTC\n2\n[3]\n")
    answers = await session.run()
    assert session.echo.tokens == ["no to close SOL", "yes to close BTC"]
    assert "DONE: no to close SOL · updated\n" in answers


async def test_a_number_pressed_twice_presses_the_same_button_twice(piped: Callable[[bytes], Piped]) -> None:
    session = piped(b"close SOL\n1\n1\n")
    await session.run()
    assert session.echo.tokens == ["yes to close SOL", "yes to close SOL"]


async def test_a_number_that_no_button_bears_is_something_said(piped: Callable[[bytes], Piped]) -> None:
    session = piped(b"3\n123456\n01\n")
    await session.run()
    assert session.echo.texts == ["3", "123456", "01"]


async def test_the_line_behind_a_message_that_wants_a_reply_is_that_reply(piped: Callable[[bytes], Piped]) -> None:
    session = piped(b"1\n[1]\nstatus\n")
    await session.chat.send(HERE, posting("Ten?", Key("Ten", "ten")))
    asked = await session.chat.send(HERE, Posting(Message("How much?"), wants="usd"))
    await session.run()
    # A number is what was asked for; a button of another card is pressed by its brackets.
    said = [(came.text, came.reply_to) for came in session.echo.came if isinstance(came, Text)]
    assert said == [("1", asked), ("status", None)]
    assert session.echo.tokens == ["ten"]


async def test_a_button_of_the_message_that_wants_a_reply_is_pressed_by_its_number(
    piped: Callable[[bytes], Piped],
) -> None:
    session = piped(b"1\n2\n")
    asked = await session.chat.send(HERE, Posting(Message("How much?"), ((Key("Ten", "ten"),),), "usd"))
    await session.run()
    said = [(came.text, came.reply_to) for came in session.echo.came if isinstance(came, Text)]
    assert (session.echo.tokens, said) == (["ten"], [("2", asked)])


async def test_quit_leaves_and_what_stands_behind_it_is_not_read(piped: Callable[[bytes], Piped]) -> None:
    session = piped(b"status\n/QUIT\nclose SOL\n")
    await session.run()
    assert session.echo.texts == ["status"]


async def test_a_line_without_an_end_is_cut_and_the_next_is_read(piped: Callable[[bytes], Piped]) -> None:
    session = piped(b"x" * 3 * LONGEST_LINE + b"\nstatus\n")
    await session.run()
    assert [len(said) for said in session.echo.texts] == [LONGEST_LINE, len("status")]


async def test_bytes_that_are_no_characters_are_replaced(piped: Callable[[bytes], Piped]) -> None:
    session = piped(b"\xff\xfe status \x80\n")
    await session.run()
    assert session.echo.texts == ["�� status �"]


async def test_a_file_can_stand_where_a_pipe_does(tmp_path: Path) -> None:
    script, answers = tmp_path / "script.txt", tmp_path / "answers.txt"
    script.write_text("status\n1\n", encoding="utf-8")
    with script.open(encoding="utf-8") as said, answers.open("w", encoding="utf-8") as told:
        chat = terminal(said, told)
        echo = Echo(chat)
        await asyncio.wait_for(chat.run(echo.receive), LIMIT_S)
    assert echo.tokens == ["yes to status"]


async def test_what_comes_from_outside_cannot_steer_the_terminal(piped: Callable[[bytes], Piped]) -> None:
    session = piped(b"")
    evil = "SOL\x1b[2J\x1b]0;owned\x07\x9b2J\u202e\r\x08"
    message = Message(evil, (Paragraph(f"{evil}\n{evil}"), Table((evil,))))
    await session.chat.send(HERE, Posting(message, ((Key(evil, "t"),),)))
    answers = await session.run()
    assert re.findall(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", answers) == []
    assert answers.count("SOL") == 5


async def test_nothing_is_said_twice_where_only_buttons_went(piped: Callable[[bytes], Piped]) -> None:
    session = piped(b"")
    card = await session.chat.send(HERE, posting("HF 0.14", Key("Ack", "a")))
    await session.chat.edit(HERE, card, posting("HF 0.14"))
    await session.chat.edit(HERE, card, posting("HF falls"))
    await session.chat.edit(HERE, card, posting("HF falls", Key("Ack", "b")))
    assert await session.run() == ("HF 0.14\n\n[1] Ack\n\nHF falls · updated\n\nHF falls · updated\n\n[2] Ack\n\n")


async def test_figures_that_move_by_themselves_do_not_fill_the_screen(piped: Callable[[bytes], Piped]) -> None:
    session = piped(b"")
    ack = Key("Ack", "a")
    card = await session.chat.send(HERE, posting("HF 0.14, about 1 min 4 s left", ack))
    await session.chat.edit(HERE, card, posting("HF 0.13, about 59 s left", ack))
    await session.chat.edit(HERE, card, posting("HF 0.12, about 58 s left", ack))
    await session.chat.edit(HERE, card, posting("HF 0.12, root has it", ack))
    assert await session.run() == (
        "HF 0.14, about 1 min 4 s left\n\n[1] Ack\n\nHF 0.12, root has it · updated\n\n[1] Ack\n\n"
    )


async def test_figures_that_somebody_asked_for_are_shown(piped: Callable[[bytes], Piped]) -> None:
    session = piped(b"1\n")
    refresh = Key("Refresh", "r")
    card = await session.chat.send(HERE, posting("Equity 100", refresh))

    async def answer(_: Incoming) -> None:
        await session.chat.edit(HERE, card, posting("Equity 101", refresh))

    await session.chat.run(answer)
    assert "Equity 101 · updated" in session.answers.read_text(encoding="utf-8")


async def test_a_ping_that_a_newer_one_stands_for_is_not_shown_again(piped: Callable[[bytes], Piped]) -> None:
    session = piped(b"")
    card = await session.chat.send(HERE, posting("HF 0.14", Key("Ack", "a")))
    await session.chat.edit(HERE, card, Posting(Message("HF 0.14", (Paragraph("Told again since."),), silent=True)))
    assert await session.run() == "HF 0.14\n\n[1] Ack\n\n"


async def test_a_row_too_wide_for_the_terminal_keeps_its_buttons_whole() -> None:
    async with at_terminal(columns=24) as person:
        await person.chat.send(HERE, posting("Choose", *(Key(f"Close {name}", name) for name in ("SOL", "BTC", "ETH"))))
        person.type("/quit\r")
        await person.leaves()
        assert "[1] Close SOL\n[2] Close BTC\n[3] Close ETH\n" in person.seen


async def test_a_message_of_an_earlier_run_can_not_be_edited() -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading) as said, os.fdopen(writing, "w") as told:
        yesterday, today = terminal(said, told, NOW - timedelta(days=1)), terminal(said, told)
        earlier = await yesterday.send(HERE, posting("Yesterday"))
        await today.send(HERE, posting("Today"))
        with pytest.raises(SendError, match="no longer known") as refused:
            await today.edit(HERE, earlier, posting("Yesterday, resolved"))
        told.close()
        assert said.read() == "Yesterday\n\nToday\n\n"
    assert (refused.value.fault, refused.value.without) == (Fault.DEGRADE, Part.CARD)


async def test_it_keeps_no_limits_and_pins_nothing(piped: Callable[[bytes], Piped]) -> None:
    chat = piped(b"").chat
    assert chat.pace == Pace()
    assert not chat.is_group(HERE.id)
    assert chat.parts(posting("Long")) == (posting("Long"),)
    await chat.pin(HERE, "1")
    await chat.unpin(HERE, "1")
    with pytest.raises(SendError, match="stays"):
        await chat.delete(HERE, "1")


async def test_it_takes_nothing_for_other_platforms_or_after_the_person_has_left(
    piped: Callable[[bytes], Piped],
) -> None:
    session = piped(b"")
    with pytest.raises(SendError, match="telegram:1 is no room of terminal") as refused:
        await session.chat.send(Room("telegram", "1"), posting("Lost"))
    assert refused.value.fault is Fault.REFUSED
    await session.chat.probe()
    await session.run()
    with pytest.raises(SendError, match="nobody is at the terminal") as left:
        await session.chat.send(HERE, posting("Too late"))
    assert left.value.fault is Fault.BACKOFF
    with pytest.raises(SendError, match="nobody is at the terminal"):
        await session.chat.probe()


async def test_it_ends_when_nobody_reads_the_answers() -> None:
    (said, saying), (reading, telling) = os.pipe(), os.pipe()
    os.close(reading)
    os.write(saying, b"status\nclose SOL\n")
    refusals: list[SendError] = []
    # Unbuffered: nothing is left over that closing it would try to write once more.
    with os.fdopen(said) as input_, os.fdopen(saying), os.fdopen(os.dup(telling), "w") as told:
        chat = terminal(input_, told)

        async def receive(incoming: Incoming) -> None:
            with pytest.raises(SendError, match="the terminal takes nothing") as refused:
                await chat.send(incoming.room, posting("Heard"))
            refusals.append(refused.value)
            os.dup2(os.open(os.devnull, os.O_WRONLY), told.fileno())

        await asyncio.wait_for(chat.run(receive), LIMIT_S)
    os.close(telling)
    assert [refusal.fault for refusal in refusals] == [Fault.BACKOFF]


async def test_a_picture_is_kept_in_a_file_that_is_named_and_an_edit_with_another_is_shown(
    piped: Callable[[bytes], Piped], tmp_path: Path
) -> None:
    kept = tmp_path / "data" / "files"
    session = piped(b"")
    chat = session.chat
    shown = await chat.send(HERE, chart(b"week"))
    await chat.edit(HERE, shown, chart(b"week"))
    await chat.edit(HERE, shown, chart(b"month"))
    first, second = kept / "20260301-120000-001-pnl.png", kept / "20260301-120000-002-pnl.png"
    assert session.answers.read_text(encoding="utf-8") == (
        f"Equity\n\nOver 7 days.\n\n[picture] pnl.png: {first}\n\n[1] 30d\n\n"
        f"Equity · updated\n\nOver 7 days.\n\n[picture] pnl.png: {second}\n\n[1] 30d\n\n"
    )
    assert names(kept) == [first.name, second.name]
    assert [one.read_bytes() for one in (first, second)] == [b"week", b"month"]
    assert [one.stat().st_mode & 0o777 for one in (kept, first)] == [0o700, 0o600]
    with pytest.raises(SendError, match="stays"):
        await chat.delete(HERE, shown)
    assert names(kept) == [first.name]


async def test_a_file_of_any_name_goes_nowhere_else_and_only_the_last_are_kept(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    files = Files(tmp_path, lambda: NOW, most=2)
    for name in ("../../etc/passwd", "\x1b[2J/tra des.csv", ".."):
        said, path = await files.keep(Attachment(name, b"x"))
        assert path is not None
        assert path.parent == tmp_path
        assert "\x1b" not in said
    assert names(tmp_path) == [
        "20260301-120000-002-2J-tra-des.csv",
        "20260301-120000-003-file",
        "mine.txt",
    ]


async def test_where_a_file_cannot_be_kept_it_is_named_all_the_same(tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file", encoding="utf-8")
    rows = Attachment("trades.csv", b"a,b\n")
    assert await Files(blocked, lambda: NOW).keep(rows) == ("[file] trades.csv: could not be kept, File exists", None)
    assert await Files(None, lambda: NOW).keep(rows) == ("[file] trades.csv", None)


# -------------------------------------------------------------------------- at a terminal


@dataclass
class Person:
    """Sits at a real pseudo-terminal: types, and sees what comes."""

    chat: TerminalAdapter
    echo: Echo
    keyboard: int
    running: asyncio.Task[None]
    raw: bytearray = field(default_factory=bytearray)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def type(self, keys: str) -> None:
        os.write(self.keyboard, keys.encode())

    @property
    def seen(self) -> str:
        """All that was ever drawn, in order, without how."""
        text = re.sub(rb"\x1b(\[[0-9;?]*[ -/]*[@-~]|[=>])", b"", bytes(self.raw)).decode(errors="replace")
        return text.replace("\r", "").replace("\x07", "")

    async def sees(self, text: str, times: int = 1) -> None:
        await self.until(lambda: self.seen.count(text) >= times)

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(LIMIT_S):
            while not holds():
                self.news.clear()
                await self.news.wait()

    async def leaves(self) -> None:
        await asyncio.wait_for(asyncio.shield(self.running), LIMIT_S)
        self.read()

    def read(self) -> None:
        os.set_blocking(self.keyboard, False)
        try:
            while chunk := os.read(self.keyboard, 65_536):
                self.raw += chunk
        except BlockingIOError:
            pass
        self.news.set()


@asynccontextmanager
async def at_terminal(
    columns: int = 80, lines: int = 24, receive: Callable[[Echo, Incoming], Awaitable[None]] = Echo.receive
) -> AsyncIterator[Person]:
    keyboard, screen = pty.openpty()
    fcntl.ioctl(screen, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    before = termios.tcgetattr(screen)
    loop = asyncio.get_running_loop()
    with os.fdopen(screen, "r", encoding="utf-8") as said, os.fdopen(os.dup(screen), "w", encoding="utf-8") as told:
        chat = terminal(said, told)
        echo = Echo(chat)

        async def hear(incoming: Incoming) -> None:
            await receive(echo, incoming)
            person.news.set()

        person = Person(chat, echo, keyboard, asyncio.create_task(chat.run(hear)))
        loop.add_reader(keyboard, person.read)
        try:
            await person.sees("> ")
            yield person
            await person.leaves()
            assert termios.tcgetattr(screen) == before
        finally:
            loop.remove_reader(keyboard)
            person.running.cancel()
            await asyncio.wait([person.running])
    os.close(keyboard)


@pytest.fixture(autouse=True)
def an_ordinary_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES"):
        monkeypatch.delenv(name, raising=False)


async def test_a_word_is_answered_and_a_number_changes_the_card_in_its_place() -> None:
    async with at_terminal() as person:
        person.type("close SOL\r")
        await person.sees("[2] Cancel")
        person.type("1\r")
        await person.sees("DONE: yes")
        person.type(CTRL_C)
        await person.leaves()
        assert person.echo.tokens == ["yes to close SOL"]
        # What stays when they have gone: what was said and what became of it, once.
        assert person.seen.endswith("DONE: yes to close SOL\n\n")
        assert "updated" not in person.seen


@pytest.mark.parametrize("keys", [CTRL_C, CTRL_D, CTRL_C * 2, "/quit\r", "exit\r", f"half a word{CTRL_C}"])
async def test_there_are_many_ways_to_leave(keys: str) -> None:
    async with at_terminal() as person:
        person.type(keys)
        await person.leaves()
        assert person.echo.came == []


async def test_a_message_that_arrives_leaves_what_is_being_typed_alone() -> None:
    async with at_terminal() as person:
        person.type("close S")
        await person.sees("close S")
        for number in range(3):
            await person.chat.send(HERE, posting(f"Alert {number}", Key("Ack", f"ack {number}")))
        await person.sees("Alert 2")
        person.type("OL\r")
        await person.until(lambda: bool(person.echo.came))
        person.type(CTRL_C)
        await person.leaves()
        assert person.echo.texts == ["close SOL"]


async def test_an_alert_between_question_and_answer_does_not_take_the_number_of_the_question() -> None:
    async with at_terminal() as person:
        person.type("close SOL\r")
        await person.sees("[2] Cancel")
        await person.chat.send(HERE, posting("Alert", Key("Ack", "ack")))
        await person.sees("[3] Ack")
        person.type("1\r")
        await person.sees("DONE: yes to close SOL · updated")
        person.type(CTRL_C)
        await person.leaves()
        assert person.echo.tokens == ["yes to close SOL"]


async def test_an_older_card_is_shown_once_more_only_where_it_says_something_new() -> None:
    async with at_terminal() as person:
        old = await person.chat.send(HERE, posting("HF 0.14", Key("Ack", "a")))
        await person.chat.send(HERE, posting("HF still 0.14", Key("Ack", "b")))
        await person.chat.edit(HERE, old, posting("HF 0.14"))
        await person.chat.edit(HERE, old, posting("Resolved"))
        await person.sees("Resolved · updated")
        person.type(CTRL_C)
        await person.leaves()
        assert "HF 0.14 · updated" not in person.seen


async def test_a_card_taller_than_the_screen_is_shown_whole() -> None:
    async with at_terminal(lines=10) as person:
        rows = tuple(f"row {number}." for number in range(30))
        card = await person.chat.send(HERE, Posting(Message("Positions", (Table(rows),))))
        await person.chat.edit(HERE, card, Posting(Message("Positions", (Table((*rows, "row 30.")),))))
        await person.sees("row 30.")
        person.type(CTRL_C)
        await person.leaves()
        assert [person.seen.count(row) for row in rows] == [2] * 30


async def test_words_are_completed_and_what_was_typed_comes_back() -> None:
    async with at_terminal() as person:
        person.type("who\t\r")
        await person.until(lambda: len(person.echo.came) == 1)
        person.type("/help ver\t\r")
        await person.until(lambda: len(person.echo.came) == 2)
        person.type(UP + UP + "\r")
        await person.until(lambda: len(person.echo.came) == 3)
        person.type(CTRL_C)
        await person.leaves()
        assert person.echo.texts == ["whoami", "/help version", "whoami"]


async def test_what_is_under_way_may_end_when_the_person_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    # However slow this machine is just now: that it may end is meant, not how soon.
    monkeypatch.setattr(prompt, "GRACE_S", LIMIT_S)
    heard, answer = asyncio.Event(), asyncio.Event()

    async def slowly(echo: Echo, incoming: Incoming) -> None:
        heard.set()
        await answer.wait()
        await echo.receive(incoming)

    async with at_terminal(receive=slowly) as person:
        person.type("close SOL\r")
        await asyncio.wait_for(heard.wait(), LIMIT_S)
        # The next is heard while the first waits for its answer.
        heard.clear()
        person.type("close BTC\r")
        await asyncio.wait_for(heard.wait(), LIMIT_S)
        person.type(CTRL_C)
        answer.set()
        await person.leaves()
        assert person.echo.texts == ["close SOL", "close BTC"]
        assert "Really close BTC?" in person.seen


async def test_what_comes_unasked_rings_unless_it_is_silent() -> None:
    async with at_terminal() as person:
        await person.chat.send(HERE, Posting(Message("Hourly", silent=True)))
        await person.sees("Hourly")
        silent = person.raw.count(b"\x07")
        await person.chat.send(HERE, posting("Alert"))
        await person.sees("Alert")
        person.type(CTRL_C)
        await person.leaves()
        assert (silent, person.raw.count(b"\x07")) == (0, 1)


async def test_no_color_is_honoured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with at_terminal() as person:
        person.type("status\r")
        await person.sees("[2] Cancel")
        person.type(CTRL_C)
        await person.leaves()
        # 39 and 49 are the terminal's own colours.
        styles = b";".join(re.findall(rb"\x1b\[([0-9;]*)m", bytes(person.raw))).split(b";")
        assert {style for style in styles if len(style) == 2} <= {b"39", b"49"}


async def test_whatever_stands_in_a_card_only_we_steer_the_terminal() -> None:
    async with at_terminal() as person:
        evil = "SOL\x1b[2J\x1b]0;owned\x07\x9b2J\u202e"
        await person.chat.send(HERE, Posting(Message(evil, silent=True), ((Key(evil, "t"),),)))
        person.type("1\r")
        await person.until(lambda: bool(person.echo.came))
        person.type(CTRL_C)
        await person.leaves()
        assert b"\x1b[2J" not in person.raw
        assert b"\x1b]0;" not in person.raw
        assert "\x9b" not in person.seen


# ---------------------------------------------------------------------- as a real program


async def start(stdin: int, stdout: int, stderr: int) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.chatops.adapters.test_terminal",
        cwd=Path(__file__).parents[3],
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        start_new_session=True,
    )


async def test_a_program_in_a_pipe_answers_without_a_single_escape_sequence() -> None:
    program = await start(stdin=PIPE, stdout=PIPE, stderr=PIPE)
    answers, complaints = await asyncio.wait_for(program.communicate(b"close SOL\n1\n"), LIMIT_S)
    assert answers.decode() == (
        "Really close SOL?\n\n[1] Confirm  [2] Cancel\n\nDONE: yes to close SOL · updated\n\nleft\n"
    )
    assert (program.returncode, complaints) == (0, b"")


async def test_a_program_that_waits_for_a_line_ends_on_an_interrupt() -> None:
    program = await start(stdin=PIPE, stdout=PIPE, stderr=PIPE)
    assert program.stdin is not None
    assert program.stdout is not None
    program.stdin.write(b"status\n")
    async with asyncio.timeout(LIMIT_S):
        await program.stdout.readuntil(b"[2] Cancel\n")
        program.send_signal(signal.SIGINT)
        _, complaints = await program.communicate()
    assert (program.returncode, complaints) == (0, b"")


async def test_a_program_that_is_interrupted_leaves_the_terminal_as_it_was() -> None:
    keyboard, screen = pty.openpty()
    before = termios.tcgetattr(screen)
    program = await start(stdin=screen, stdout=screen, stderr=screen)
    seen = bytearray()
    drawn = asyncio.Event()

    def read() -> None:
        seen.extend(os.read(keyboard, 65_536))
        if b"> " in seen:
            drawn.set()

    loop = asyncio.get_running_loop()
    loop.add_reader(keyboard, read)
    async with asyncio.timeout(LIMIT_S):
        await drawn.wait()
        assert termios.tcgetattr(screen) != before
        program.send_signal(signal.SIGINT)
        await program.wait()
    loop.remove_reader(keyboard)
    assert program.returncode == 0
    assert termios.tcgetattr(screen) == before
    os.close(screen)
    os.close(keyboard)


# -------------------------------------------------------------------------------- numbers


def test_a_button_keeps_its_number_while_it_keeps_its_label() -> None:
    numbers = Numbers()
    question = numbers.deal("a", [[Key("Confirm", "1"), Key("Cancel", "2")]])
    again = numbers.deal("a", [[Key("Refresh", "3"), Key("Confirm", "4")]], question[0])
    assert [key.number for key in again[0]] == [3, 1]
    confirm, cancel = numbers.meaning("1"), numbers.meaning("2")
    assert confirm is not None
    assert cancel is not None
    # The number of a button that has gone still asks what became of it.
    assert (confirm[1].token, cancel[1].token) == ("4", "2")


def test_after_the_last_number_they_begin_again_and_never_take_another_cards() -> None:
    numbers = Numbers(last=3)
    old = numbers.deal("a", [[Key("Ack", "a"), Key("Ack", "b")]])
    new = numbers.deal("b", [[Key("Ack", "c"), Key("Ack", "d")]])
    assert [key.number for key in new[0]] == [3, 1]
    edited = numbers.deal("a", [[Key("Ack", "e"), Key("Ack", "f")]], old[0])
    assert [key.number for key in edited[0]] == [2, 2]


if __name__ == "__main__":
    real = TerminalAdapter(ME, HERE, input=sys.stdin, output=sys.stdout, now=lambda: NOW)
    with suppress(KeyboardInterrupt):
        asyncio.run(real.run(Echo(real).receive))
    sys.stdout.write("left\n")
