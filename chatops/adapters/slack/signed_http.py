"""The way in by being called: Slack posts each update, signed, and it is stored before we say so."""

import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import datetime
from http import HTTPStatus

from aiohttp import web
from slack_sdk.signature import Clock, SignatureVerifier

from chatops.adapters.called_here import CalledHere
from chatops.adapters.slack.bolt import Dispatch
from chatops.adapters.slack.line import Line
from chatops.link import Link
from chatops.settings.address import Address

log = logging.getLogger(__name__)

#: Where a manifest of ours has Slack call.
PATH = "/slack/events"
#: A body that has not come by then is given up: Slack waits 3 s for our answer.
BODY_S = 2.0
#: Contract, limits.signature.window_s, to either side.
WINDOW_S = 300.0
#: How often Slack is asked whether it knows us still.
LOOK_EVERY_S = 60.0
_UNSIGNED = "without its signature, or too old; slack.signing_secret and this machine's clock have to be right"


class SignedHttp:
    """Listens; a reverse proxy in front of it does TLS. `look` asks Slack whether it takes us, and raises `Lost`.

    A call without the signature of the last five minutes is refused, and so is one that was taken already.
    """

    def __init__(
        self,
        dispatch: Dispatch,
        line: Line,
        *,
        secret: str,
        listen: Address,
        begin: Callable[[], Awaitable[None]],
        look: Callable[[], Awaitable[None]],
        now: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._dispatch = dispatch
        self._line = line
        self._listen = listen
        self._begin = begin
        self._look = look
        self._now = now
        self._sleep = sleep
        self._verifier = SignatureVerifier(secret, _Clock(now))
        self._called = CalledHere(PATH, self._answer, body_s=BODY_S)
        self._has_begun = False
        #: Signatures that were taken, each with the moment of it, oldest first.
        self._taken: OrderedDict[str, float] = OrderedDict()
        self._refused = 0

    @property
    def link(self) -> Link:
        """Whether Slack takes us: whether it reaches us nobody tells."""
        return self._line.link

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._called.port

    async def open(self) -> None:
        """Listen. Raises `CannotListen`."""
        await self._called.open(self._listen, "slack.listen")

    async def close(self) -> None:
        """Listen no more; what is being stored is waited for."""
        await self._called.close()

    async def run(self) -> None:
        """Begin, and then ask Slack from time to time whether it takes us, until cancelled."""
        while not await self._line.tried(self._begin):
            pass
        self._has_begun = True
        self._line.held()
        while True:
            await self._sleep(LOOK_EVERY_S)
            if await self._line.tried(self._look):
                self._line.held()

    async def _answer(self, request: web.BaseRequest, body: bytes) -> web.Response:
        """One call of Slack's, or of anybody who found the address: those learn nothing."""
        signature = request.headers.get("X-Slack-Signature", "")
        if not self._is_from_slack(body, request.headers.get("X-Slack-Request-Timestamp", ""), signature):
            return self._refuse(_UNSIGNED)
        # A retry may be signed in the same second; the inbox knows what came, whoever says that it is one.
        if signature in self._taken and "X-Slack-Retry-Num" not in request.headers:
            return self._refuse("replayed")
        if not self._has_begun:
            # What was left over goes first, and who we are has to be known; Slack tries events again.
            return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE)
        return await self._take(body.decode(errors="replace"), signature)

    async def _take(self, body: str, signature: str) -> web.Response:
        # Before anything is waited for: of two at one moment only one goes through.
        self._remember(signature)
        answer = await self._dispatch(body)
        if answer.status != HTTPStatus.OK:
            self._taken.pop(signature, None)
            return web.Response(status=answer.status)
        return web.Response(
            text=answer.body, content_type=answer.first_headers().get("content-type", "text/plain").partition(";")[0]
        )

    def _is_from_slack(self, body: bytes, moment: str, signature: str) -> bool:
        if not (moment.isascii() and moment.isdigit() and len(moment) < 16 and signature.isascii()):
            return False
        return self._verifier.is_valid(body, moment, signature)

    def _remember(self, signature: str) -> None:
        now = self._now().timestamp()
        # A signature may be of a clock that runs ahead of ours by a window, and is good for another one.
        while self._taken and next(iter(self._taken.values())) < now - 2 * WINDOW_S:
            self._taken.popitem(last=False)
        self._taken[signature] = now

    def _refuse(self, why: str) -> web.Response:
        self._refused += 1
        # Whoever tries for long must not fill the log: the 1st, 2nd, 4th, 8th …
        if self._refused & (self._refused - 1) == 0:
            log.warning("slack: calls refused so far: %d; the last one %s", self._refused, why)
        return web.Response(status=HTTPStatus.UNAUTHORIZED)


class _Clock(Clock):
    """The verifier's clock, as ours."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now

    def now(self) -> float:
        """Seconds since 1970."""
        return self._now().timestamp()
