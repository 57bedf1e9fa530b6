"""`quarterdeck watch` as people start it: at a terminal, in a pipe, beside a bot and beside none."""

import signal
from pathlib import Path

from bot_integration.control import ControlServer
from tests.chatops.watch.facts import Clock, crashing
from tests.faults.program import outcome, program, seat
from tests.faults.tmux import tmux, with_tmux

#: A watch in which something breaks once it is drawn.
_BREAKS = """
import sys, chatops.cli
from chatops.watch.scene import Scene
def broken(self, columns): raise RuntimeError("nobody foresaw this")
Scene.legs = broken
sys.argv[1:] = sys.argv[2:]
chatops.cli.main()
"""


def nobody(folder: Path) -> str:
    return f"unix://{folder}/nobody.sock"


@with_tmux
async def test_the_crash_is_watched_in_a_small_window_and_a_large_one_and_a_position_is_closed(folder: Path) -> None:
    bot = f"unix:{folder}/bot.sock"
    paper = ("paper", "--name", "alpha", "--scenario", "crash", "--speed", "300", "--listen", bot)
    async with program(*paper) as running, tmux(folder) as terminal:
        await running.says("its control API is")
        window = await terminal.open("watch", 80, 24, "-m", "chatops", "watch", bot.replace(":", "://"), "--by", "ada")
        small = await window.shows(" PAPER   alpha", "● live", "SOL-2", "1 Legs  2 Funding", "c Close…")
        assert max(map(len, small)) <= 80
        assert small[0].startswith(" PAPER   alpha  ·  monitoring  ·  ok")
        await window.resize(160, 50)
        large = await window.shows("╭─ Portfolio ─", "╭─ Funding ─", "╭─ Timeline ─", "SOL okx", "room")
        assert max(map(len, large)) <= 160
        await window.type("c")
        await window.shows(" on alpha?", "net ", "y yes")
        # By the clock of the other process a question takes no yes in its first half second, and shows nothing of it.
        await window.strikes("y", until="Esc close")
        # Its outcome stands in the timeline too, perhaps before it does here.
        await window.shows(" ✓ ", " closed: ", "Esc close")
        await window.type("Escape")
        await window.hides("Esc close")
        await window.shows("close position by ada: ✓")
        await window.type("q")
        await window.is_restored()


@with_tmux
async def test_the_terminal_is_restored_however_it_ends(folder: Path) -> None:
    watch = ("-m", "chatops", "watch", nobody(folder))
    async with tmux(folder) as terminal:
        left, broken = (
            await terminal.open("left", 80, 24, *watch),
            await terminal.open("broken", 80, 24, "-c", _BREAKS, "watch", *watch[2:]),
        )
        interrupted, stopped = (
            await terminal.open("interrupted", 80, 24, *watch),
            await terminal.open("stopped", 80, 24, *watch),
        )
        await left.shows("does not answer", "q Quit")
        await left.type("q")
        await interrupted.shows("q Quit")
        await interrupted.type("C-c")
        await stopped.shows("q Quit")
        stopped.signal(signal.SIGTERM)
        for window in (left, interrupted, stopped, broken):
            await window.is_restored()
        told = "\n".join(await broken.picture())
        assert "RuntimeError: nobody foresaw this" in told
        assert "ended 1" in told


async def test_a_terminal_that_is_closed_ends_it(folder: Path) -> None:
    async with seat("watch", nobody(folder)) as sitting:
        await sitting.says("\x1b[?1049h")
        sitting.hang_up()
        assert await sitting.ends() == 0


async def test_in_a_pipe_it_says_lines_until_it_is_stopped_and_goes_on_trying(folder: Path) -> None:
    async with program("watch", nobody(folder), "--every", "0.2") as running:
        await running.says("AWAY since", times=2)
        async with ControlServer(crashing(60, Clock()).controller, listen=f"unix:{folder}/nobody.sock"):
            await running.says("PAPER alpha")
            running.terminate()
            assert await running.ends() == 0, running.said
    assert "does not answer" in running.said
    assert "\x1b" not in running.said


async def test_asked_once_where_nobody_answers_it_says_so_and_fails(folder: Path) -> None:
    code, said = await outcome("watch", nobody(folder), "--once")
    assert code == 1
    assert "does not answer" in said
    assert len(said.splitlines()) == 1


async def test_a_wrong_token_is_told_and_no_token_is_shown(folder: Path) -> None:
    (folder / "token").write_text("not-the-token")
    async with ControlServer(crashing(60, Clock()).controller, listen="127.0.0.1:0", token="the-token") as server:
        code, said = await outcome("watch", server.url, "--once", "--token-file", str(folder / "token"))
    assert code == 1
    assert "token" in said
    assert "the-token" not in said


async def test_a_url_that_leads_nowhere_is_told_in_a_word() -> None:
    code, said = await outcome("watch", "ftp://127.0.0.1", "--once")
    assert code == 1
    assert "http://host:port" in said
    assert "Traceback" not in said
