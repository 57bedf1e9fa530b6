"""The control API as any HTTP client sees it."""

import asyncio
import json
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from aiohttp import ClientSession

from bot_integration.commands import Outcome, Preview
from bot_integration.control import CannotListen, ControlServer, RemoteBot
from bot_integration.control.wire import BODY_LIMIT
from bot_integration.own_loop import OwnLoop
from tests.bot_integration.control.alpha import Alpha, close, facts, line, pause, position, rebalance
from tests.bot_integration.control.http_caller import error, said

# ------------------------------------------------------------------------- reading


async def test_health_is_a_sign_of_life(http: ClientSession, alpha: Alpha) -> None:
    status, body = await said(await http.get("/v1/health"))
    assert status == 200
    assert (body["bot"], body["health"], body["seq"]) == ("alpha", "ok", 0)
    assert body["session_id"] == str(alpha.session_id)
    assert body["at"] == "2025-03-01T12:00:00Z"


async def test_a_bot_that_has_published_nothing_lives_all_the_same() -> None:
    async with ControlServer(Alpha(), listen="127.0.0.1:0") as server, ClientSession(server.url) as http:
        _, health = await said(await http.get("/v1/health"))
        missing = [await said(await http.get(path)) for path in ("/v1/snapshot", "/v1/positions", "/v1/positions/sol")]
    assert (health["bot"], health["health"], health["at"]) == ("alpha", None, None)
    assert missing == [(404, error("no_snapshot", "alpha has not published anything yet."))] * 3


async def test_the_snapshot_has_money_as_numbers_and_moments_in_utc(http: ClientSession) -> None:
    status, body = await said(await http.get("/v1/snapshot"))
    assert status == 200
    assert body["portfolio"]["equity"] == 10000.25
    assert body["at"] == "2025-03-01T12:00:00Z"
    assert body["positions"][0]["legs"][0]["health_factor"] is None
    assert body["positions"][0]["extra"] == {"lending_rate": 0.07}


async def test_a_secret_parameter_does_not_leave_the_bot(http: ClientSession, alpha: Alpha) -> None:
    alpha.publish(
        facts(
            parameters=[
                {"key": "api_key", "value": "hunter2", "type": "str", "secret": True},
                {"key": "spread", "value": 3, "type": "int"},
            ]
        )
    )
    async with http.get("/v1/snapshot") as response:
        text = await response.text()
    assert "hunter2" not in text
    assert [parameter["value"] for parameter in json.loads(text)["parameters"]] == [None, 3]


async def test_what_json_has_no_word_for_goes_as_text(http: ClientSession, alpha: Alpha) -> None:
    class Book:
        def __str__(self) -> str:
            return "3 bids"

    alpha.publish(facts(book=Book()))
    status, body = await said(await http.get("/v1/snapshot"))
    assert (status, body["extra"]) == (200, {"book": "3 bids"})


async def test_a_snapshot_that_the_asker_has_is_not_sent_again(http: ClientSession, alpha: Alpha) -> None:
    async with http.get("/v1/snapshot") as first:
        tag = first.headers["ETag"]
    async with http.get("/v1/snapshot", headers={"If-None-Match": tag}) as again:
        assert (again.status, await again.read(), again.headers["ETag"]) == (304, b"", tag)
    alpha.publish(facts())
    async with http.get("/v1/snapshot", headers={"If-None-Match": tag}) as newer:
        assert newer.status == 200
    assert tag == f'"{alpha.session_id}:0"'


async def test_positions_are_an_array_and_each_has_its_path(http: ClientSession, alpha: Alpha) -> None:
    alpha.publish(facts(position("sol"), position("a/b c")))
    status, body = await said(await http.get("/v1/positions"))
    assert (status, [held["id"] for held in body]) == (200, ["sol", "a/b c"])
    status, held = await said(await http.get(f"/v1/positions/{quote('a/b c', safe='')}"))
    assert (status, held) == (200, body[1])
    assert await said(await http.get("/v1/positions/btc")) == (
        404,
        error("not_found", "alpha holds no position btc."),
    )


# ------------------------------------------------------------------------ commands


async def test_a_command_is_answered_with_what_came_of_it(http: ClientSession, alpha: Alpha) -> None:
    command = close()
    body = command.model_dump_json()
    first = await said(await http.post("/v1/commands", data=body))
    again = await said(await http.post("/v1/commands", data=body))
    recalled = await said(await http.get(f"/v1/commands/{command.id}"))
    assert first == again == recalled
    assert (first[0], first[1]["outcome"], first[1]["command_id"]) == (200, "partial", str(command.id))
    assert alpha.closed == [command.id]


