"""The document says what the server does: read against its paths, its frames, and a live server under fire."""

import asyncio
import json
import logging
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from aiohttp import web
from schemathesis.config import HttpBearerAuthConfig
from schemathesis.engine import from_schema
from schemathesis.engine.events import NonFatalError, ScenarioFinished, SchemaAnalysisWarnings

from bot_integration.commands import Ping
from bot_integration.control import ControlServer, wire
from bot_integration.control.audience import Audience
from bot_integration.control.codec import Encoding, encode, encode_error
from bot_integration.control.openapi import GUARD, document
from bot_integration.control.routes import Routes
from bot_integration.control.stream import Stream
from bot_integration.control.stream_limits import StreamLimits
from bot_integration.control.wire import ErrorCode
from bot_integration.deltas import deltas
from bot_integration.difference import dumped
from bot_integration.feed import Feed
from bot_integration.ferry import Ferry
from bot_integration.frames import Beat, Changed, Delta, DeltaKind, Frame, Stamp, Whole
from tests.bot_integration.control.alpha import NOW, Alpha, facts, leg, line, position

TOKEN = "s3cret"
#: What a valid request may be answered with besides success, and an invalid one at all.
FITTING = ["2xx", "304", "404", "409", "426"]
TURNED_AWAY = ["400", "401", "404", "405", "413", "415", "421", "426"]
#: Each part of the requests is tried in so many ways, besides those that the schemas themselves suggest.
EXAMPLES = 10


async def test_every_path_that_is_served_is_in_the_document_and_no_other(alpha: Alpha) -> None:
    feed, limits = Feed(alpha), StreamLimits()
    application = web.Application()
    Routes(Ferry(alpha, asyncio.get_running_loop()), feed, limits, with_token=True).add_to(application)
    Stream("alpha", Audience(feed, limits), limits).add_to(application)
    served = {
        (route.method.lower(), route.resource.canonical)
        for route in application.router.routes()
        if route.resource is not None and route.method != "HEAD"
    }
    told = document("alpha", with_token=True)["paths"]
    assert {(method, path) for path, operations in told.items() for method in operations} == served


@pytest.mark.parametrize("with_token", [True, False])
def test_nothing_refers_to_what_is_not_there(with_token: bool) -> None:
    told = document("alpha", with_token=with_token)
    found = set(references(told))
    assert found == {f"#/components/schemas/{name}" for name in told["components"]["schemas"]}
    schemathesis.openapi.from_dict(told).validate()


def test_every_frame_is_as_the_document_says() -> None:
    validator = validator_of("StreamFrame")
    for frame in every_frame():
        validator.validate(json.loads(encode(frame, Encoding.JSON)))
    validator.validate(json.loads(encode_error(ErrorCode.MALFORMED, "action: Field required", Encoding.JSON)))
    heartbeat = {"type": "heartbeat", "session_id": "x", "seq": 1, "bot_seq": 1}
    assert not validator.is_valid(heartbeat)


@pytest.fixture
def one_id() -> Iterator[None]:
    """In what is sent a command has one id, which no schema can say."""
    schemathesis.hook("before_call")(say_the_same_id_twice)
    yield
    schemathesis.hooks.unregister(say_the_same_id_twice)


@pytest.mark.usefixtures("one_id")
async def test_whatever_is_sent_is_answered_as_the_document_says(
    alpha: Alpha, caplog: pytest.LogCaptureFixture
) -> None:
    alpha.may_rebalance.set()
    # Thousands are turned away, and each is a warning.
    caplog.set_level(logging.ERROR)
    async with ControlServer(alpha, listen="127.0.0.1:0", token=TOKEN) as server:
        tried, faults = await asyncio.to_thread(under_fire, server.url)
    assert faults == []
    assert tried > 500
    # It breaks on what it is told to resume, and never on what it is sent.
    assert {record.exc_info[0] for record in caplog.records if record.exc_info and "broke" in record.msg} <= {
        ZeroDivisionError
    }


