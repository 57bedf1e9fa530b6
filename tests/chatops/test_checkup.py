"""`quarterdeck check` says what is wrong with a desk before it starts, and what to do about it."""

import math
import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot_integration.control import ControlServer
from bot_integration.control.socket import ControlSocket
from bot_integration.controller import BotController
from chatops.checkup import Finding, Level, checkup, lines, passed
from chatops.people import Role
from chatops.settings import (
    PAPER,
    BotSettings,
    DatabaseSettings,
    DeskSettings,
    PersonSettings,
    Settings,
)
from chatops.settings.escalation import EscalationSettings
from chatops.settings.oncall import OncallSettings
from chatops.storage.database import Database
from chatops.storage.embedded import EmbeddedPostgres
from chatops.storage.migration import revisions
from chatops.storage.totp_key import TotpKey
from tests.chatops.checkups import ROOM, of, on, room, todo
from tests.chatops.storage.server import kill_servers, run
from tests.servers.telegram import TelegramServer

ADA = PersonSettings(name="ada", role=Role.ADMIN, telegram=111)
BOB = PersonSettings(name="bob", role=Role.OPERATOR, telegram=222)


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramServer]:
    async with TelegramServer() as server:
        yield server
    assert server.violations == []


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    """A directory that is closed to others; no server outlives it."""
    tmp_path.chmod(0o700)
    yield tmp_path
    kill_servers(tmp_path)


def with_database(url: str) -> Settings:
    return Settings(database=DatabaseSettings(url=SecretStr(url)))


# ---------------------------------------------------------------------------- the whole


async def test_a_desk_in_order_passes(telegram: TelegramServer, database_url: str) -> None:
    telegram.group(ROOM, "Ops", forum=True)
    settings = Settings(
        database=DatabaseSettings(url=SecretStr(database_url)),
        telegram=on(telegram),
        bots=(BotSettings(name="alpha", url=PAPER),),
        rooms=(room(topic="7"),),
        people=(ADA,),
    )
    findings = await checkup(settings)
    assert passed(findings)
    assert {finding.level for finding in findings} == {Level.OK}
    said = lines(findings)
    assert said[-1] == "Nothing is wrong."
    assert "ok       people    1 can ask, of them as admin: ada" in said
    assert "ok       telegram  the token is that of @deck_bot" in said
    assert "ok       rooms     ops is the forum “Ops”, topic 7" in said
    assert "ok       bots      alpha trades on paper, in this process" in said
    assert "ok       clock     this machine's agrees with PostgreSQL's" in said
    assert f"ok       database  it has the newest shape ({revisions()[-1]}) and can be written to" in said


def test_what_to_do_stands_below_what_is_wrong() -> None:
    findings = [
        Finding("database", Level.OK, "answers"),
        Finding("rooms", Level.ERROR, "the bot is not in ops", "Add it."),
        Finding("clock", Level.WARNING, "is behind", "Set it."),
        Finding("bots", Level.ERROR, "alpha is away"),
    ]
    assert lines(findings) == [
        "ok       database  answers",
        "error    rooms     the bot is not in ops",
        "                   → Add it.",
        "warning  clock     is behind",
        "                   → Set it.",
        "error    bots      alpha is away",
        "2 errors, 1 warning.",
    ]
    assert not passed(findings)
    assert passed(findings[:1])


async def test_whoever_is_to_be_told_of_alerts_and_is_nobody_is_named(data_dir: Path) -> None:
    settings = Settings(
        desk=DeskSettings(data_dir=data_dir / "desk"),
        people=(ADA,),
        oncall=OncallSettings(people=("Ada", "bobb")),
        escalation={"default": EscalationSettings.model_validate({"steps": [{"after": "0s", "tell": ["person:cyn"]}]})},
    )
    assert of("alerts", await checkup(settings)) == [
        ("warning", "oncall.people names bobb, who is nobody here: others are told instead"),
        ("warning", "escalation.default names cyn, who is nobody here: others are told instead"),
    ]


# ---------------------------------------------------------------------------- database and clock


async def test_a_database_that_is_away_is_an_error_that_keeps_the_password_to_itself() -> None:
    findings = await checkup(with_database("postgresql://desk:CANARY@127.0.0.1:1/desk"))
    ((level, what),) = of("database", findings)
    assert level == "error"
    assert "database.url is right" in what
    assert "CANARY" not in repr(findings)


async def test_an_empty_database_gets_its_tables_at_the_next_start(empty_url: str) -> None:
    findings = await checkup(with_database(empty_url))
    (_, (level, what)) = of("database", findings)
    assert (level, what.partition(":")[0]) == ("ok", "it has no tables yet")
    async with Database.open(empty_url) as database:
        assert await database.fetchval("SELECT to_regclass('inbox')") is None


