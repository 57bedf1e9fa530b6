"""What the stories of `quarterdeck check` are told with."""

from typing import Any

from pydantic import SecretStr

from chatops.checkup import Finding
from chatops.settings import RoomSettings, TelegramSettings
from tests.servers.telegram import TelegramServer

ROOM = -1001234567890


def on(server: TelegramServer, *, token: str | None = None, **others: Any) -> TelegramSettings:
    return TelegramSettings.model_validate(
        {"token": SecretStr(token or server.token), "base_url": server.base_url, **others}
    )


def room(**changes: Any) -> RoomSettings:
    return RoomSettings.model_validate({"name": "ops", "platform": "telegram", "id": ROOM, **changes})


def of(area: str, findings: tuple[Finding, ...]) -> list[tuple[str, str]]:
    return [(finding.level.value, finding.what) for finding in findings if finding.area == area]


def todo(what: str, findings: tuple[Finding, ...]) -> str:
    (found,) = [finding.todo for finding in findings if what in finding.what]
    return found
