"""What a desk is told before it starts: every fault at once, and no secret in any of them."""

import traceback
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from chatops.people import Identity, Role
from chatops.settings import (
    PAPER,
    Address,
    BotSettings,
    Concern,
    DeskSettings,
    Problem,
    Settings,
    SettingsError,
    TelegramSettings,
    read_settings,
)

TOKEN = "123456:CANARY-of-telegram-0123456789abcdef"
TELEGRAM = f'[telegram]\ntoken = "{TOKEN}"\n'


def read(folder: Path, text: str, environ: Mapping[str, str] | None = None) -> Settings:
    path = folder / "quarterdeck.toml"
    path.write_text(text)
    return read_settings(path, environ or {})


def faults(folder: Path, text: str, environ: Mapping[str, str] | None = None) -> dict[str, Problem]:
    with pytest.raises(SettingsError) as raised:
        read(folder, text, environ)
    assert len({problem.key for problem in raised.value.problems}) == len(raised.value.problems)
    return {problem.key: problem for problem in raised.value.problems}


def test_an_empty_file_is_a_desk_with_an_embedded_database(tmp_path: Path) -> None:
    settings = read(tmp_path, "")
    assert settings.desk == DeskSettings(name="main", timezone="UTC", data_dir=tmp_path / ".quarterdeck")
    assert settings.database.url is None
    assert settings.http.listen == Address("127.0.0.1", 8080)
    assert settings.telegram is None
    assert settings.confirm.patience.confirm == settings.confirm.patience.stale == timedelta(seconds=60)
    assert settings.secrets() == ()


def test_people_are_known_by_their_accounts(tmp_path: Path) -> None:
    settings = read(
        tmp_path,
        '[[people]]\nname = "ada"\nrole = "admin"\ntelegram = 111\nslack = "U0123456789"\n'
        '[[people]]\nname = "bob"\nrole = "viewer"\n',
    )
    directory = settings.directory()
    ada = directory.identify(Identity("telegram", "111"))
    assert ada is not None
    assert (ada.name, ada.role) == ("ada", Role.ADMIN)
    assert directory.identify(Identity("slack", "U0123456789")) == ada
    assert [person.name for person in directory.people] == ["ada", "bob"]


def test_a_paper_bot_says_what_it_trades(tmp_path: Path) -> None:
    (tmp_path / "august.csv").write_text("")
    settings = read(
        tmp_path,
        '[[bots]]\nname = "alpha"\nurl = "paper"\nmarket = "august.csv"\nfrom = 2023-08-17\nspeed = 60\n'
        '[[bots]]\nname = "beta"\nurl = "paper"\nscenario = "crash"\nseed = 3\n',
    )
    alpha, beta = settings.bots
    assert alpha.is_paper
    assert alpha.market == tmp_path / "august.csv"
    assert alpha.begins == datetime(2023, 8, 17, tzinfo=UTC)
    assert (beta.scenario, beta.seed, beta.speed) == ("crash", 3, None)


def test_settings_can_be_made_without_a_file() -> None:
    bot = BotSettings(name="paper", url=PAPER, begins=None, speed=60.0)
    settings = Settings(bots=(bot,), telegram=TelegramSettings(token=SecretStr(TOKEN)))
    assert settings.secrets() == (TOKEN,)
    with pytest.raises(ValidationError):
        TelegramSettings()


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    settings = read(
        tmp_path,
        '[desk]\nname = "main"\n[[bots]]\nname = "alpha"\nurl = "paper"\n',
        {
            "QUARTERDECK_DESK__NAME": "night",
            "QUARTERDECK_TELEGRAM__TOKEN": TOKEN,
            "QUARTERDECK_CONFIRM__CONFIRM_SECONDS": "30",
            "QUARTERDECK_BOTS__0__URL": "http://127.0.0.1:8000",
            "QUARTERDECK_BOTS__1__NAME": "beta",
            "QUARTERDECK_BOTS__1__URL": "unix:///run/beta.sock",
            "QUARTERDECK_ROOMS": '[{"name": "ops", "platform": "telegram", "id": -100}]',
            "QUARTERDECK_ROOMS__0__RECEIVES": '["alerts"]',
            "QUARTERDECK_HTTP__LISTEN": "",
            "QUARTERDECK_PORT": "tcp://10.0.0.1:80",
            "HOME": "/root",
        },
    )
    assert settings.desk.name == "night"
    assert settings.secrets() == (TOKEN,)
    assert settings.confirm.patience.confirm == timedelta(seconds=30)
    assert [(bot.name, bot.url) for bot in settings.bots] == [
        ("alpha", "http://127.0.0.1:8000"),
        ("beta", "unix:///run/beta.sock"),
    ]
    assert (settings.rooms[0].id, settings.rooms[0].receives) == ("-100", frozenset({Concern.ALERTS}))
    assert settings.http.listen.port == 8080


