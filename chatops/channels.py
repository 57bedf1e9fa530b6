"""The channels of the settings: what Apprise reaches, and webhooks of our own."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime

from chatops.adapters.apprise.adapter import AppriseAdapter
from chatops.adapters.apprise.teller import Target
from chatops.adapters.base import Adapter
from chatops.adapters.webhook.adapter import Hook, WebhookAdapter
from chatops.settings import ChannelSettings


@asynccontextmanager
async def open_channels(
    settings: Sequence[ChannelSettings], now: Callable[[], datetime]
) -> AsyncIterator[tuple[Adapter, ...]]:
    """An adapter for each kind that there is, until the block ends.

    Raises `UnusableChannel` with every channel that nothing could ever be sent to.
    """
    hooks = [
        Hook(one.name, one.url.get_secret_value(), one.secret.get_secret_value(), one.allow_private)
        for one in settings
        if one.secret is not None
    ]
    targets = [
        Target(one.name, one.url.get_secret_value(), one.allow_private) for one in settings if not one.is_webhook
    ]
    async with AsyncExitStack() as stack:
        adapters: list[Adapter] = []
        if hooks:
            adapters.append(await stack.enter_async_context(WebhookAdapter(hooks, now)))
        if targets:
            adapters.append(await stack.enter_async_context(AppriseAdapter(targets)))
        yield tuple(adapters)
