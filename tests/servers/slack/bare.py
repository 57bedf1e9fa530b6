"""slack_bolt as it installs, joined to the server: what everything of ours is measured against."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from chatops.listening import Listening
from chatops.settings.address import Address
from tests.servers.common.seen import PATIENCE_S
from tests.servers.slack.server import SlackServer


def bare_app(server: SlackServer) -> AsyncApp:
    client = AsyncWebClient(server.bot_token, base_url=server.base_url)
    return AsyncApp(client=client, signing_secret=server.signing_secret)


@asynccontextmanager
async def by_socket(server: SlackServer, app: AsyncApp) -> AsyncIterator[AsyncSocketModeHandler]:
    # No ping of its own falls into a story, however long a machine takes over it, or into its end.
    handler = AsyncSocketModeHandler(app, server.app_token, ping_interval=2 * PATIENCE_S)
    await handler.connect_async()  # type: ignore[no-untyped-call]  # The library types none of its coroutines.
    try:
        await server.connected()
        yield handler
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]  # As above.


@asynccontextmanager
async def by_http(server: SlackServer, app: AsyncApp) -> AsyncIterator[str]:
    async def take(request: web.Request) -> web.Response:
        return await to_aiohttp_response(await app.async_dispatch(await to_bolt_request(request)))

    outside = web.Application()
    outside.router.add_post("/slack/events", take)
    runner = web.AppRunner(outside, access_log=None, shutdown_timeout=0.1)
    listening = await Listening.open(runner, Address("127.0.0.1", 0), "by_http")
    try:
        url = f"http://127.0.0.1:{listening.port}/slack/events"
        await server.deliver_to(url)
        yield url
    finally:
        await listening.close()