def test_a_variable_that_names_no_key_is_told(tmp_path: Path) -> None:
    found = faults(
        tmp_path,
        "",
        {
            "QUARTERDECK_TELEGRAM__TOKEN": TOKEN,
            "QUARTERDECK_DESK_NAME": "night",
            "QUARTERDECK_HTTP__LISTN": "127.0.0.1:80",
            "QUARTERDECK_BOTS__3__NAME": "alpha",
            "QUARTERDECK_PEOPLE": "ada",
            "QUARTERDECK_DESK__TIMEZONE": "Europe/Berln",
        },
    )
    assert {key: (problem.source, problem.what) for key, problem in found.items()} == {
        "desk.name": ("QUARTERDECK_DESK_NAME", "is not read from here"),
        "http.listn": ("QUARTERDECK_HTTP__LISTN", "is no key"),
        "bots.3.name": ("QUARTERDECK_BOTS__3__NAME", "has nothing to stand in"),
        "people": ("QUARTERDECK_PEOPLE", "is no JSON"),
        "desk.timezone": ("QUARTERDECK_DESK__TIMEZONE", "is no IANA time zone"),
    }
    assert found["desk.name"].todo == "two underscores: QUARTERDECK_DESK__NAME"
    assert found["http.listn"].todo == "did you mean listen?"


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    found = faults(
        tmp_path,
        """
        colour = "blue"
        [desk]
        name = "two words"
        timezone = "Europe/Berln"
        data_dri = "x"
        [database]
        url = "mysql://a@b/c"
        [http]
        listen = "8080"
        [telegram]
        base_url = "ftp://api"
        [[bots]]
        name = "alpha"
        url = "alpha.local"
        [[bots]]
        name = "beta"
        url = "unix://run/beta.sock"
        scenario = "crash"
        [[bots]]
        name = "gamma"
        url = "http://10.0.0.7:8000"
        [[rooms]]
        name = "ops"
        platform = "irc"
        id = "@ops"
        receives = ["alerts", "gossip"]
        [[people]]
        name = "ada"
        role = "queen"
        telegram = "@ada"
        slack = "ada"
        [confirm]
        confirm_seconds = 0
        stale_seconds = "soon"
        """,
    )
    assert {key: problem.what for key, problem in found.items()} == {
        "colour": "is no key here",
        "desk.name": "is no name",
        "desk.timezone": "is no IANA time zone",
        "desk.data_dri": "is no key here",
        "database.url": "is no address of a PostgreSQL",
        "http.listen": "is no address to listen on",
        "telegram.token": "is missing",
        "telegram.base_url": "is no http address",
        "bots.0.url": "is no address of a bot",
        "bots.1.url": "names no socket",
        "bots.2.token": "is missing",
        "rooms.0.platform": "is not right: it should be 'telegram' or 'slack'",
        "rooms.0.id": "is no id of a chat",
        "rooms.0.receives.1": "is not right: it should be 'alerts', 'reports' or 'notices'",
        "people.0.role": "is not right: it should be 'viewer', 'operator' or 'admin'",
        "people.0.telegram": "is not right: it should be a valid integer, unable to parse string as an integer",
        "people.0.slack": "is no member id of Slack",
        "confirm.confirm_seconds": "is not right: it should be greater than or equal to 1",
        "confirm.stale_seconds": "is not right: it should be a valid integer, unable to parse string as an integer",
    }
    assert all(problem.todo for problem in found.values())
    assert found["desk.timezone"].todo == "did you mean Europe/Berlin?"
    assert found["desk.data_dri"].todo == "did you mean data_dir?"
    assert found["people.0.telegram"].name == "ada"
    assert "whoami" in found["people.0.telegram"].todo


