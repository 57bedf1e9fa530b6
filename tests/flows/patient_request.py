"""The real client of Telegram's: it gives up soon on a platform that stalls, and not where this process is held up."""

from collections.abc import Mapping

import aiohttp

from chatops.adapters.telegram.request import AiohttpRequest
from tests.chatops.adapters.telegram.patient import PATIENT
from tests.servers.telegram import StallAfterAccept, StallBeforeAccept, TelegramServer

#: How long it waits for an answer where a test has ordered that the platform stalls.
STALLED_S = 1.0


class PatientRequest(AiohttpRequest):
    """Server and client are in one process: what holds that up is no fault of the platform."""

    def __init__(self, server: TelegramServer) -> None:
        super().__init__(PATIENT)
        self._faults = server._api.faults

    async def _post(
        self,
        url: str,
        data: bytes | aiohttp.FormData,
        headers: Mapping[str, str],
        write: float | None,
        answer_within_s: float | None,
    ) -> tuple[int, bytes]:
        within_s = STALLED_S if self._stalls else answer_within_s
        return await super()._post(url, data, headers, write, within_s)

    @property
    def _stalls(self) -> bool:
        ordered = (rule.fault for rule in self._faults._rules if not rule.is_spent)
        return any(isinstance(fault, StallAfterAccept | StallBeforeAccept) for fault in ordered)
