"""The loop that programs run on: uvloop where there is one."""

import asyncio


def new_event_loop() -> asyncio.AbstractEventLoop:
    """A loop that nobody runs yet."""
    try:
        import uvloop
    except ImportError:
        # Windows and PyPy have none.
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()
