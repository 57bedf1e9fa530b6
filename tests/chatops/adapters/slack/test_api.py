import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from chatops.adapters.slack.api import SlackApi, Timeouts
from chatops.adapters.slack.errors import Refused, SlackError, Unanswered, Unreached
from tests.servers.slack import DropAfterAccept, SlackServer, StallAfterAccept

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def answering(answer: Answer) -> AsyncIterator[SlackApi]:
    """Something that is not Slack where Slack should be."""
    app = web.Application()
    app.router.add_route("*", "/{way:.*}", answer)
    async with (
        TestServer(app) as server,
        SlackApi(str(server.make_url("/api/")), "xoxb-1", Timeouts(read=30.0, connect=30.0, total=60.0)) as api,
    ):
        yield api


@pytest.mark.parametrize(
    ("status", "kind", "text", "means"),
    [
        (200, "text/plain", "OK", Unanswered),
        (200, "text/html", "<html>welcome to the airport</html>", Unanswered),
        (200, "application/json", "[]", Unanswered),
        (200, "application/json", "17", Unanswered),
        (200, "application/json", "{", Unanswered),
        (200, "application/json", "{}", Unanswered),
        (403, "text/html", "<html>no</html>", Unreached),
        (403, "text/plain", "no", Unreached),
        (502, "text/html", "<html>bad gateway</html>", Unanswered),
        (502, "text/plain", "bad gateway", Unanswered),
        (502, "application/json", "{", Unanswered),
        (413, "text/html", "", Refused),
    ],
)
async def test_what_is_no_answer_of_slacks_is_told_apart(
    status: int, kind: str, text: str, means: type[SlackError]
) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=status, content_type=kind, text=text)

    async with answering(answer) as api:
        with pytest.raises(means):
            await api.call("auth.test", {})


async def test_a_call_is_made_once_whatever_becomes_of_it() -> None:
    """A bug of the client's own retries: a connection that drops after acceptance posts twice."""
    async with SlackServer() as server, SlackApi(server.base_url, server.bot_token) as api:
        desk = server.channel("desk")
        server.fail(DropAfterAccept(), method="chat.postMessage")
        with pytest.raises(Unanswered, match="was lost"):
            await api.call("chat.postMessage", {"channel": desk.id, "text": "once"})
        assert [post.text for post in desk.posts] == ["once"]


async def test_a_call_ends_within_its_limits() -> None:
    over = asyncio.Event()
    async with SlackServer() as server, SlackApi(server.base_url, server.bot_token, Timeouts(read=0.1)) as api:
        server.fail(StallAfterAccept(over), method="auth.test")
        with pytest.raises(Unanswered, match="no answer in time"):
            await api.call("auth.test", {})
        over.set()


async def test_the_token_goes_in_the_header_and_values_as_a_form_has_them() -> None:
    seen: dict[str, Any] = {}

    async def look(request: web.Request) -> web.Response:
        seen.update(await request.post(), token=request.headers["Authorization"], way=request.path)
        return web.json_response({"ok": True})

    async with answering(look) as api:
        api.use_token(" xoxb-2\n")
        await api.call("a.b", {"text": "é <", "on": True, "limit": 5, "blocks": [{"type": "divider"}], "cursor": None})
    assert seen == {
        "text": "é <",
        "on": "true",
        "limit": "5",
        "blocks": '[{"type":"divider"}]',
        "token": "Bearer xoxb-2",
        "way": "/api/a.b",
    }


async def test_no_proxy_is_taken_out_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    async with SlackServer() as server, SlackApi(server.base_url, server.bot_token) as api:
        assert (await api.call("auth.test", {}))["team_id"] == server.team_id


async def test_the_bytes_of_a_file_go_without_the_token_and_nowhere_else() -> None:
    async def look(request: web.Request) -> web.Response:
        if request.path == "/moved":
            raise web.HTTPFound("/elsewhere")
        assert "Authorization" not in request.headers
        return web.Response(text=f"OK - {len(await request.read())}")

    async with answering(look) as api:
        await api.put(api.client.base_url + "upload", b"bytes")
        with pytest.raises(Unreached, match="302"):
            await api.put(api.client.base_url.replace("/api/", "/moved"), b"bytes")
