"""The settings of a webhook on Telegram, and the token that is read anew."""

from pathlib import Path

import pytest

from chatops.settings import Address, Settings, TelegramSettings
from tests.chatops.test_settings import TOKEN, faults, read

URL = 'webhook_url = "https://desk.example/hook-CANARY"\n'
SECRET = "hush-CANARY_0123"
OWN = 'base_url = "http://127.0.0.1:8081"\n'
TELEGRAM = f'[telegram]\ntoken = "{TOKEN}"\n'


def telegram(settings: Settings) -> TelegramSettings:
    assert settings.telegram is not None
    return settings.telegram


def test_without_an_address_the_desk_polls(tmp_path: Path) -> None:
    assert telegram(read(tmp_path, TELEGRAM)).webhook_url is None


def test_a_webhook_has_an_address_and_a_secret(tmp_path: Path) -> None:
    (tmp_path / "hush").write_text(f"{SECRET}\n")
    settings = read(tmp_path, f'{TELEGRAM}{URL}webhook_secret_file = "hush"\n')
    found = telegram(settings)
    assert found.webhook_url == "https://desk.example/hook-CANARY"
    assert found.webhook_listen == Address("127.0.0.1", 8443)
    assert found.webhook_secret is not None
    assert found.webhook_secret.get_secret_value() == SECRET
    assert settings.secrets() == (TOKEN, SECRET)
    assert SECRET not in repr(settings)


@pytest.mark.parametrize(
    ("keys", "key", "what"),
    [
        (URL, "webhook_secret", "is missing"),
        (f'webhook_secret = "{SECRET}"\n', "webhook_secret", "is given without webhook_url"),
        (URL + 'webhook_secret = "with space CANARY"\n', "webhook_secret", "is no secret that Telegram takes"),
        (URL + f'webhook_secret = "{"CANARY" * 43}"\n', "webhook_secret", "is no secret that Telegram takes"),
        (URL + 'webhook_secret = "hush"\nwebhook_listen = "8443"\n', "webhook_listen", "is no address to listen on"),
        ('webhook_url = "http://desk.example/CANARY"\nwebhook_secret = "hush"\n', "webhook_url", "is not https"),
        (
            'webhook_url = "https://desk.example/CANARY?a=b"\nwebhook_secret = "hush"\n',
            "webhook_url",
            "is no address that Telegram can call",
        ),
        (
            'webhook_url = "https://a:CANARY@desk.example/"\nwebhook_secret = "hush"\n',
            "webhook_url",
            "holds a name or a password",
        ),
        ('webhook_url = "desk.example"\n', "webhook_url", "is no address that Telegram can call"),
    ],
)
def test_what_is_wrong_with_a_webhook_is_said_once(tmp_path: Path, keys: str, key: str, what: str) -> None:
    found = faults(tmp_path, TELEGRAM + keys)
    assert {name: problem.what for name, problem in found.items()} == {f"telegram.{key}": what}
    assert all(problem.todo for problem in found.values())
    assert "CANARY" not in str(found)


def test_a_bot_api_server_of_ones_own_may_call_without_tls(tmp_path: Path) -> None:
    text = f'{TELEGRAM}{OWN}webhook_url = "http://127.0.0.1:9/hook"\nwebhook_secret = "hush"\n'
    assert telegram(read(tmp_path, text)).webhook_url == "http://127.0.0.1:9/hook"


def test_a_token_is_read_anew_from_its_file(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(TOKEN)
    found = telegram(read(tmp_path, '[telegram]\ntoken_file = "token"\n'))
    file.write_text("123456:rotated-CANARY\n")
    assert found.reread_token() == "123456:rotated-CANARY"
    file.write_text("no token CANARY")
    with pytest.raises(ValueError, match="does not look like a token of Telegram") as wrong:
        found.reread_token()
    assert "CANARY" not in str(wrong.value)
    file.unlink()
    with pytest.raises(ValueError, match="cannot be read"):
        found.reread_token()


def test_a_token_that_stands_in_the_settings_stays(tmp_path: Path) -> None:
    assert telegram(read(tmp_path, TELEGRAM)).reread_token() == TOKEN
