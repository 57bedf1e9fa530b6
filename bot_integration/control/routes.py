"""The paths of a control API, and what stands behind each."""

import asyncio
from functools import cached_property
from uuid import UUID

from aiohttp import ETag, hdrs, web
from pydantic_core import to_json

from bot_integration.commands import Command, Outcome
from bot_integration.control import wire
from bot_integration.control.door import Declined
from bot_integration.control.openapi import document
from bot_integration.control.stream_limits import StreamLimits
from bot_integration.control.wire import ErrorCode, HealthAnswer, Mark
from bot_integration.feed import Feed
from bot_integration.ferry import Ferry
from bot_integration.journal import ID_TAKEN
from bot_integration.own_loop import LoopClosed
from bot_integration.state import Snapshot


class Routes:
    """Answers for one bot. Errors are raised; the door writes them."""

    def __init__(self, bot: Ferry, feed: Feed, limits: StreamLimits, *, with_token: bool) -> None:
        self._bot = bot
        self._feed = feed
        self._limits = limits
        self._with_token = with_token
        self._encoded: tuple[Snapshot, bytes] | None = None

    def add_to(self, application: web.Application) -> None:
        """Lay the paths."""
        application.add_routes(
            [
                web.get(wire.HEALTH, self.health),
                web.get(wire.OPENAPI, self.openapi),
                web.get(wire.SNAPSHOT, self.snapshot),
                web.get(wire.POSITIONS, self.positions),
                web.get(f"{wire.POSITIONS}/{{id}}", self.position),
                web.post(wire.COMMANDS, self.execute),
                web.get(f"{wire.COMMANDS}/{{id}}", self.recall),
                web.post(wire.PREVIEWS, self.preview),
            ]
        )

    async def health(self, request: web.Request) -> web.Response:
        """A sign of life, with the age of the facts."""
        snapshot = self._bot.snapshot()
        if snapshot is None:
            return _json(wire.encode(HealthAnswer(bot=self._bot.name)))
        return _json(
            wire.encode(
                HealthAnswer(
                    bot=self._bot.name,
                    health=snapshot.session.health,
                    session_id=snapshot.session_id,
                    seq=snapshot.seq,
                    at=snapshot.at,
                )
            )
        )

    async def openapi(self, request: web.Request) -> web.Response:
        """All of this, for programs."""
        return _json(self._document)

    async def snapshot(self, request: web.Request) -> web.Response:
        """The facts of now; 304 where the asker has them."""
        snapshot = self._facts()
        mark = ETag(str(Mark.of(snapshot)))
        if any(tag.value in {mark.value, "*"} for tag in request.if_none_match or ()):
            response = web.Response(status=304)
        else:
            response = _json(self._encode(snapshot))
            response.headers["Cache-Control"] = "no-cache"
        response.etag = mark
        return response

    async def positions(self, request: web.Request) -> web.Response:
        """What is held, as an array."""
        return _json(wire.encode_positions(self._facts().positions))

    async def position(self, request: web.Request) -> web.Response:
        """One of what is held."""
        position_id = request.match_info["id"]
        position = self._facts().position(position_id)
        if position is None:
            raise Declined(404, ErrorCode.NOT_FOUND, f"{self._bot.name} holds no position {position_id}.")
        return _json(wire.encode(position))

    async def execute(self, request: web.Request) -> web.Response:
        """Run a command once and answer with what came of it, whichever outcome that is."""
        command = await self._command(request)
        key = request.headers.get(wire.IDEMPOTENCY_HEADER)
        if key is not None and _uuid(key, wire.IDEMPOTENCY_HEADER) != command.id:
            raise Declined(400, ErrorCode.MALFORMED, f"{wire.IDEMPOTENCY_HEADER}: must equal the command's id.")
        try:
            result = await self._bot.run(command)
        except LoopClosed as error:
            said = f"{self._bot.name} does not run any more. Nothing was done."
            raise Declined(503, ErrorCode.ENDED, said) from error
        if result.outcome is Outcome.REFUSED and result.data.get("error") == ID_TAKEN:
            raise Declined(409, ErrorCode.ID_TAKEN, result.message)
        response = _json(wire.encode(result))
        # What the command did is told before its answer arrives, and this is how far.
        self._feed.look()
        if self._feed.whole is not None:
            response.headers[wire.SEQ_HEADER] = str(self._feed.whole.stamp.seq)
        return response

    async def recall(self, request: web.Request) -> web.Response:
        """What came of a command of this id."""
        command_id = _uuid(request.match_info["id"], "id")
        result = await self._bot.recall(command_id)
        if result is None:
            raise Declined(404, ErrorCode.NOT_RUN, f"{self._bot.name} never ran a command {command_id}.")
        return _json(wire.encode(result))

    async def preview(self, request: web.Request) -> web.Response:
        """What a command would do now; 204 where the bot does not say."""
        preview = await self._bot.preview(await self._command(request))
        if preview is None:
            return web.Response(status=204)
        return _json(wire.encode(preview))

    async def _command(self, request: web.Request) -> Command:
        if request.headers.get(hdrs.CONTENT_ENCODING, "identity").lower() != "identity":
            # Sixty-four KiB can be unpacked to as many MiB.
            raise Declined(415, ErrorCode.MALFORMED, "Send the body as it is, without Content-Encoding.")
        if (request.content_length or 0) > wire.BODY_LIMIT:
            # Who says so beforehand is not waited for.
            raise web.HTTPRequestEntityTooLarge(wire.BODY_LIMIT)
        try:
            async with asyncio.timeout(self._limits.body_s):
                body = await request.read()
        except TimeoutError as error:
            raise Declined(408, ErrorCode.TOO_SLOW, f"The body took longer than {self._limits.body_s:g} s.") from error
        except (web.RequestPayloadError, ConnectionError) as error:
            raise Declined(400, ErrorCode.MALFORMED, "The body did not arrive whole.") from error
        try:
            return wire.decode_command(body)
        except ValueError as error:
            raise Declined(400, ErrorCode.MALFORMED, str(error)) from error

    @cached_property
    def _document(self) -> bytes:
        return to_json(document(self._bot.name, with_token=self._with_token))

    def _facts(self) -> Snapshot:
        snapshot = self._bot.snapshot()
        if snapshot is None:
            raise Declined(404, ErrorCode.NO_SNAPSHOT, f"{self._bot.name} has not published anything yet.")
        return snapshot

    def _encode(self, snapshot: Snapshot) -> bytes:
        # However many ask, a snapshot is encoded once: the bot's threads wait meanwhile.
        if self._encoded is None or self._encoded[0] is not snapshot:
            self._encoded = (snapshot, wire.encode_snapshot(snapshot))
        return self._encoded[1]


def _uuid(text: str, field: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Declined(400, ErrorCode.MALFORMED, f"{field}: expected a UUID.") from error


def _json(body: bytes) -> web.Response:
    return web.Response(body=body, content_type="application/json")