async def test_an_older_shape_is_told_with_what_is_due(database_url: str) -> None:
    await run(database_url, f"UPDATE alembic_version SET version_num = '{revisions()[0]}'")
    findings = await checkup(with_database(database_url))
    assert any(what.startswith(f"it is due for {', '.join(revisions()[1:])}:") for _, what in of("database", findings))


async def test_the_database_of_a_newer_program_is_an_error(database_url: str) -> None:
    await run(database_url, "UPDATE alembic_version SET version_num = '9999'")
    findings = await checkup(with_database(database_url))
    assert any(level == "error" and "newer Quarterdeck" in what for level, what in of("database", findings))


async def test_the_key_of_those_who_prove_themselves_with_codes_is_missed(database_url: str, tmp_path: Path) -> None:
    settings = Settings(database=DatabaseSettings(url=SecretStr(database_url)), desk=DeskSettings(data_dir=tmp_path))
    assert of("totp", await checkup(settings)) == []
    await run(
        database_url,
        "INSERT INTO totp (person, enrolment, made_at, confirmed_at) VALUES "
        "('ada', gen_random_uuid(), now(), now()), ('bob', gen_random_uuid(), now(), NULL)",
    )
    gone = await checkup(settings)
    assert of("totp", gone) == [
        ("error", "1 have enrolled for codes, and the key for these is gone: no code is right any more")
    ]
    assert str(tmp_path / "totp.key") in todo("is gone", gone)
    TotpKey.under(tmp_path).read_or_make()
    assert of("totp", await checkup(settings)) == [
        ("ok", "1 prove themselves with codes, and the key for these is there")
    ]


async def test_a_database_that_can_only_be_read_is_an_error(database_url: str) -> None:
    await run(
        database_url,
        "DO $$ BEGIN EXECUTE format("
        "'ALTER DATABASE %I SET default_transaction_read_only = on', current_database()); END $$",
    )
    findings = await checkup(with_database(database_url))
    assert ("error", "it can only be read: a standby, or set to read-only") in of("database", findings)


async def test_a_clock_that_is_off_is_told(database_url: str) -> None:
    for off, side in ((timedelta(minutes=3), "ahead of"), (-timedelta(seconds=5), "behind")):
        began = datetime.now(UTC)
        # It stands still: however long the rest takes, it is behind by that besides.
        findings = await checkup(with_database(database_url), lambda: began + off)  # noqa: B023
        took = datetime.now(UTC) - began
        ((level, what),) = of("clock", findings)
        told = re.fullmatch(rf"this machine's is (\d+\.\d) s {side} PostgreSQL's", what)
        assert level == "warning"
        assert told is not None, what
        ahead = math.copysign(float(told[1]), off.total_seconds())
        assert -0.05 <= off.total_seconds() - ahead <= took.total_seconds() + 0.05
        assert "NTP" in todo("this machine's is", findings)


async def test_an_embedded_database_needs_a_directory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    wrong = await checkup(Settings(desk=DeskSettings(data_dir=tmp_path / "file" / "desk")))
    assert of("database", wrong) == [("error", f"{tmp_path / 'file' / 'desk'} cannot be written to")]
    right = await checkup(Settings(desk=DeskSettings(data_dir=tmp_path / "new" / "desk")))
    assert of("database", right) == [("ok", f"embedded, in {tmp_path / 'new' / 'desk'}, which can be written to")]
    assert not (tmp_path / "new").exists()


async def test_a_desk_that_runs_there_is_told_and_looked_at(data_dir: Path) -> None:
    settings = Settings(desk=DeskSettings(data_dir=data_dir))
    async with EmbeddedPostgres(data_dir):
        findings = await checkup(settings)
        assert all(level == "ok" for level, _ in of("database", findings))
        (told,) = [finding for finding in findings if "a desk runs there now" in finding.what]
        # Mostly it is one's own: nothing is to be done.
        assert told.todo == ""
        assert "it has no tables yet" in " ".join(what for _, what in of("database", findings))
        assert of("clock", findings) == [("ok", "this machine's agrees with PostgreSQL's")]
    assert of("database", await checkup(settings)) == [("ok", f"embedded, in {data_dir}, which can be written to")]


# ---------------------------------------------------------------------------- bots


