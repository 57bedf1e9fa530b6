"""One call of the Web API, as the app made it."""

from dataclasses import dataclass
from typing import Any

from tests.servers.common import calls


@dataclass(frozen=True, slots=True)
class Call(calls.BaseCall):
    """Where the platform refuses, it does so with status 200 and a word."""

    @property
    def channel_id(self) -> Any:
        return self.arguments.get("channel", self.arguments.get("channel_id"))


CallLog = calls.CallLog[Call]
