"""The Bot API by its raw JSON: for what goes in and out with every ask.

python-telegram-bot makes objects of all that passes; measured here, that is 0.5 ms of the 0.6 ms that one message with
buttons takes, the platform's side included. Its `Bot` also writes the token into the log (at DEBUG) and shows it in its
`repr`. Its errors are used.
"""

import json
from collections.abc import Mapping
from typing import Any

import orjson

from chatops.adapters.telegram.errors import refusal, unreadable
from chatops.adapters.telegram.request import AiohttpRequest
from chatops.messages import Attachment


class BotApi:
    """Calls methods of one bot. `base_url` is followed by the token directly."""

    def __init__(self, request: AiohttpRequest, base_url: str, token: str) -> None:
        self._request = request
        self._base_url = base_url
        self.use_token(token)

    def use_token(self, token: str) -> None:
        """From the next call on."""
        self._root = f"{self._base_url}{token}/"

    async def call(
        self,
        method: str,
        parameters: Mapping[str, Any],
        *,
        file: tuple[str, Attachment] | None = None,
        answer_within_s: float | None = None,
    ) -> Any:
        """Call a method; gives its `result` as JSON values.

        `file` goes along as the parameter that stands before it: “photo” or “document”. Raises `TelegramError`, as
        drawn in `errors`.
        """
        url = self._root + method
        if file is None:
            status, body = await self._request.post_json(url, orjson.dumps(parameters), answer_within_s)
        else:
            fields = {name: _field(value) for name, value in parameters.items() if value is not None}
            status, body = await self._request.post_form(url, fields, dict([file]), answer_within_s)
        try:
            answer = _parsed(body)
        except (ValueError, RecursionError) as error:
            raise unreadable(status) from error
        if not isinstance(answer, dict) or "ok" not in answer:
            raise unreadable(status)
        if not answer["ok"] or "result" not in answer:
            raise refusal(status, answer)
        return answer["result"]


def _parsed(body: bytes) -> Any:
    """The JSON in it. Raises `ValueError` and `RecursionError`."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        # It is strict. Half a character in one update would stop all that people say behind it.
        return json.loads(body.decode(errors="replace"), strict=False)


def _field(value: object) -> str:
    """A parameter as a form has it: what is no text is JSON."""
    return value if isinstance(value, str) else orjson.dumps(value).decode()
