"""The end of a listening socket: whoever was let in before it is known, nobody comes after."""

import asyncio

#: From a connection that was accepted to a task that waits for its first words. One more for good measure.
TURNS = 4


async def stop_accepting(server: asyncio.Server) -> None:
    """Close it; whoever was accepted is connected by then, and can be closed by whoever has them.

    A server that is closed in the turn of the loop in which it accepted somebody loses them: asyncio's transport
    refuses to begin at a closed server, and its socket stays open, known to nobody.
    """
    loop = asyncio.get_running_loop()
    for one in server.sockets:
        loop.remove_reader(one.fileno())
    for _ in range(TURNS):
        await asyncio.sleep(0)
    server.close()
