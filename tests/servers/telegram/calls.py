"""One call of the Bot API, as the bot made it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.servers.common import calls


@dataclass(frozen=True, slots=True)
class Call(calls.BaseCall):
    """Its arguments are called parameters there."""

    @property
    def parameters(self) -> Mapping[str, Any]:
        return self.arguments

    @property
    def chat_id(self) -> Any:
        return self.arguments.get("chat_id")
