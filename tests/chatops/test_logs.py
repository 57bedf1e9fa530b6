"""Log lines are read by programs and by people, and hold no secret wherever it was put."""

import asyncio
import io
import json
import logging
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from chatops import logs
from chatops.redactor import Redactor

TOKEN = "123456789:CANARYtelegramCANARYtelegramCANARY1"
PASSWORD = 'CANARY/pass "word"'
SECRETS = (TOKEN, PASSWORD)

log = logging.getLogger("desk")


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """Logging as it was before."""
    root = logging.getLogger()
    level, levels = root.level, {name: logging.getLogger(name).level for name in logs.NOISY}
    yield
    for handler in tuple(root.handlers):
        if type(handler).__module__ == logs.__name__:
            root.removeHandler(handler)
            handler.close()
    root.setLevel(level)
    for name, former in levels.items():
        logging.getLogger(name).setLevel(former)
    logging.captureWarnings(capture=False)


def configured(*, secrets: tuple[str, ...] = SECRETS, as_json: bool | None = None) -> io.StringIO:
    # Those of pytest raise what ours survive; they come back with the next test.
    logging.getLogger().handlers.clear()
    stream = io.StringIO()
    logs.configure(secrets=secrets, stream=stream, as_json=as_json)
    return stream


def lines(said: str, *loggers: str) -> list[Any]:
    """What these wrote, or `log`: threads that other tests left to end may write too."""
    return [line for line in map(json.loads, said.splitlines()) if line["logger"] in (loggers or (log.name,))]


def only_line(stream: io.StringIO, *loggers: str) -> Any:
    (line,) = lines(stream.getvalue(), *loggers)
    return line


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_away_from_a_terminal_a_line_is_an_object() -> None:
    stream = configured()
    log.warning("alert %s not delivered by %s", 4012, "desk", extra={"room": "ops"})
    line = only_line(stream)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "alert 4012 not delivered by desk",
        "level": "warning",
        "logger": "desk",
        "room": "ops",
    }


def test_on_a_terminal_a_line_is_for_people() -> None:
    stream = Terminal()
    logs.configure(secrets=SECRETS, stream=stream)
    log.info("alert %s told", 4012)
    assert "alert 4012 told" in stream.getvalue()
    assert not stream.getvalue().startswith("{")


async def test_what_is_bound_to_the_context_is_on_every_line_in_it() -> None:
    stream = configured()

    async def handle(correlation_id: str) -> None:
        with structlog.contextvars.bound_contextvars(correlation_id=correlation_id):
            await asyncio.sleep(0)
            log.info("handled")

    await asyncio.gather(handle("a1"), handle("b2"))
    log.info("idle")
    assert [line.get("correlation_id") for line in lines(stream.getvalue())] == ["a1", "b2", None]


def test_a_canary_in_a_message_is_taken_out() -> None:
    stream = configured()
    log.info(f"the token is {TOKEN}")  # noqa: G004 - somebody will
    assert only_line(stream)["event"] == "the token is ***"


def test_a_canary_in_the_arguments_is_taken_out() -> None:
    stream = configured()
    log.info("%s and %r and %s", TOKEN, {"password": PASSWORD}, [TOKEN], extra={"deep": {"er": [TOKEN, 3, None]}})
    line = only_line(stream)
    assert "CANARY" not in json.dumps(line)
    assert line["deep"] == {"er": ["***", 3, None]}


def test_a_canary_in_a_traceback_is_taken_out(subtests: pytest.Subtests) -> None:
    for as_json in (True, False):
        with subtests.test(as_json=as_json):
            stream = configured(as_json=as_json)
            try:
                try:
                    raise KeyError(PASSWORD)
                except KeyError as error:
                    error.add_note(f"while {TOKEN} was used")
                    raise ConnectionError(f"{TOKEN} was refused") from error
            except ConnectionError:
                log.exception("it broke")
            said = stream.getvalue()
            assert "CANARY" not in said
            assert "ConnectionError: *** was refused" in said
            assert "KeyError" in said
            assert "test_logs.py" in said


def test_what_has_the_form_of_a_secret_is_taken_out_though_nobody_told_it() -> None:
    stream = configured(secrets=())
    log.info("GET https://api.telegram.org/bot%s/getMe", TOKEN)
    log.info("connect to %s", "postgresql://desk:CANARY@db:5432/desk?password=CANARY&sslmode=require")
    log.info("headers %s", {"Authorization": "Bearer CANARY"})
    assert [line["event"] for line in lines(stream.getvalue())] == [
        "GET https://api.telegram.org/bot***/getMe",
        "connect to postgresql://desk:***@db:5432/desk?password=***&sslmode=require",
        "headers {'Authorization': 'Bearer ***'}",
    ]


def test_a_secret_is_found_as_an_address_or_a_repr_writes_it() -> None:
    stream = configured(secrets=(PASSWORD,))
    log.info("CONNECT me:CANARY%%2Fpass%%20%%22word%%22 %r %s", [PASSWORD], json.dumps([PASSWORD]))
    assert "CANARY" not in stream.getvalue()


@pytest.mark.parametrize("name", [*logs.NOISY, *logs.REPEATING, "aiohttp.client", "httpcore.http11", "telegram.Bot"])
def test_a_library_that_tells_everything_tells_no_secret(name: str) -> None:
    stream = configured()
    library = logging.getLogger(name)
    level = library.level
    logging.getLogger().setLevel(logging.DEBUG)
    library.setLevel(logging.DEBUG)
    try:
        raise OSError(f"https://api.telegram.org/bot{TOKEN}/getMe: postgresql://me:CANARY@db/name")
    except OSError:
        library.debug("send_request_headers %r", {"Authorization": b"Bearer CANARY", "X": TOKEN}, exc_info=True)
    finally:
        library.setLevel(level)
    assert "CANARY" not in stream.getvalue()
    assert only_line(stream, name)["logger"] == name