async def test_a_bot_answers_with_its_token() -> None:
    token = "token-of-alpha-CANARY"
    async with ControlServer(BotController("alpha"), listen="127.0.0.1:0", token=token) as server:
        right = BotSettings(name="alpha", url=server.url, token=SecretStr(token))
        wrong = BotSettings(name="alpha", url=server.url, token=SecretStr("another-CANARY"))
        other = BotSettings(name="beta", url=server.url, token=SecretStr(token))
        assert of("bots", await checkup(Settings(bots=(right,)))) == [
            ("ok", f"alpha answers at {server.url}: has published nothing yet")
        ]
        findings = (*await checkup(Settings(bots=(wrong,))), *await checkup(Settings(bots=(other,))))
    refused, mistaken = of("bots", findings)
    assert refused[0] == mistaken[0] == "error"
    assert "does not accept our token" in refused[1]
    assert "This is alpha, not beta" in mistaken[1]
    assert "CANARY" not in repr(findings)


async def test_a_bot_behind_a_socket_answers(tmp_path: Path) -> None:
    path = tmp_path / "alpha.sock"
    settings = Settings(bots=(BotSettings(name="alpha", url=f"unix://{path}"),))
    ((level, _),) = of("bots", await checkup(settings))
    assert level == "error"
    async with ControlServer(BotController("alpha"), listen=f"unix:{path}"):
        ((level, _),) = of("bots", await checkup(settings))
    assert level == "ok"


async def test_a_bot_behind_a_control_socket_answers() -> None:
    async with ControlSocket(BotController("alpha"), "127.0.0.1:0", token="CANARY") as socket:
        right = BotSettings(name="alpha", url=socket.url, token=SecretStr("CANARY"))
        wrong = BotSettings(name="alpha", url=socket.url, token=SecretStr("CANARY-2"))
        assert of("bots", await checkup(Settings(bots=(right,)))) == [
            ("ok", f"alpha answers at {socket.url}: has published nothing yet")
        ]
        ((level, said),) = of("bots", await checkup(Settings(bots=(wrong,))))
    assert (level, "does not accept our token" in said, "CANARY" in said) == ("error", True, False)


async def test_a_paper_bot_needs_a_market_that_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "bars.csv"
    path.write_text("this,is,no,market\n")
    ((level, what),) = of("bots", await checkup(Settings(bots=(BotSettings(name="alpha", url=PAPER, market=path),))))
    assert level == "error"
    assert what.startswith("alpha: its market cannot be had: ")


async def test_a_desk_without_bots_is_told() -> None:
    assert of("bots", await checkup(Settings())) == [("warning", "there is no bot")]


# ---------------------------------------------------------------------------- people


async def test_somebody_has_to_be_an_admin_who_can_be_heard(telegram: TelegramServer) -> None:
    people = (
        PersonSettings(name="ada", role=Role.ADMIN, slack="U0123"),
        PersonSettings(name="bob", role=Role.OPERATOR, telegram=222),
    )
    findings = await checkup(Settings(telegram=on(telegram), people=people))
    assert of("people", findings) == [
        ("warning", "ada has no account on telegram: nothing that they say there is heard"),
        ("error", "nobody who can be heard is an admin"),
    ]


async def test_a_desk_without_any_admin_can_be_claimed_and_whom_the_database_knows_counts(
    telegram: TelegramServer, database_url: str, database: Database
) -> None:
    settings = Settings(telegram=on(telegram), database=DatabaseSettings(url=SecretStr(database_url)), people=(BOB,))
    findings = await checkup(settings)
    assert of("people", findings) == [("warning", "nobody who can be heard is an admin")]
    assert "Or start it: it prints a code" in todo("is an admin", findings)
    await database.execute(
        "INSERT INTO people (name, role, created_by) VALUES ('dan', 'admin', 'x'), ('Bob', 'viewer', 'x')"
    )
    await database.execute("INSERT INTO identities VALUES ('telegram', '', '777', 'dan', 'here')")
    assert of("people", await checkup(settings)) == [
        ("ok", "2 can ask, of them as admin: dan"),
        ("warning", "Bob of the settings file goes before the viewer Bob stored here"),
    ]


async def test_a_desk_without_a_chat_is_told() -> None:
    assert of("people", await checkup(Settings(people=(ADA,)))) == [
        ("warning", "the desk is on no chat platform: nobody can ask it anything")
    ]


# ---------------------------------------------------------------------------- what does nothing


async def test_what_does_nothing_is_told_where_somebody_set_it(telegram: TelegramServer) -> None:
    people = (PersonSettings(name="ada", role=Role.ADMIN, telegram=111, slack="U0123"),)
    findings = await checkup(Settings(telegram=on(telegram), people=people, rooms=(room(),)))
    assert of("settings", findings) == [
        ("warning", "slack of ada does nothing: this desk does not speak Slack"),
    ]
    plain = Settings(telegram=on(telegram), people=(ADA,), rooms=(room(receives=["notices"]),))
    assert of("settings", await checkup(plain)) == []
