"""What people say in private, as when they come in."""

from chatops.adapters.memory import Shown
from tests.codes import code_in
from tests.flows.conftest import ADA, World


async def alone(world: World, who: str, said: str) -> list[Shown]:
    """Somebody says something in private; gives all that they read there."""
    room = world.chat.direct(world.chat.identity(who))
    await world.chat.say(who, said, room=room)
    return world.chat.in_room(room)


async def invited(world: World, what: str = "operator") -> str:
    """Ada invites somebody in private."""
    return code_in((await alone(world, ADA, f"/invite {what}"))[-1].text)
