"""slack-bolt's `AsyncApp` with one answer to everything: it is stored, and then Slack is told that it came."""

import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any

from slack_bolt import BoltResponse
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request.async_request import AsyncBoltRequest

from chatops.adapters.slack.at_home import OPENED
from chatops.adapters.slack.dialogue import Dialogue
from chatops.adapters.slack.home_view import REFRESH
from chatops.adapters.slack.modals import CALLBACK

log = logging.getLogger(__name__)

_ANY = re.compile(".*")
#: How much is kept of what cannot be read.
_KEPT_CHARACTERS = 10_000

#: Stores a body of a kind (`event`, `command`, `action`, `view`, `unreadable`), and says whether it is stored.
Take = Callable[[str, Mapping[str, Any]], Awaitable[bool]]
#: Is told of a body by which somebody opens their home; must neither wait nor raise.
AtHome = Callable[[Mapping[str, Any]], None]
#: Gives bolt's answer to what came by a socket (an object), or by HTTP (the body as it stands).
Dispatch = Callable[[Mapping[str, Any] | str], Awaitable[BoltResponse]]

#: What bolt meets where a body is not of the form that it looks into.
_MISREAD = (AttributeError, IndexError, KeyError, RecursionError, TypeError, ValueError)


def dispatching(take: Take, at_home: AtHome = lambda body: None, dialogue: Dialogue | None = None) -> Dispatch:
    """An app that answers 200 to what was taken and to what asks nothing, and 503 to what could not be.

    `dialogue` answers who types into a menu, which is not stored, and says what will not do of a form: that stays open,
    as does one that could not be taken.

    `at_home` is told of who opens their home: that is not stored, since the next opening does as well.

    Signatures are checked before it: bolt's own check has no clock that is handed in, and breaks on a moment that is no
    number. It calls nobody: by default bolt asks Slack who we are, and answers 200 while Slack does not tell.
    """
    app = AsyncApp(
        name="quarterdeck",
        logger=log,
        # Otherwise events are acknowledged before anybody has looked at them.
        process_before_response=True,
        authorize=_everybody,
        request_verification_enabled=False,
        ignoring_self_events_enabled=False,
        attaching_function_token_enabled=False,
    )

    def taking(kind: str) -> Callable[..., Awaitable[BoltResponse]]:
        async def listener(body: dict[str, Any]) -> BoltResponse:
            return _answer(HTTPStatus.OK if await take(kind, body) else HTTPStatus.SERVICE_UNAVAILABLE)

        return listener

    async def nothing() -> BoltResponse:
        return _answer(HTTPStatus.OK)

    async def opening(body: dict[str, Any]) -> BoltResponse:
        at_home(body)
        return _answer(HTTPStatus.OK)

    app.action(REFRESH)(opening)
    app.event(OPENED)(opening)
    if dialogue is not None:
        _speak(app, take, dialogue)
    app.command(_ANY)(taking("command"))
    app.action(_ANY)(taking("action"))
    for kind in ("message", "app_mention"):
        app.event(kind)(taking("event"))
    # A manifest of ours subscribes to none of these; somebody may have added some.
    app.event(_ANY)(nothing)
    app.shortcut(_ANY)(nothing)
    app.view(_ANY)(nothing)
    app.view_closed(_ANY)(nothing)

    async def dispatch(came: Mapping[str, Any] | str) -> BoltResponse:
        mode = "http" if isinstance(came, str) else "socket_mode"
        try:
            request = AsyncBoltRequest(mode=mode, body=came if isinstance(came, str) else dict(came))
            answer = await app.async_dispatch(request)
        except _MISREAD as error:
            return await pass_over(came, type(error).__name__)
        # Of nobody's kind: it would come again and again.
        return await pass_over(came, "of no kind") if answer.status == HTTPStatus.NOT_FOUND else answer

    async def pass_over(came: Mapping[str, Any] | str, why: str) -> BoltResponse:
        is_kept = await take("unreadable", {"unreadable": str(came)[:_KEPT_CHARACTERS], "why": why})
        return _answer(HTTPStatus.OK if is_kept else HTTPStatus.SERVICE_UNAVAILABLE)

    return dispatch


def _speak(app: AsyncApp, take: Take, dialogue: Dialogue) -> None:
    async def suggest(body: dict[str, Any]) -> BoltResponse:
        return _answer(HTTPStatus.OK, {"options": await dialogue.options(body)})

    async def filled(body: dict[str, Any]) -> BoltResponse:
        faults = dialogue.errors(body)
        if not faults and await take("view", body):
            return _answer(HTTPStatus.OK)
        return _answer(HTTPStatus.OK, {"response_action": "errors", "errors": faults or dialogue.unstored(body)})

    app.options(_ANY)(suggest)
    app.view(CALLBACK)(filled)


async def _everybody(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
    """Whom it is from the gateway judges."""
    return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id)


def _answer(status: HTTPStatus, said: dict[str, Any] | None = None) -> BoltResponse:
    return BoltResponse(status=status.value, body=said or "")