def test_what_nobody_catches_is_told_without_secrets(capsys: pytest.CaptureFixture[str]) -> None:
    stream = configured()
    hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
    logs.take_last_words()
    try:
        try:
            raise ConnectionError(f"{TOKEN} was refused") from KeyError(PASSWORD)
        except ConnectionError as error:
            sys.excepthook(type(error), error, error.__traceback__)
            threading.excepthook(threading.ExceptHookArgs([type(error), error, error.__traceback__, None]))
    finally:
        sys.excepthook, threading.excepthook, sys.unraisablehook = hooks
    said = capsys.readouterr().err
    assert "CANARY" not in said + stream.getvalue()
    assert said.count("ConnectionError: *** was refused") == 2


async def test_a_task_that_nobody_awaits_tells_no_secret() -> None:
    stream = configured()
    asyncio.get_running_loop().call_exception_handler({"message": f"{TOKEN} broke", "exception": OSError(PASSWORD)})
    assert "CANARY" not in stream.getvalue()
    assert "*** broke" in only_line(stream, "asyncio")["event"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("xoxb-1234567890-CANARY and xapp-1-CANARYCANARY", "*** and ***"),
        ("post to https://hooks.slack.com/services/T0/B0/CANARY", "post to https://hooks.slack.com/services/***"),
        ("GET /orders?api_key=CANARY&side=buy", "GET /orders?api_key=***&side=buy"),
        ("{'Authorization': 'Basic CANARY'}", "{'Authorization': 'Basic ***'}"),
        ("host=db password=CANARY dbname=x", "host=db password=*** dbname=x"),
        ("postgresql://desk:CANA…", "postgresql://desk:***…"),
        ('canary/PASS "word"', "***"),
        ("CANARY/p…", "***"),
    ],
)
def test_each_form_of_a_secret_is_known(text: str, said: str) -> None:
    assert Redactor(SECRETS)(text) == said


def test_what_is_typed_is_what_is_meant_unless_it_is_a_secret_that_we_know() -> None:
    redact = Redactor((TOKEN, "positions"))
    assert redact.typed(f"/close {TOKEN.upper()}") == "/close ***"
    assert redact.typed("/positions") == "/positions"
    assert redact.typed("/set url https://me:hunter2@host") == "/set url https://me:hunter2@host"


def test_values_of_json_keep_their_shape() -> None:
    redact = Redactor(SECRETS)
    assert redact.value({"a": [TOKEN, 1, None, {PASSWORD: True}]}) == {"a": ["***", 1, None, {"***": True}]}


def test_what_is_no_secret_stays_as_it_is() -> None:
    stream = configured()
    log.info("12:30:45 alert 7: health factor 0.148 of https://desk:8080/x@y, see docs?tokens=3, bearer of news")
    assert only_line(stream)["event"].startswith("12:30:45 alert 7: health factor 0.148 of https://desk:8080/x@y, see")


def test_a_warning_of_a_library_is_a_line_like_any_other() -> None:
    stream = configured()
    logging.getLogger("httpx").info("HTTP Request: POST https://api.telegram.org/")
    logging.getLogger("aiohttp.access").info("GET /readyz")
    logging.getLogger("telegram.ext.Updater").warning("polling %s", TOKEN)
    assert only_line(stream, "httpx", "aiohttp.access", "telegram.ext.Updater")["event"] == "polling ***"


def test_a_line_that_cannot_be_made_is_told_without_what_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    stream = configured()
    log.info("%d positions", TOKEN)
    assert lines(stream.getvalue()) == []
    assert "a log line of desk" in capsys.readouterr().err


def test_nobody_moves_the_cursor_of_a_terminal_from_afar() -> None:
    stream = configured(as_json=False)
    log.info("said %s", "\x1b[2J\r\x9b half \ud83d")
    # The colours are ours.
    assert "\x1b[2J" not in stream.getvalue()
    assert "\r" not in stream.getvalue()
    assert "\x9b" not in stream.getvalue()


def test_configured_again_it_writes_once_and_knows_the_secrets() -> None:
    early = configured(secrets=())
    late = configured(secrets=("opensesame",))
    log.info("opensesame")
    assert early.getvalue() == ""
    assert only_line(late)["event"] == "***"


def test_the_file_of_the_demo_stays_small(tmp_path: Path) -> None:
    path = tmp_path / "demo.log"
    path.write_text("x" * logs.FILE_BYTES)
    (tmp_path / "demo.log.1").write_text("older")
    logs.configure(secrets=SECRETS, file=path)
    log.info("said %s", TOKEN)
    assert [line["event"] for line in lines(path.read_text())] == ["said ***"]
    assert sorted(one.name for one in tmp_path.iterdir()) == ["demo.log", "demo.log.1"]
    assert (tmp_path / "demo.log.1").stat().st_size == logs.FILE_BYTES


def test_strangers_cannot_make_the_search_slow() -> None:
    stream = configured()
    for text in ("1" * 300_000, "a" * 300_000, "a://" * 75_000, "?token" * 50_000, "bearer " * 40_000):
        log.info("%s", text)
    assert len(lines(stream.getvalue())) == 5
