"""The two ways in: we call Slack, or Slack calls us."""

from dataclasses import dataclass, field
from typing import Protocol

from chatops.link import Link
from chatops.settings.address import Address


@dataclass(frozen=True, slots=True)
class BySocket:
    """Socket Mode: we call Slack."""

    app_token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ByHttp:
    """Slack calls us, and signs with this secret."""

    signing_secret: str = field(repr=False)
    listen: Address


class Way(Protocol):
    """How updates come."""

    @property
    def link(self) -> Link:
        """Whether what people ask reaches us."""
        ...

    async def open(self) -> None:
        """Take what has to be taken before anything runs. Raises `CannotListen`."""
        ...

    async def run(self) -> None:
        """Hand on what was left over, then what comes, until cancelled."""
        ...

    async def close(self) -> None:
        """Take nothing more that comes by itself."""
        ...
