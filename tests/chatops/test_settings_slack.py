"""The settings of Slack: its tokens, its way in, its rooms and people."""

from pathlib import Path

import pytest

from chatops.people import Identity
from chatops.room import Room
from chatops.settings import PUBLIC_SLACK_API, Address, Settings, SlackSettings
from tests.chatops.test_settings import faults, read

BOT, APP, SIGNING = "xoxb-1-CANARY", "xapp-1-CANARY", "hush-CANARY"
TOKEN = f'[slack]\nbot_token = "{BOT}"\n'
SOCKET = f'{TOKEN}app_token = "{APP}"\n'
HTTP = f'{TOKEN}signing_secret = "{SIGNING}"\nlisten = "127.0.0.1:3000"\n'
ROOM = '[[rooms]]\nname = "ops"\nplatform = "slack"\n'
ADA = '[[people]]\nname = "ada"\nrole = "admin"\nrooms = ["direct"]\n'


def slack(settings: Settings) -> SlackSettings:
    assert settings.slack is not None
    return settings.slack


def test_it_is_socket_mode_with_an_app_token(tmp_path: Path) -> None:
    (tmp_path / "app").write_text(f"{APP}\n")
    settings = read(tmp_path, f'{TOKEN}app_token_file = "app"\n')
    found = slack(settings)
    assert found.app_token is not None
    assert (found.app_token.get_secret_value(), found.listen) == (APP, None)
    assert found.base_url == PUBLIC_SLACK_API
    assert settings.secrets() == (BOT, APP)
    assert "CANARY" not in repr(settings)


def test_it_is_http_with_a_signing_secret(tmp_path: Path) -> None:
    settings = read(tmp_path, HTTP)
    assert slack(settings).listen == Address("127.0.0.1", 3000)
    assert settings.secrets() == (BOT, SIGNING)


def test_the_api_may_be_elsewhere(tmp_path: Path) -> None:
    assert slack(read(tmp_path, f'{SOCKET}base_url = "https://slack-gov.com/api"\n')).base_url == (
        "https://slack-gov.com/api/"
    )


@pytest.mark.parametrize(
    ("text", "key", "what"),
    [
        ("[slack]\n", "slack.bot_token", "is missing"),
        (TOKEN, "slack.signing_secret", "is missing, and so is app_token"),
        (f'{TOKEN}signing_secret = "x"\n', "slack.listen", "is missing"),
        (f'{SOCKET}listen = "127.0.0.1:3000"\n', "slack.listen", "is given without signing_secret"),
        (f'{TOKEN}app_token = "CANARY"\n', "slack.app_token", "does not look like an app-level token of Slack"),
        (f'{TOKEN}app_token = "xoxb-CANARY"\n', "slack.app_token", "is a bot token, which belongs in slack.bot_token"),
        ('[slack]\nbot_token = "CANARY"\n', "slack.bot_token", "does not look like a bot token of Slack"),
        (
            '[slack]\nbot_token = "xapp-CANARY"\n',
            "slack.bot_token",
            "is an app-level token, which belongs in slack.app_token",
        ),
        (
            '[slack]\nbot_token = "xoxp-CANARY"\n',
            "slack.bot_token",
            "is the token of a person, and the desk speaks as the app",
        ),
        (f'{SOCKET}base_url = "slack.com"\n', "slack.base_url", "is no http address"),
        (f'{SOCKET}{ROOM}id = "ops"\n', "rooms.0.id", "is no id of a channel"),
        (f'{SOCKET}{ROOM}id = "-100"\n', "rooms.0.id", "is no id of a channel"),
        (f'{SOCKET}{ROOM}id = "C0123"\ntopic = 7\n', "rooms.0.topic", "is for Telegram alone"),
        (f'{ROOM}id = "C0123"\n', "rooms.0.platform", "has no settings"),
    ],
)
def test_what_is_wrong_is_told_at_its_key(tmp_path: Path, text: str, key: str, what: str) -> None:
    found = faults(tmp_path, text)
    assert found[key].what == what
    assert "CANARY" not in str(found)


def test_a_room_is_a_channel_or_somebody_by_themselves(tmp_path: Path) -> None:
    settings = read(
        tmp_path, f'{SOCKET}{ROOM}id = "C0123"\n[[rooms]]\nname = "ada"\nplatform = "slack"\nid = "U0123"\n'
    )
    assert [one.room for one in settings.rooms] == [Room("slack", "C0123"), Room("slack", "U0123")]


@pytest.mark.parametrize("account", ["U0123", "T0456/U0123", "E0789/T0456/W0123"])
def test_a_person_is_a_member_of_the_apps_workspace_or_of_a_named_one(tmp_path: Path, account: str) -> None:
    directory = read(tmp_path, f'{SOCKET}{ADA}slack = "{account}"\n').directory()
    ada = directory.identify(Identity("slack", account))
    assert ada is not None
    # By themselves is where the member id leads.
    assert ada.rooms == frozenset({Room("slack", account.rpartition("/")[2])})
