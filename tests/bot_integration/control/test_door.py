"""Who is let in to a control API."""

import asyncio
import logging

import pytest
from aiohttp import ClientSession

from bot_integration.control import CannotListen, ControlServer, RemoteBot
from tests.bot_integration.control.alpha import Alpha, close
from tests.bot_integration.control.clock import hurry
from tests.bot_integration.control.http_caller import TOKEN, error, said


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer "},
        {"Authorization": "Bearer wrong"},
        {"Authorization": TOKEN},
        {"Authorization": f"Basic {TOKEN}"},
        {"Authorization": f"Bearer {TOKEN}x"},
        {"Authorization": f"Bearer {TOKEN[:-1]}"},
        {"Authorization": f"Bearer {TOKEN.upper()}"},
        {"Authorization": f"Bearer {TOKEN} {TOKEN}"},
        {"Authorization": f"Bearer {TOKEN},{TOKEN}"},
        {"Authorization": f'Bearer "{TOKEN}"'},
        {"Authorization": f"Bearer\t{TOKEN}"},
        {"Authorization": f"Token {TOKEN}"},
        {"Authorization": "Bearer é"},
        {"Authorization": f"Bearer {'x' * 4_000}"},
        {"Authorization": f"Bearer {TOKEN}%00"},
        {"X-Authorization": f"Bearer {TOKEN}"},
        {"Cookie": f"token={TOKEN}"},
        {"Quarterdeck-Bot": "beta"},
    ],
)
@pytest.mark.parametrize("path", ["/v1/health", f"/v1/snapshot?token={TOKEN}", "/v1/nothing", "/v1/stream"])
async def test_without_the_right_token_nobody_learns_anything(alpha: Alpha, headers: dict[str, str], path: str) -> None:
    async with (
        ControlServer(alpha, listen="127.0.0.1:0", token=TOKEN) as server,
        ClientSession(server.url, headers=headers) as http,
    ):
        read = await said(await http.get(path))
        asked = await said(await http.post("/v1/commands", data=close().model_dump_json()))
    unauthorized = error("unauthorized", "Send the bot's token as 'Authorization: Bearer TOKEN'.")
    assert read == asked == (401, unauthorized)
    assert alpha.closed == []


async def test_the_token_stands_in_no_log(
    alpha: Alpha, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("DEBUG")
    async with (
        ControlServer(alpha, listen="127.0.0.1:0", token=TOKEN) as server,
        RemoteBot("alpha", server.url, TOKEN + "wrong", sleep=hurry) as far,
        far.follow() as events,
    ):
        async with asyncio.timeout(30):
            await anext(events)
        assert TOKEN not in caplog.text + repr(server) + repr(far)
    assert TOKEN not in "".join(capsys.readouterr())


async def test_whoever_tries_tokens_fills_no_log(alpha: Alpha, caplog: pytest.LogCaptureFixture) -> None:
    async with (
        ControlServer(alpha, listen="127.0.0.1:0", token=TOKEN) as server,
        ClientSession(server.url) as http,
    ):
        for _ in range(50):
            assert (await said(await http.get("/v1/health")))[0] == 401
    assert [one.getMessage() for one in caplog.records if one.levelno >= logging.WARNING] == [
        "request without the right token from 127.0.0.1"
    ]


async def test_a_command_for_another_bot_is_not_taken_on(http: ClientSession, alpha: Alpha) -> None:
    answer = await said(
        await http.post("/v1/commands", data=close().model_dump_json(), headers={"Quarterdeck-Bot": "b%C3%A4ta"})
    )
    assert answer == (421, error("wrong_bot", "This is alpha, not bäta."))
    assert alpha.closed == []


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Host": "evil.example"}])
async def test_without_a_token_no_page_in_a_browser_can_ask(alpha: Alpha, headers: dict[str, str]) -> None:
    async with (
        ControlServer(alpha, listen="127.0.0.1:0") as server,
        ClientSession(server.url, headers=headers) as http,
    ):
        status, body = await said(await http.post("/v1/commands", data=close().model_dump_json()))
    assert (status, body["error"]) == (403, "forbidden")
    assert alpha.closed == []


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "[::1]:8000"])
async def test_without_a_token_this_machine_can_ask_by_any_of_its_names(alpha: Alpha, host: str) -> None:
    async with (
        ControlServer(alpha, listen="127.0.0.1:0") as server,
        ClientSession(server.url, headers={"Host": host}) as http,
    ):
        status, _ = await said(await http.get("/v1/health"))
    assert status == 200


@pytest.mark.parametrize("listen", ["0.0.0.0:0", ":0", "[::]:0", "alpha.example:8000", "10.0.0.7:8000"])
def test_a_server_that_others_can_reach_needs_a_token(alpha: Alpha, listen: str) -> None:
    with pytest.raises(CannotListen, match=r"which others can reach, and there is no token\. Set a token"):
        ControlServer(alpha, listen=listen)


async def test_with_a_token_others_may_reach_it(alpha: Alpha) -> None:
    async with ControlServer(alpha, listen="0.0.0.0:0", token=TOKEN) as server:
        assert server.url.startswith("http://0.0.0.0:")


@pytest.mark.parametrize("token", ["", " ", "a token\n", " padded", "tökén"])
def test_a_token_that_no_header_can_carry_is_refused(alpha: Alpha, token: str) -> None:
    with pytest.raises(CannotListen, match="printable ASCII"):
        ControlServer(alpha, token=token)
