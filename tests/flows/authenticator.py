"""People who prove by the codes of an app who they are."""

from dataclasses import dataclass, field
from datetime import timedelta

import pyotp

from chatops.adapters.memory import Shown
from chatops.room import Room
from tests.flows.conftest import World


@dataclass
class Someone:
    """A person with a direct message and an authenticator app."""

    world: World
    id: str
    secret: str = ""
    recovery_codes: list[str] = field(default_factory=list)

    @property
    def room(self) -> Room:
        return self.world.chat.direct(self.world.chat.identity(self.id))

    @property
    def shown(self) -> list[Shown]:
        return self.world.chat.in_room(self.room)

    async def says(self, text: str, room: Room | None = None) -> str:
        """Say it directly, or in that room; gives what is answered."""
        place = room or self.room
        await self.world.chat.say(self.id, text, room=place)
        return self.world.chat.in_room(place)[-1].text

    @property
    def code(self) -> str:
        return pyotp.TOTP(self.secret).at(self.world.clock())

    @property
    def wrong(self) -> str:
        now = self.world.clock()
        near = {pyotp.TOTP(self.secret).at(now + timedelta(seconds=off)) for off in (-30, 0, 30)}
        return next(code for code in ("314159", "271828", "161803", "141421") if code not in near)

    async def scan(self) -> None:
        """Read the picture that was sent."""
        self.secret = next(in_fours(shown.text) for shown in self.shown if "Scan this" in shown.text)

    async def enrol(self) -> None:
        """All of it."""
        await self.says("/totp")
        await self.scan()
        assert "Enrolled" in await self.says(f"/code {self.code}")
        self.recovery_codes = [line for line in self.shown[-2].text.splitlines() if line.count("-") == 2]
        self.next_code()

    def next_code(self) -> None:
        """Wait until the app shows another one."""
        self.world.clock.pass_by(seconds=30)


def in_fours(text: str) -> str:
    """The key in a text, without its spaces."""
    return next(line for line in text.splitlines() if len(line) == 39 and line.isupper()).replace(" ", "")
