"""People of whom one asks and another approves."""

from chatops.adapters.memory import Shown
from chatops.guard.permissions import Permissions
from chatops.guard.policy import Policy, WordRule
from chatops.people import Directory, Principal, Role
from tests.flows.conftest import ADA, BOB, VIC, World, accounts

#: Cyd is an admin like ada; ada has another account.
CYD, ADA_TOO = "4", "11"
BY_TWO = Permissions(Policy({"close": WordRule(approvals=1), "resume": WordRule(approvals=1)}))


def person(name: str, role: Role, *ids: str) -> Principal:
    return Principal(name, role, accounts(*ids))


class Crew(Directory):
    """People whose roles a test changes."""

    def __init__(self) -> None:
        self._crew = {
            "ada": person("ada", Role.ADMIN, ADA, ADA_TOO),
            "bob": person("bob", Role.OPERATOR, BOB),
            "cyd": person("cyd", Role.ADMIN, CYD),
            "vic": person("vic", Role.VIEWER, VIC),
        }
        super().__init__(self._crew.values())

    def change(self, name: str, changed: Principal | None) -> None:
        """From now on they are so; None: nobody."""
        self._crew.pop(name, None)
        if changed is not None:
            self._crew[name] = changed
        super().__init__(self._crew.values())


def card(world: World) -> Shown:
    """The newest message in the room where everybody talks."""
    return world.chat.in_room(world.chat.room)[-1]


async def asked(world: World, who: str = ADA) -> Shown:
    """Somebody asks to close SOL-1 and confirms it; gives the card that asks for approval."""
    await world.chat.say(who, "/close SOL-1")
    await world.chat.press(who, "Confirm")
    return card(world)


async def the_close(world: World) -> tuple[str, str | None, list[str]]:
    """State, answer and steps of the close."""
    row = next(row for row in await world.log() if row["word"] == "close")
    return row["state"], row["answer"], await world.steps(row["id"])