async def test_the_answer_to_a_command_says_how_far_the_stream_tells_what_it_did(
    http: ClientSession, alpha: Alpha
) -> None:
    async with http.get("/v1/snapshot") as read:
        assert "Quarterdeck-Seq" not in read.headers
    async with http.post("/v1/commands", data=close().model_dump_json()) as before:
        first = int(before.headers["Quarterdeck-Seq"])
    alpha.publish(facts(position("eth")))
    async with http.post("/v1/commands", data=close("eth").model_dump_json()) as refused:
        # What was published before is told, whatever became of the command.
        assert int(refused.headers["Quarterdeck-Seq"]) > first


async def test_a_refusal_is_an_answer_and_no_error(http: ClientSession) -> None:
    status, body = await said(await http.post("/v1/commands", data=close("eth").model_dump_json()))
    assert (status, body["outcome"], body["message"]) == (200, "refused", "ETH is closing already.")


async def test_an_idempotency_key_must_be_the_commands_id(http: ClientSession, alpha: Alpha) -> None:
    command = close()
    body = command.model_dump_json()
    for wrong, message in (
        (str(uuid4()), "Idempotency-Key: must equal the command's id."),
        ("7", "Idempotency-Key: expected a UUID."),
    ):
        answer = await said(await http.post("/v1/commands", data=body, headers={"Idempotency-Key": wrong}))
        assert answer == (400, error("malformed", message))
    assert alpha.closed == []
    right = {"Idempotency-Key": str(command.id).upper()}
    status, _ = await said(await http.post("/v1/commands", data=body, headers=right))
    assert (status, alpha.closed) == (200, [command.id])


async def test_a_command_with_the_id_of_another_one_is_a_conflict(http: ClientSession, alpha: Alpha) -> None:
    ping = {**close().model_dump(mode="json", exclude={"position_id", "percent"}), "name": "ping"}
    first = await said(await http.post("/v1/commands", json=ping))
    second = await said(await http.post("/v1/commands", json={**ping, "name": "close_position", "position_id": "sol"}))
    again = await said(await http.post("/v1/commands", json={**ping, "reason": "for the record"}))
    message = "Nothing was done: this id is that of an earlier ping. Give every command an id of its own."
    assert second == (409, error("id_taken", message))
    assert again == first
    assert alpha.closed == []


