"""Which rooms are told which reports, as the settings say it."""

from datetime import time
from pathlib import Path

import pytest

from chatops.report_kinds import Choice, ReportKind
from chatops.room import Room
from chatops.settings import Settings, SettingsError, read_settings

ROOMS = """
[telegram]
token = "123456:CANARY-of-telegram-0123456789abcdef"
[[rooms]]
name = "ops"
platform = "telegram"
id = "-1001"
[[rooms]]
name = "alarms"
platform = "telegram"
id = "-1002"
receives = ["alerts"]
"""
OPS, ALARMS, TERMINAL = Room("telegram", "-1001"), Room("telegram", "-1002"), Room("terminal", "here")


def read(folder: Path, more: str = "") -> Settings:
    path = folder / "quarterdeck.toml"
    path.write_text(ROOMS + more)
    return read_settings(path, {})


def test_rooms_that_receive_reports_are_told_all_of_them_at_midnight(tmp_path: Path) -> None:
    terms = read(tmp_path).report_terms([TERMINAL])
    assert {terms.of(OPS, kind) for kind in ReportKind} == {Choice(is_on=True, at=time(0))}
    assert {terms.of(ALARMS, kind).is_on for kind in ReportKind} == {False}
    # A terminal has no use for a card of every hour.
    assert [kind for kind in ReportKind if not terms.of(TERMINAL, kind).is_on] == [ReportKind.HEARTBEAT]
    assert not terms.of(Room("telegram", "5"), ReportKind.DAILY).is_on


def test_a_report_goes_where_it_says_and_when(tmp_path: Path) -> None:
    terms = read(
        tmp_path,
        """
        [reports.daily]
        at = "8:30"
        rooms = ["ALARMS"]
        [reports]
        heartbeat = { rooms = [] }
        """,
    ).report_terms()
    assert terms.of(ALARMS, ReportKind.DAILY) == Choice(is_on=True, at=time(8, 30))
    assert not terms.of(OPS, ReportKind.DAILY).is_on
    assert terms.of(OPS, ReportKind.WEEKLY).is_on
    assert not terms.of(OPS, ReportKind.HEARTBEAT).is_on
    # A room that turns it on itself is told at the same time.
    assert terms.of(Room("telegram", "5"), ReportKind.DAILY) == Choice(is_on=False, at=time(8, 30))


@pytest.mark.parametrize(
    ("wrong", "key", "said"),
    [
        ('[reports.daily]\nat = "25:00"', "reports.daily.at", "is no time of the day"),
        ('[reports.weekly]\nrooms = ["nowhere"]', "reports.weekly.rooms", "names what is in no [[rooms]]"),
        ('[reports.heartbeat]\nat = "08:00"', "reports.heartbeat.at", "is no key"),
        ("[reports.yearly]\nrooms = []", "reports.yearly", "is no key"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, wrong: str, key: str, said: str) -> None:
    with pytest.raises(SettingsError) as raised:
        read(tmp_path, wrong)
    (problem,) = raised.value.problems
    assert problem.key == key
    assert said in str(problem)
