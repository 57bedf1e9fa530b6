"""Settings of channels and of the heartbeat; every fault is named with what is expected, and repeats no secret."""

from datetime import timedelta
from pathlib import Path

import pytest

from chatops.room import Room
from tests.chatops.test_settings import TELEGRAM, faults, read

SECRET = "0123456789abcdef"
PAGER = '[[channels]]\nname = "pager"\nurl = "ntfy://ntfy.sh/CANARY"\n'
HOOK = f'[[channels]]\nname = "hook"\nurl = "https://example.org/CANARY"\nsecret = "{SECRET}"\n'


def said(folder: Path, text: str) -> dict[str, str]:
    """What is wrong at each key, without the file."""
    found = {key: str(problem).partition(f"{key} ")[2] for key, problem in faults(folder, TELEGRAM + text).items()}
    assert "CANARY" not in str(found)
    return found


def test_a_channel_is_a_room_of_its_own_kind(tmp_path: Path) -> None:
    settings = read(tmp_path, TELEGRAM + PAGER + HOOK)
    assert [one.room for one in settings.channels] == [Room("apprise", "pager"), Room("webhook", "hook")]
    assert not any(one.allow_private for one in settings.channels)
    assert {"ntfy://ntfy.sh/CANARY", "https://example.org/CANARY", SECRET} <= {*settings.secrets()}
    assert "CANARY" not in repr(settings)


def test_a_step_may_tell_a_channel_that_there_is(tmp_path: Path) -> None:
    step = '[escalation.default]\nsteps = [{{ after = "0s", tell = ["channel:{}"] }}]\n'
    assert read(tmp_path, TELEGRAM + PAGER + step.format("pager")).escalation
    wrong = said(tmp_path, PAGER + step.format("mail"))
    assert wrong == {"escalation.default.steps.0.tell.0": "names what is in no [[channels]]: one of pager"}
    assert said(tmp_path, step.format("mail")) == {
        "escalation.default.steps.0.tell.0": "names what is in no [[channels]]: there are no [[channels]]"
    }


@pytest.mark.parametrize(
    ("text", "key", "what"),
    [
        ('[[channels]]\nname = "pager"\n', "channels.0.url", "(pager) is missing: url_file with the path"),
        ('[[channels]]\nname = "pager"\nurl = "CANARY"\n', "channels.0.url", "(pager) is no address: an address of"),
        (f"{PAGER}{PAGER}", "channels.1.name", "(pager) is taken by another one: a name of its own"),
        (f'{PAGER}secret = "{SECRET}"\n', "channels.0.secret", "(pager) is for a webhook of your own: leave it out"),
        (HOOK.replace(SECRET, "short"), "channels.0.secret", "(hook) is too short: at least 16 characters"),
        (f'{PAGER}allow_private = "yes"\n', "channels.0.allow_private", "(pager) is not right"),
        ("[heartbeat]\n", "heartbeat.url", "is missing: url_file with the path"),
        ('[heartbeat]\nurl = "ftp://CANARY"\n', "heartbeat.url", "is no http address: https://"),
        ('[heartbeat]\nurl = "http://x"\nevery = "1s"\n', "heartbeat.every", 'is too short or too long: from "10s"'),
    ],
)
def test_what_is_wrong_is_said_with_what_belongs_there(tmp_path: Path, text: str, key: str, what: str) -> None:
    (found,) = said(tmp_path, text).items()
    assert found[0] == key
    assert found[1].startswith(what)


def test_the_heartbeat_beats_once_a_minute(tmp_path: Path) -> None:
    assert read(tmp_path, TELEGRAM).heartbeat is None
    heartbeat = read(tmp_path, f'{TELEGRAM}[heartbeat]\nurl = "https://example.org/CANARY"\n').heartbeat
    assert heartbeat is not None
    assert heartbeat.every == timedelta(minutes=1)
