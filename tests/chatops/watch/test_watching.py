"""`quarterdeck watch` finds its bot, or says why not and what to do."""

import socket as sockets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot_integration.control import ControlServer
from bot_integration.control.socket import ControlSocket
from chatops.watch.watching import NoSuchUrl, NotHeard, url_of, watch_lines
from tests.bot_integration.control.alpha import Alpha, facts, now

TOKEN = "a token of both ends"


@pytest.fixture
def alpha() -> Alpha:
    alpha = Alpha()
    assert alpha.publish(facts()) == ()
    return alpha


async def once(url: str, token: str | None = None) -> list[str]:
    """The lines of one look."""
    lines: list[str] = []
    await watch_lines(url, token, every_s=None, as_json=False, write=lines.append, now=now)
    return lines


async def why_not(url: str, token: str | None = None) -> str:
    lines: list[str] = []
    with pytest.raises(NotHeard):
        await watch_lines(url, token, every_s=None, as_json=False, write=lines.append, now=now)
    (line,) = lines
    return line


@pytest.mark.parametrize("given", ["unix:{path}", "unix://{path}"])
async def test_a_unix_socket_is_named_as_paper_names_it(alpha: Alpha, tmp_path: Path, given: str) -> None:
    path = tmp_path / "a.sock"
    async with ControlServer(alpha, listen=f"unix:{path}"):
        (line,) = await once(given.format(path=path))
    assert "alpha" in line


async def test_a_port_is_named_as_paper_names_it(alpha: Alpha) -> None:
    async with ControlServer(alpha, listen="127.0.0.1:0") as server:
        (line,) = await once(server.url.removeprefix("http://"))
    assert "alpha" in line


def test_whole_urls_stay_as_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert url_of("unix:a.sock") == f"unix://{tmp_path}/a.sock"
    for url in ("tcp://127.0.0.1:9120", "https://bot.example.org", "unix:///run/a.sock"):
        assert url_of(url) == url


async def test_what_leads_nowhere_is_no_url() -> None:
    with pytest.raises(NoSuchUrl):
        await once("ftp://127.0.0.1:21")


@pytest.fixture
async def urls(alpha: Alpha) -> AsyncIterator[tuple[str, str]]:
    """Both ways to a bot that wants a token."""
    async with (
        ControlServer(alpha, listen="127.0.0.1:0", token=TOKEN) as server,
        ControlSocket(alpha, "127.0.0.1:0", TOKEN) as socket,
    ):
        yield server.url, socket.url


@pytest.mark.parametrize("token", [None, "another"])
async def test_a_wrong_token_is_told_with_the_option_that_takes_the_right_one(
    urls: tuple[str, str], token: str | None
) -> None:
    for url in urls:
        line = await why_not(url, token)
        assert "The bot wants another token. Give its own: --token-file FILE, or QUARTERDECK_WATCH_TOKEN_FILE." in line


@pytest.mark.parametrize("scheme", ["http", "tcp"])
async def test_where_nobody_listens_the_system_says_why(scheme: str) -> None:
    with sockets.socket() as one:
        one.bind(("127.0.0.1", 0))
        url = f"{scheme}://127.0.0.1:{one.getsockname()[1]}"
        assert f"The bot at {url} does not answer: connection refused." in await why_not(url)


async def test_a_unix_socket_that_is_not_there_is_told(tmp_path: Path) -> None:
    line = await why_not(f"unix:{tmp_path}/a.sock")
    assert f"The bot at unix://{tmp_path}/a.sock does not answer: no such file or directory." in line
