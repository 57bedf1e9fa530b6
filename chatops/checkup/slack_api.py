"""The few questions that a checkup asks Slack's Web API."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import orjson
from aiohttp import ClientConnectorError, ClientError, ClientSession, ClientTimeout

from chatops.checkup.bot_api import ANSWER_S, Silence, reason


@dataclass(frozen=True, slots=True)
class Said:
    """What Slack answered."""

    told: Mapping[str, Any]
    #: What the token may do, as the header of an answer says it.
    scopes: frozenset[str]

    @property
    def ok(self) -> bool:
        """Whether it did what was asked."""
        return self.told.get("ok") is True

    @property
    def error(self) -> str:
        """Slack's word for what is wrong; empty where nothing is."""
        return "" if self.ok else str(self.told.get("error") or "no reason given")[:64]


@dataclass(frozen=True, slots=True)
class SlackApi:
    """The Web API at `base_url`, which the name of a method follows directly."""

    session: ClientSession
    base_url: str
    token: str = field(repr=False)

    async def ask(self, method: str, **parameters: str) -> Said:
        """One answer, a refusal included. Raises `Silence`."""
        try:
            async with self.session.post(
                f"{self.base_url}{method}",
                data=parameters,
                headers={"Authorization": f"Bearer {self.token}"},
                timeout=ClientTimeout(total=ANSWER_S),
                # Whoever sends us elsewhere would be shown the token.
                allow_redirects=False,
            ) as response:
                body, status = await response.read(), response.status
                scopes = response.headers.get("X-OAuth-Scopes", "")
        except TimeoutError:
            raise Silence(f"no answer in {ANSWER_S:g} s") from None
        except ClientConnectorError as error:
            raise Silence(f"no connection to {error.host} ({reason(error.os_error)})") from None
        except (ClientError, OSError) as error:
            raise Silence(f"the connection broke ({type(error).__name__})") from None
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            return Said({"ok": False, "error": "ratelimited"}, frozenset())
        try:
            told = orjson.loads(body)
        except orjson.JSONDecodeError:
            told = None
        if not isinstance(told, dict) or "ok" not in told:
            raise Silence(f"what answers is no Web API of Slack's (HTTP status {status})")
        return Said(told, frozenset(one.strip() for one in scopes.split(",") if one.strip()))
