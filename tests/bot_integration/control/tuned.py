"""A bot with parameters, one of them secret, and a kill switch."""

from typing import Any

from bot_integration.commands import KillSwitch, SetParameter
from bot_integration.errors import Refused
from tests.bot_integration.control.alpha import Alpha, facts


def parameter(key: str, value: Any, kind: str, **more: Any) -> dict[str, Any]:
    return {"key": key, "value": value, "type": kind, "hot": True, **more}


class Tuned(Alpha):
    """Has parameters, and a kill switch; a size over 10 it refuses."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, Any] = {"size": 2, "venue": "drift", "api_key": "hunter2"}
        self.changed: list[SetParameter] = []
        self.killed: list[KillSwitch] = []
        self.on(SetParameter)(self._set)
        self.on(KillSwitch)(self._kill)
        self.tell()

    def tell(self) -> None:
        parameters = [
            parameter("size", self.values["size"], "int"),
            parameter("venue", self.values["venue"], "str", hot=False),
            parameter("api_key", self.values["api_key"], "str", secret=True),
        ]
        active = bool(self.killed) and self.killed[-1].active
        session = {**facts()["session"], "pause": {"kill_switch": active}}
        self.publish(facts(parameters=parameters, session=session))

    async def _set(self, command: SetParameter) -> str:
        if command.key == "size" and int(command.value) > 10:
            raise Refused(f"{command.key} takes at most 10. It stays {self.values['size']}.")
        self.changed.append(command)
        self.values[command.key] = command.value
        self.tell()
        return f"{command.key} is {command.value}."

    async def _kill(self, command: KillSwitch) -> None:
        self.killed.append(command)
        self.tell()
