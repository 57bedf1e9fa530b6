"""Shows how far an act has come, while bots are at it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from bot_integration import Bot
from bot_integration.events import Event
from chatops.commands.registry import Progress
from chatops.messages import Message
from chatops.tasks import running

#: Between two edits of one card, in seconds: no chat takes more (SPEC 8).
PACE_S = 1.0


@asynccontextmanager
async def shown_as_it_goes(
    bots: Sequence[Bot],
    draw: Callable[[], Message],
    show: Progress,
    sleep: Callable[[float], Awaitable[None]],
) -> AsyncIterator[None]:
    """While the block runs, what `draw` gives is shown when one of the bots says something, once a second at most."""
    news, editing = asyncio.Event(), asyncio.Lock()

    async def listen(events: AsyncIterator[Event]) -> None:
        async for _ in events:
            news.set()

    async def tell() -> None:
        while True:
            # First, since the card was shown just now.
            await sleep(PACE_S)
            await news.wait()
            news.clear()
            async with editing:
                await show(draw())

    async with AsyncExitStack() as stack:
        for bot in bots:
            events = await stack.enter_async_context(bot.follow())
            await stack.enter_async_context(running(listen(events), f"following {bot.name} at an act"))
        await stack.enter_async_context(running(tell(), "showing how far an act has come"))
        # Left with this in hand: an edit on its way arrives before the last word does.
        stack.push_async_callback(editing.acquire)
        yield
