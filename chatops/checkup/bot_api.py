"""The few questions that a checkup asks Telegram's Bot API."""

import os
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientConnectorError, ClientError, ClientSession, ClientTimeout
from pydantic import BaseModel, ConfigDict, ValidationError

#: Telegram answers these at once.
ANSWER_S = 10.0


class Silence(Exception):
    """There was no answer of a Bot API. The text says why, and holds no part of the address: the token is in it."""


class Answer(BaseModel):
    """What the platform says, in the form of core.telegram.org/bots/api#making-requests."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    ok: bool
    result: dict[str, Any] = {}
    error_code: int = 0
    description: str = ""
    parameters: dict[str, Any] = {}


@dataclass(frozen=True, slots=True)
class BotApi:
    """The Bot API at `base_url`, which the token follows directly."""

    session: ClientSession
    base_url: str
    token: str = field(repr=False)

    async def ask(self, method: str, **parameters: str) -> Answer:
        """One answer, an error of the platform included. Raises `Silence`."""
        try:
            async with self.session.get(
                f"{self.base_url}{self.token}/{method}",
                params=parameters,
                timeout=ClientTimeout(total=ANSWER_S),
                # Whoever sends us elsewhere would be shown the token.
                allow_redirects=False,
            ) as response:
                body, status = await response.read(), response.status
        except TimeoutError:
            raise Silence(f"no answer in {ANSWER_S:g} s") from None
        except ClientConnectorError as error:
            raise Silence(f"no connection to {error.host} ({reason(error.os_error)})") from None
        except (ClientError, OSError) as error:
            raise Silence(f"the connection broke ({type(error).__name__})") from None
        try:
            return Answer.model_validate_json(body)
        except ValidationError:
            raise Silence(f"what answers is no Bot API (HTTP status {status})") from None


def reason(error: OSError) -> str:
    """Why a connection could not be made, as the system says it."""
    # A name that cannot be looked up has a number of its own kind, below zero.
    if error.errno is not None and error.errno > 0:
        return os.strerror(error.errno).lower()
    return error.strerror or type(error).__name__