async def test_a_command_that_never_ran_is_not_found(http: ClientSession) -> None:
    unknown = uuid4()
    assert await said(await http.get(f"/v1/commands/{unknown}")) == (
        404,
        error("not_run", f"alpha never ran a command {unknown}."),
    )
    assert await said(await http.get("/v1/commands/7")) == (400, error("malformed", "id: expected a UUID."))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"position_id": None}, "position_id: Input should be a valid string"),
        ({"percent": 101}, "percent: Input should be less than or equal to 100"),
        ({"id": "7"}, "id: Input should be a valid UUID"),
        ({"not_after": "2025-03-01T12:00:00"}, "not_after: Input should have timezone info"),
        ({"name": "sell_everything"}, "name: expected one of ping, close_position, "),
        ({"leverage": 5}, "leverage: Extra inputs are not permitted"),
    ],
)
async def test_a_command_that_cannot_be_read_names_the_field(
    http: ClientSession, alpha: Alpha, changes: dict[str, Any], told: str
) -> None:
    body = {**close().model_dump(mode="json"), **changes}
    status, answer = await said(await http.post("/v1/commands", json=body))
    assert (status, answer["error"]) == (400, "malformed")
    assert answer["message"].startswith(told)
    assert alpha.closed == []


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff\xfe", b"[" * 60_000])
async def test_what_is_no_command_at_all_is_malformed(http: ClientSession, body: bytes) -> None:
    status, answer = await said(await http.post("/v1/commands", data=body))
    assert (status, answer["error"]) == (400, "malformed")


async def test_a_body_that_is_too_large_is_not_read(http: ClientSession, alpha: Alpha) -> None:
    body = {**close().model_dump(mode="json"), "reason": "x" * BODY_LIMIT}
    assert await said(await http.post("/v1/commands", json=body)) == (
        413,
        error("too_large", "The body is larger than 65536 bytes."),
    )
    assert alpha.closed == []


async def test_a_preview_does_nothing(http: ClientSession, alpha: Alpha) -> None:
    status, body = await said(await http.post("/v1/previews", data=close().model_dump_json()))
    assert (status, body["realized"], alpha.closed) == (200, 12.5, [])


async def test_a_preview_that_the_bot_does_not_offer_is_empty(http: ClientSession) -> None:
    async with http.post("/v1/previews", data=pause().model_dump_json()) as response:
        assert (response.status, await response.read()) == (204, b"")


async def test_a_preview_of_what_would_be_refused_is_a_conflict(http: ClientSession) -> None:
    answer = await said(await http.post("/v1/previews", data=close("eth").model_dump_json()))
    assert answer == (409, error("refused", "ETH is closing already."))


async def test_what_breaks_inside_tells_nothing_of_the_inside(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(Alpha):
        async def preview(self, command: object) -> Preview | None:
            raise ZeroDivisionError("the secret inside")

    async with ControlServer(Broken(), listen="127.0.0.1:0") as server, ClientSession(server.url) as http:
        answer = await said(await http.post("/v1/previews", data=pause().model_dump_json()))
    assert answer == (500, error("broken", "The bot broke on this. Its log has the whole story."))
    assert "the secret inside" in caplog.text


@pytest.mark.parametrize("path", ["/v1/health", "/v1/nothing", "/v1/stream", "/" + "x" * 9_000])
async def test_no_answer_names_the_versions_of_libraries(http: ClientSession, path: str) -> None:
    async with http.get(path) as response:
        await response.read()
    assert response.headers["Server"] == "quarterdeck"


async def test_unknown_paths_and_methods_are_answered_in_json(http: ClientSession) -> None:
    assert await said(await http.get("/v2/snapshot")) == (404, error("not_found", "There is nothing at this path."))
    async with http.get("/v1/commands") as response:
        assert (response.status, response.headers["Allow"]) == (405, "POST")
        assert await response.json() == error("method_not_allowed", "This path does not take this method.")


# -------------------------------------------------------------------------- burden


async def test_a_port_that_is_taken_is_told(alpha: Alpha) -> None:
    async with ControlServer(alpha, listen="127.0.0.1:0") as server:
        taken = server.url.removeprefix("http://")
        with pytest.raises(CannotListen, match="choose another port"):
            async with ControlServer(alpha, listen=taken):
                pass


async def test_a_server_can_be_opened_again(alpha: Alpha) -> None:
    server = ControlServer(alpha, listen="127.0.0.1:0")
    for _ in range(2):
        async with server, ClientSession(server.url) as http:
            assert (await said(await http.get("/v1/health")))[0] == 200


async def test_however_many_ask_a_snapshot_is_encoded_once(alpha: Alpha) -> None:
    written = []

    class Counted:
        def __str__(self) -> str:
            written.append(1)
            return "counted"

    alpha.publish(facts(counted=Counted()))
    async with ControlServer(alpha, listen="127.0.0.1:0") as server, ClientSession(server.url) as http:
        # The feed has looked whether it can be told at all.
        before = len(written)
        answers = await asyncio.gather(*[http.get("/v1/snapshot") for _ in range(10)])
        bodies = {await answer.read() for answer in answers}
    assert (len(bodies), len(written) - before) == (1, 1)


async def test_a_command_that_takes_its_time_holds_nobody_up(http: ClientSession, alpha: Alpha) -> None:
    command = rebalance()
    asking = asyncio.create_task(http.post("/v1/commands", data=command.model_dump_json()))
    await alpha.rebalancing.wait()
    alpha.publish(facts(timeline=[line("Rebalancing SOL.")]))
    status, body = await said(await http.get("/v1/snapshot"))
    _, running = await said(await http.get(f"/v1/commands/{command.id}"))
    assert (status, body["seq"], running["outcome"]) == (200, 1, "unknown")
    alpha.may_rebalance.set()
    assert (await said(await asking))[1]["outcome"] == "done"


async def test_a_bot_whose_loop_has_ended_is_told_so_and_nothing_hangs(alpha: Alpha) -> None:
    bots_loop = OwnLoop("the bot")
    bots_loop.start()
    server = ControlServer(alpha, listen="127.0.0.1:0")
    await bots_loop.run(server.__aenter__())
    await bots_loop.stop()
    async with ClientSession(server.url) as http:
        command = close()
        asked = await said(await http.post("/v1/commands", data=command.model_dump_json()))
        async with RemoteBot("alpha", server.url) as far:
            result = await far.execute(close())
        recalled = await said(await http.get(f"/v1/commands/{command.id}"))
        foretold = await said(await http.post("/v1/previews", data=close().model_dump_json()))
        status, _ = await said(await http.get("/v1/snapshot"))
    await server.__aexit__(None, None, None)
    nothing = "alpha does not run any more. Nothing was done."
    assert asked == (503, error("ended", nothing))
    assert (result.outcome, result.message) == (Outcome.FAILED, nothing)
    assert recalled == foretold == (503, error("unreachable", "alpha does not run any more."))
    assert (status, alpha.closed) == (200, [])


async def test_commands_that_run_are_answered_before_the_server_closes(alpha: Alpha) -> None:
    server = ControlServer(alpha, listen="127.0.0.1:0")
    async with server, ClientSession(server.url) as http:
        asking = asyncio.create_task(http.post("/v1/commands", data=rebalance().model_dump_json()))
        await alpha.rebalancing.wait()
        closing = asyncio.create_task(server.__aexit__(None, None, None))
        await asyncio.sleep(0)
        alpha.may_rebalance.set()
        status, body = await said(await asking)
        await closing
    assert (status, body["outcome"]) == (200, "done")
