"""A control API on a Unix socket, and the addresses that it takes."""

import socket
import stat
from pathlib import Path

import pytest
from aiohttp import ClientSession, UnixConnector

from bot_integration.control import CannotListen, ControlServer
from tests.bot_integration.control.alpha import Alpha
from tests.bot_integration.control.http_caller import TOKEN, said


async def test_a_unix_socket_is_its_owners_alone_and_needs_no_token(alpha: Alpha, tmp_path: Path) -> None:
    path = tmp_path / "a.sock"
    async with (
        ControlServer(alpha, listen=f"unix:{path}", token=TOKEN) as server,
        ClientSession("http://any", connector=UnixConnector(str(path))) as http,
    ):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert server.url == f"unix://{path}"
        assert (await said(await http.get("/v1/health")))[0] == 200
    assert not path.exists()


async def test_the_socket_of_a_killed_process_is_replaced(alpha: Alpha, tmp_path: Path) -> None:
    path = tmp_path / "a.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    async with (
        ControlServer(alpha, listen=f"unix:{path}"),
        ClientSession("http://any", connector=UnixConnector(str(path))) as http,
    ):
        assert (await said(await http.get("/v1/health")))[0] == 200


async def test_the_socket_of_a_living_process_is_left_alone(alpha: Alpha, tmp_path: Path) -> None:
    path = tmp_path / "a.sock"
    async with (
        ControlServer(alpha, listen=f"unix:{path}"),
        ClientSession("http://any", connector=UnixConnector(str(path))) as http,
    ):
        with pytest.raises(CannotListen, match="another process listens there"):
            async with ControlServer(Alpha("beta"), listen=f"unix:{path}"):
                pass
        assert (await said(await http.get("/v1/health")))[1]["bot"] == "alpha"


async def test_the_socket_that_another_has_put_in_our_place_is_not_removed(alpha: Alpha, tmp_path: Path) -> None:
    path = tmp_path / "a.sock"
    async with ControlServer(alpha, listen=f"unix:{path}"):
        path.rename(tmp_path / "ours")
        path.write_text("theirs")
    assert path.read_text() == "theirs"


async def test_what_is_no_socket_is_never_removed(alpha: Alpha, tmp_path: Path) -> None:
    path = tmp_path / "diary.txt"
    path.write_text("dear diary")
    with pytest.raises(CannotListen, match="is there and is no socket"):
        async with ControlServer(alpha, listen=f"unix:{path}"):
            pass
    assert path.read_text() == "dear diary"


async def test_a_path_that_cannot_hold_a_socket_is_told(alpha: Alpha, tmp_path: Path) -> None:
    with pytest.raises(CannotListen, match="Its folder must exist"):
        async with ControlServer(alpha, listen=f"unix:{tmp_path}/none/a.sock"):
            pass
    with pytest.raises(CannotListen, match="is too long for a socket"):
        async with ControlServer(alpha, listen=f"unix:{tmp_path}/{'a' * 100}.sock"):
            pass


@pytest.mark.parametrize("listen", ["", "8000", "localhost:", "localhost:http", "::1:8000", "h:70000", "unix:"])
def test_an_address_that_cannot_be_read_is_told(alpha: Alpha, listen: str) -> None:
    with pytest.raises(CannotListen, match=r"^listen is "):
        ControlServer(alpha, listen=listen)


def test_where_to_listen_is_no_url(alpha: Alpha) -> None:
    with pytest.raises(CannotListen, match=r"expected HOST:PORT alone, without http://\.$"):
        ControlServer(alpha, listen="http://127.0.0.1:8000")


async def test_a_relative_path_is_found_from_anywhere(
    alpha: Alpha, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with ControlServer(alpha, listen="unix:a.sock") as server:
        assert server.url == f"unix://{tmp_path / 'a.sock'}"
