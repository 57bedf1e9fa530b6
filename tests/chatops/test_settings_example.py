"""The example of the settings: it holds as it stands and with all that is commented out, and names every key."""

import re
from dataclasses import replace
from datetime import time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import BaseModel

from alerts.quiet import QuietHours
from alerts.terms import DEFAULTS
from chatops.settings import Concern, Settings, SettingsError, read_settings
from chatops.settings.shape import entry, item, keys, part

EXAMPLE = (Path(__file__).parents[2] / "deploy" / "quarterdeck.example.toml").read_text()
#: The same, with all that could be said.
WHOLE = re.sub(r"^# (?=\[|\w+ = )", "", EXAMPLE, flags=re.MULTILINE)
SECRETS = {
    "telegram": "123456:CANARY-of-telegram-0123456789abcdef\n",
    "telegram_hook": "secret-of-the-webhook",
    "slack_bot": "xoxb-1234-token-of-the-bot",
    "slack_app": "xapp-1-token-of-the-app",
    "slack_signing": "0123456789abcdef0123456789abcdef",
    "paper_token": "token-of-the-bot",
    "database_url": "postgresql://quarterdeck:p%40ss@database/quarterdeck",
    "totp": "0123456789abcdef" * 4,
    "pager": "ntfy://ntfy.sh/topic-that-nobody-guesses",
    "hook_url": "https://hook.example.org/desk",
    "hook_secret": "fedcba9876543210" * 4,
    "heartbeat": "https://alive.example.org/0b6e",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the secrets are that the example names."""
    (tmp_path / "secrets").mkdir()
    for name, secret in SECRETS.items():
        (tmp_path / "secrets" / name).write_text(secret)
    (tmp_path / "bybit_okx_8h.csv").write_text("")
    return tmp_path


def read(folder: Path, text: str, secrets: str = "secrets/") -> Settings:
    path = folder / "quarterdeck.toml"
    path.write_text(text.replace("/run/secrets/", secrets))
    return read_settings(path, {})


def test_the_example_loads_once_its_secrets_are_there(folder: Path) -> None:
    settings = read(folder, EXAMPLE)
    assert settings.telegram is not None
    assert settings.telegram.token.get_secret_value() == SECRETS["telegram"].strip()
    assert settings.telegram.base_url == "https://api.telegram.org/bot"
    assert settings.bots[0].url == "http://paper:8000"
    (room,) = settings.rooms
    assert room.id == "-1001234567890"
    assert room.receives == {Concern.NOTICES}
    assert str(settings.zone(room)) == "Europe/Berlin"
    assert settings.secrets() == (SECRETS["telegram"].strip(), "token-of-the-bot", "p%40ss", "p@ss")


def test_without_its_secrets_the_example_says_which_are_missing(folder: Path) -> None:
    with pytest.raises(SettingsError) as raised:
        read(folder, EXAMPLE, "nowhere/")
    found = {problem.key: str(problem) for problem in raised.value.problems}
    assert set(found) == {"database.url_file", "telegram.token_file", "bots.0.token_file"}
    said = found["bots.0.token_file"]
    assert said.startswith(f"{folder / 'quarterdeck.toml'}: bots.0.token_file (alpha) names a file that cannot be")
    assert "no such file" in said
    assert "starts at the folder of the settings" in said


def test_all_that_is_commented_out_may_be_said(folder: Path) -> None:
    settings = read(folder, WHOLE)
    assert [bot.name for bot in settings.bots] == ["alpha", "beta", "gamma"]
    assert sorted(settings.words) == ["custom.cooldown", "resume all"]
    assert settings.totp.given == SECRETS["totp"]
    assert settings.quiet_hours(settings.rooms[0]) == QuietHours(time(22), time(7), ZoneInfo("Europe/Berlin"))
    # It says what is usual, but for the rooms.
    assert replace(settings.terms()["health_factor"], rooms=()) == DEFAULTS["health_factor"]
    assert not settings.terms()["rebalance_pending"].on
    assert [policy.name for policy in settings.escalations().values()] == ["quiet", "default", "default", "night"]
    assert settings.oncall.people == ("ada",)
    assert [str(channel.room) for channel in settings.channels] == ["apprise:pager", "webhook:hook"]
    assert settings.heartbeat is not None
    assert {
        SECRETS[name]
        for name in ("slack_bot", "slack_app", "slack_signing", "pager", "hook_url", "hook_secret", "heartbeat")
    } <= {*settings.secrets()}


def test_every_key_has_its_example() -> None:
    parts = [part(field) or item(field) or entry(field) for field in keys(Settings).values()]
    wanted = {key for model in parts if model is not None for key in said_keys(model)}
    # A key, or a part below a part: [alerts.rules.health_factor].
    assert wanted - set(re.findall(r"^(?:\[\w+\.)?(\w+)(?: = |\.\w+\])", WHOLE, flags=re.MULTILINE)) == set()


def said_keys(model: type[BaseModel]) -> set[str]:
    """The keys of one part; of a secret that a file may hold, that of the file."""
    return {key for key in keys(model) if f"{key}_file" not in keys(model)}