def under_fire(url: str) -> tuple[int, list[str]]:
    """Send what is right and what is wrong; how many answers were looked at, and what is not as the document says."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    schema = schemathesis.openapi.from_url(f"{url}{wire.OPENAPI}", headers=headers)
    config = schema.config
    config.auth.openapi.schemes[GUARD] = HttpBearerAuthConfig(bearer=TOKEN)
    config.generation.deterministic = True
    config.generation.max_examples = EXAMPLES
    config.checks.positive_data_acceptance.expected_statuses = FITTING
    config.checks.negative_data_rejection.expected_statuses = TURNED_AWAY
    tried, faults = 0, []
    for event in from_schema(schema).execute():
        if isinstance(event, ScenarioFinished):
            checks = [check for case in event.recorder.checks.values() for check in case]
            tried += len(event.recorder.checks)
            faults += [
                f"{event.recorder.label}: {check.failure_info.failure}\n{check.failure_info.code_sample}"
                for check in checks
                if check.failure_info is not None
            ]
        elif isinstance(event, NonFatalError | SchemaAnalysisWarnings):
            faults.append(str(event))
    return tried, faults


def say_the_same_id_twice(context: Any, case: schemathesis.Case[Any], kwargs: dict[str, Any]) -> None:
    key = next((name for name in case.headers if name.lower() == wire.IDEMPOTENCY_HEADER.lower()), None)
    if key is not None and isinstance(case.body, dict) and _is_id(case.headers[key]) and _is_id(case.body.get("id")):
        case.headers[key] = case.body["id"]


def _is_id(given: object) -> bool:
    return jsonschema_rs.is_valid({"type": "string", "format": "uuid"}, given, validate_formats=True)


def validator_of(name: str) -> jsonschema_rs.Validator:
    components = document("alpha", with_token=True)["components"]
    return jsonschema_rs.validator_for({"$ref": f"#/components/schemas/{name}", "components": components})


def references(told: object) -> Iterator[str]:
    """Every component that is named anywhere in it."""
    if isinstance(told, dict):
        if isinstance(reference := told.get("$ref"), str):
            yield reference
        yield from (found for value in told.values() for found in references(value))
    elif isinstance(told, list):
        yield from (found for value in told for found in references(value))


def every_frame() -> list[Frame]:
    """Each type of frame, and in them each kind of delta."""
    alpha = Alpha()
    alpha.publish(
        facts(
            venues=[{"name": "drift", "stream": "connected"}],
            funding=[{"venue": "drift", "asset": "SOL", "rate": 0.0001}],
            parameters=[{"key": "size", "value": 8, "type": "int"}],
            timeline=[line(f"line {number}") for number in range(20)],
        )
    )
    before = alpha.newest()

    @alpha.command("withdraw", role="admin")
    async def withdraw() -> str:
        """Take money off a venue."""
        return "done"

    alpha.publish(
        facts(
            position("btc"),
            position("sol", legs=[leg("drift", "short"), {**leg("kamino", "long"), "mark_price": "150"}], asset="X"),
            session={
                "strategy": "carry",
                "mode": "paper",
                "started_at": NOW,
                "stage": "monitoring",
                "pause": {"paused": True, "scopes": ["entry"]},
            },
            portfolio={"equity": "10001"},
            venues=[{"name": "drift", "stream": "down"}],
            funding=[{"venue": "drift", "asset": "SOL", "rate": 0.0002}, {"venue": "okx", "asset": "X", "rate": 0}],
            parameters=[{"key": "size", "value": 9, "type": "int"}],
            metrics={"latency_ms": 2.5},
            timeline=[line(f"line {number}") for number in range(1, 21)],
            mood="calm",
        )
    )
    after = alpha.newest()
    ping = Ping(id=after.session_id, by="ada", not_after=NOW)
    result = {"command_id": str(ping.id), "outcome": "done", "message": "Here."}
    found = (
        *deltas(before, after),
        Delta(DeltaKind.COMMAND_UPDATE, {"command": dumped(ping), "result": result}),
        Delta(DeltaKind.EVENTS_MISSED, {"count": 3}),
    )
    assert {delta.kind for delta in found} == set(DeltaKind)
    stamp = Stamp(after.session_id, 41, after.seq, after.at)
    return [Whole(stamp, after), Changed(stamp, found), Changed(stamp, found, caught_up=True), Beat(stamp)]
