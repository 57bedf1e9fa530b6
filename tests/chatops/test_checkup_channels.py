"""`quarterdeck check` names what is wrong with a channel, and tells it nothing."""

import sys
from pathlib import Path

import pytest

from chatops.checkup.channels import check_channels
from chatops.checkup.findings import Level
from tests.chatops.test_settings import TELEGRAM, read
from tests.servers.taker import taker


async def found(folder: Path, **channel: str) -> tuple[Level, str]:
    lines = "\n".join(f"{key} = {value}" for key, value in channel.items())
    (finding,) = await check_channels(read(folder, f'{TELEGRAM}[[channels]]\nname = "pager"\n{lines}\n'))
    assert "CANARY" not in finding.what
    return finding.level, finding.what


SIGNED = {"secret": '"0123456789abcdef"'}


@pytest.mark.parametrize(
    ("url", "level", "what"),
    [
        ("ntfy://ntfy.sh/CANARY", Level.OK, "pager is an address that Apprise knows"),
        ("nonsense://CANARY", Level.ERROR, "channel pager: Apprise makes nothing of its url"),
        ("https://example.org/CANARY", Level.ERROR, "For a webhook of your own give a secret too"),
        ("ntfy://ntfy.sh/CANARY/two", Level.ERROR, "channel pager: its url names 2 targets"),
    ],
)
async def test_apprise_reads_each_address(tmp_path: Path, url: str, level: Level, what: str) -> None:
    said = await found(tmp_path, url=f'"{url}"')
    assert said[0] is level
    assert what in said[1]


async def test_a_webhook_is_looked_at_and_not_called(tmp_path: Path) -> None:
    async with taker() as server:
        level, what = await found(tmp_path, url=f'"{server.url}/CANARY"', **SIGNED)
        assert (level, what.partition(",")[0]) == (Level.ERROR, "pager leads to a private")
        allowed = await found(tmp_path, url=f'"{server.url}/CANARY"', allow_private="true", **SIGNED)
        assert allowed == (Level.OK, "pager is a webhook, signed")
        assert server.taken == []


async def test_plain_http_is_warned_of(tmp_path: Path) -> None:
    level, what = await found(tmp_path, url='"http://1.1.1.1/CANARY"', **SIGNED)
    assert level is Level.WARNING
    assert "plain HTTP" in what


async def test_where_apprise_is_not_installed_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As Python has it where a module cannot be imported.
    monkeypatch.setitem(sys.modules, "apprise", None)
    level, what = await found(tmp_path, url='"ntfy://ntfy.sh/CANARY"')
    assert level is Level.ERROR
    assert 'Apprise is not installed: pip install "quarterdeck[channels]"' in what