def test_names_accounts_and_places_belong_to_one_each(tmp_path: Path) -> None:
    found = faults(
        tmp_path,
        TELEGRAM + '[[bots]]\nname = "alpha"\nurl = "paper"\n[[bots]]\nname = "Alpha"\nurl = "paper"\n'
        '[[rooms]]\nname = "ops"\nplatform = "telegram"\nid = "-1"\n'
        '[[rooms]]\nname = "desk"\nplatform = "telegram"\nid = -1\n'
        '[[rooms]]\nname = "ops"\nplatform = "telegram"\nid = "-1"\ntopic = 7\n'
        '[[people]]\nname = "ada"\nrole = "admin"\ntelegram = 1\nslack = "U01"\n'
        '[[people]]\nname = "bob"\nrole = "viewer"\ntelegram = 1\nslack = "U01"\n'
        '[[people]]\nname = "ADA"\nrole = "viewer"\n',
    )
    assert {key: problem.what for key, problem in found.items()} == {
        "bots.1.name": "is taken by another one",
        "rooms.1.id": "is the place of ops already",
        "rooms.2.name": "is taken by another one",
        "people.1.telegram": "belongs to ada already",
        "people.1.slack": "belongs to ada already",
        "people.2.name": "is taken by another one",
    }


def test_a_room_needs_its_platform(tmp_path: Path) -> None:
    found = faults(tmp_path, '[[rooms]]\nname = "ops"\nplatform = "telegram"\nid = "-1"\n')
    assert str(found["rooms.0.platform"]).endswith(
        "rooms.0.platform (ops) has no settings: a part [telegram] with the bot's token"
    )


@pytest.mark.parametrize(
    ("keys", "key", "what"),
    [
        ('url = "paper"\nscenario = "boom"', "scenario", "is no scenario"),
        ('url = "paper"\nscenario = "calm"\nmarket = "a.csv"', "market", "is given, and so is scenario"),
        ('url = "paper"\nmarket = "b.csv"', "market", "names no file"),
        ('url = "paper"\nfrom = 2023-08-17', "from", "is given without market"),
        ('url = "paper"\nmarket = "a.csv"\nseed = 1', "seed", "is given, and so is market"),
        ('url = "paper"\ntoken = "x"', "token", "is not for a paper bot"),
        ('url = "http://127.0.0.1:1"\ntoken = "one\\ntwo"', "token", "holds what no HTTP header can carry"),
        ('url = "http://127.0.0.1:1"\nspeed = 60', "speed", "is for a paper bot alone"),
        ('url = "http://user:pass@127.0.0.1:1"', "url", "is no address of a bot"),
        ('url = "http://127.0.0.1:99999"', "url", "is no address of a bot"),
        ('url = "tcp://127.0.0.1"', "url", "names no port"),
        ('url = "tcp://127.0.0.1:9120/path"', "url", "is no address of a bot"),
        ('url = "tcp://10.0.0.7:9120"', "token", "is missing"),
    ],
)
def test_what_a_bot_cannot_have_together(tmp_path: Path, keys: str, key: str, what: str) -> None:
    (tmp_path / "a.csv").write_text("")
    found = faults(tmp_path, f'[[bots]]\nname = "alpha"\n{keys}\n')
    assert {name: problem.what for name, problem in found.items()} == {f"bots.0.{key}": what}


def test_a_bot_on_this_machine_needs_no_token(tmp_path: Path) -> None:
    urls = (
        "http://127.0.0.1:8000",
        "http://localhost:8000/",
        "http://[::1]:8000",
        "unix:///run/alpha.sock",
        "tcp://[::1]:1",
    )
    text = "".join(f'[[bots]]\nname = "bot{number}"\nurl = "{url}"\n' for number, url in enumerate(urls))
    assert [bot.url for bot in read(tmp_path, text).bots] == [url.rstrip("/") for url in urls]


