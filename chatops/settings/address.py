"""Where a server listens: a host and a port."""

import re
from dataclasses import dataclass
from typing import Self

_FORM = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.%]+)\]|(?P<host>[^\s:/\[\]]+)):(?P<port>\d{1,5})")


@dataclass(frozen=True, slots=True)
class Address:
    """Port 0 is any that is free."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "host:port" or "[::1]:port". Raises `ValueError`."""
        form = _FORM.fullmatch(text)
        if form is None or int(form["port"]) > 65535:
            raise ValueError("is no address")
        return cls(form["six"] or form["host"], int(form["port"]))

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"
