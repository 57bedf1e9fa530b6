"""The baseline: a bare app of slack_bolt that answers a command with a card and changes it at a click, as it installs.

`python -m tests.benchmarks.bare_slack_process BASE_URL BOT_TOKEN APP_TOKEN`, or by HTTP `… SIGNING_SECRET PORT`
"""

import asyncio
import sys
from typing import Any

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.say.async_say import AsyncSay
from slack_sdk.web.async_client import AsyncWebClient


async def command(ack: AsyncAck, say: AsyncSay, body: dict[str, Any]) -> None:
    """A card that says what was written."""
    await ack()
    await say(text=body["text"], blocks=_card(body["text"], ["Cancel"]))


async def clicked(ack: AsyncAck, client: AsyncWebClient, body: dict[str, Any]) -> None:
    """The same card, which says that it was clicked."""
    await ack()
    await client.chat_update(
        channel=body["channel"]["id"], ts=body["message"]["ts"], text="clicked", blocks=_card("clicked", [])
    )


def _card(text: str, labels: list[str]) -> list[dict[str, Any]]:
    buttons = [
        {"type": "button", "text": {"type": "plain_text", "text": label}, "action_id": "press", "value": label}
        for label in labels
    ]
    card: list[dict[str, Any]] = [{"type": "section", "text": {"type": "plain_text", "text": text}}]
    return [*card, {"type": "actions", "elements": buttons}] if buttons else card


async def by_socket(base_url: str, bot_token: str, app_token: str) -> None:
    """Answer until we are terminated."""
    app = AsyncApp(client=AsyncWebClient(bot_token, base_url=base_url))
    app.command("/deck")(command)
    app.action("press")(clicked)
    await AsyncSocketModeHandler(app, app_token).start_async()  # type: ignore[no-untyped-call]  # The library's own.


def by_http(base_url: str, bot_token: str, signing_secret: str, port: int) -> None:
    """The same, called by Slack."""
    app = AsyncApp(client=AsyncWebClient(bot_token, base_url=base_url), signing_secret=signing_secret)
    app.command("/deck")(command)
    app.action("press")(clicked)
    app.server(port=port, host="127.0.0.1").start()


if __name__ == "__main__":
    url, token, *way = sys.argv[1:]
    if len(way) > 1:
        by_http(url, token, way[0], int(way[1]))
    else:
        asyncio.run(by_socket(url, token, way[0]))