def test_a_secret_is_given_once(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(TOKEN)
    both = faults(tmp_path, f'{TELEGRAM}token_file = "token"\n')
    assert both["telegram.token"].what == "is given, and so is token_file"
    both = faults(tmp_path, '[telegram]\ntoken_file = "token"\n', {"QUARTERDECK_TELEGRAM__TOKEN": TOKEN})
    assert both["telegram.token"].source == "QUARTERDECK_TELEGRAM__TOKEN"


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b" \n", "names a file that is empty"),
        (b"\xff\xfe\x00", "names what is no text file"),
        (b"x" * 20_000, "names a file that is too large to be a secret"),
    ],
)
def test_a_file_without_a_secret_is_told(tmp_path: Path, content: bytes, what: str) -> None:
    (tmp_path / "token").write_bytes(content)
    found = faults(tmp_path, '[telegram]\ntoken_file = "token"\n')
    assert {key: problem.what for key, problem in found.items()} == {"telegram.token_file": what}


@pytest.mark.parametrize(
    "text",
    [
        TELEGRAM + 'token_file = "nowhere"\n',
        f'[telegram]\ntoken_file = "{TOKEN}"\n',
        f'[telegram]\ntoken = "oops {TOKEN}"\n',
        f'[telegram]\ntoken = ["{TOKEN}"]\n',
        f'[[rooms]]\nname = "{TOKEN}"\nplatform = "{TOKEN}"\nid = "{TOKEN}"\nreceives = ["{TOKEN}"]\n',
        f'[[bots]]\nname = "a"\nurl = "http://user:{TOKEN}@host"\nseed = "{TOKEN}"\n',
        f'[database]\nurl = "postgresql://me:{TOKEN}#/@host/name"\n',
        f'[desk]\ntimezone = "{TOKEN}"\n[http]\nlisten = "{TOKEN}"\n',
        f'[telegram]\ntoken = "{TOKEN}\n',
    ],
)
def test_no_secret_shows_in_what_is_wrong(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsError) as raised:
        read(tmp_path, text)
    shown = "".join(traceback.format_exception(raised.value)) + repr(raised.value.problems)
    assert "CANARY" not in shown


def test_no_secret_shows_in_the_settings(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("postgresql://me:CANARY-of-database@host/name")
    settings = read(tmp_path, f'{TELEGRAM}[database]\nurl_file = "url"\n')
    for shown in (repr(settings), str(settings), repr(settings.model_dump()), settings.model_dump_json()):
        assert "CANARY" not in shown
    assert settings.secrets() == (TOKEN, "CANARY-of-database")


def test_the_key_of_codes_is_long_and_a_secret(tmp_path: Path) -> None:
    assert read(tmp_path, "").totp.given is None
    (tmp_path / "key").write_text(key := "CANARY" + "k" * 58)
    settings = read(tmp_path, '[totp]\nkey_file = "key"\n')
    assert settings.totp.given == key
    assert settings.secrets() == (key,)
    assert "CANARY" not in repr(settings)
    short = faults(tmp_path, '[totp]\nkey = "0123456789012345678901234567890"\n')
    assert short["totp.key"].what == "is too short to be a key"


def test_settings_do_not_change(tmp_path: Path) -> None:
    with pytest.raises(ValidationError):
        read(tmp_path, "").desk.name = "other"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"[desk\n", "is no TOML"),
        (b'[desk]\nname = "\xff"\n', "is no UTF-8 text (at byte 15)"),
        (b"desk = 3\n", "is no part with keys of its own"),
        (b"bots = 3\n", "is no list"),
    ],
)
def test_a_file_that_is_none_is_told(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "quarterdeck.toml"
    path.write_bytes(content)
    with pytest.raises(SettingsError) as raised:
        read_settings(path, {})
    (problem,) = raised.value.problems
    assert said in problem.what
    assert problem.todo


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"desk.toml: cannot be read \(no such file or directory\): make one from"):
        read_settings(tmp_path / "desk.toml", {})


def test_the_topic_general_is_the_group_itself(tmp_path: Path) -> None:
    settings = read(tmp_path, TELEGRAM + '[[rooms]]\nname = "ops"\nplatform = "telegram"\nid = "-1"\ntopic = 1\n')
    assert settings.rooms[0].topic == ""
