"""The manifest of the app on Slack says what the desk asks for."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from chatops.adapters.slack.manifest import as_yaml, manifest
from chatops.asks import ASKS
from chatops.cli import app

DEPLOYED = Path(__file__).parents[4] / "deploy" / "slack-manifest.yaml"
HOOK = "https://desk.example.org/slack/events"


def test_the_one_in_deploy_is_the_one_that_is_printed() -> None:
    printed = CliRunner().invoke(app, ["slack", "manifest"])
    assert printed.stdout == DEPLOYED.read_text()


def test_every_word_that_can_be_typed_is_in_it() -> None:
    said = manifest()["display_information"]["long_description"].split("Words: ")[1].split(", ")
    assert said == [ask.word for ask in ASKS if not ask.hidden]


def test_by_http_it_says_where_slack_calls() -> None:
    made = manifest(HOOK)
    assert not made["settings"]["socket_mode_enabled"]
    assert made["settings"]["event_subscriptions"]["request_url"] == HOOK
    assert made["settings"]["interactivity"]["request_url"] == HOOK
    assert made["settings"]["interactivity"]["message_menu_options_url"] == HOOK
    assert made["features"]["slash_commands"][0]["url"] == HOOK
    assert f'      url: "{HOOK}"' in as_yaml(made)


@pytest.mark.parametrize(
    "url", ["desk.example.org", "http://desk.example.org/slack/events", "https://desk.example.org"]
)
def test_an_address_that_slack_cannot_call_makes_no_manifest(url: str) -> None:
    printed = CliRunner().invoke(app, ["slack", "manifest", "--url", url])
    assert printed.exit_code == 2
    assert printed.stdout == ""
