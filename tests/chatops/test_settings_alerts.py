"""Settings of alerts: rules, escalation, who is on call, quiet hours; every fault is named with what is expected."""

from datetime import date, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from alerts.oncall import Rotation
from alerts.policy import DEFAULT, EMERGENCY, QUIET, Rung, usual
from alerts.quiet import QuietHours
from alerts.severity import Severity
from alerts.terms import DEFAULTS, Band, Terms
from chatops.settings import read_settings
from tests.chatops.test_settings import TELEGRAM, faults, read

INFO, WARNING, CRITICAL, EMERGENT = Severity
OPS = f'{TELEGRAM}\n[[rooms]]\nname = "ops"\nplatform = "telegram"\nid = "-100"\n'


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def said(folder: Path, text: str) -> dict[str, str]:
    """What is wrong at each key, without the file."""
    return {key: str(problem).partition(f"{key} ")[2] for key, problem in faults(folder, text).items()}


def test_without_a_word_everything_is_as_usual(tmp_path: Path) -> None:
    settings = read(tmp_path, OPS)
    assert settings.terms() == DEFAULTS
    assert settings.escalations() == {severity: usual(severity) for severity in Severity}
    assert settings.rotation() is None
    assert settings.quiet_hours(settings.rooms[0]) is None


def test_a_rule_is_changed_where_the_file_says_so_and_stays_elsewhere(tmp_path: Path) -> None:
    settings = read(
        tmp_path,
        OPS + '[alerts.rules.health_factor]\nwarning = { health_factor = 0.3, throttle = "10m" }\n'
        'emergency = { throttle = "none" }\nfor = "30s"\nclear = 0.1\nrooms = ["ops"]\n'
        "[alerts.rules.divergence]\non = false\n",
    )
    terms, before = settings.terms()["health_factor"], DEFAULTS["health_factor"]
    assert terms.bands[0] == Band("health_factor", False, {WARNING: 0.3, CRITICAL: 0.15, EMERGENT: 0.10})
    assert terms.bands[1] == before.bands[1]
    assert terms.throttles == {WARNING: minutes(10), CRITICAL: minutes(1), EMERGENT: None}
    assert (terms.holds, terms.clear, terms.dwell, terms.rooms) == (minutes(0.5), 0.1, before.dwell, ("ops",))
    assert not settings.terms()["divergence"].on
    assert settings.terms()["daily_loss"] == DEFAULTS["daily_loss"]


def test_thresholds_may_be_moved_together_where_one_alone_would_not_fit(tmp_path: Path) -> None:
    text = "[alerts.rules.profit_erosion]\nwarning = { erosion_pct = 90 }\n"
    assert "milder" not in said(tmp_path, text)["alerts.rules.profit_erosion"]
    assert "must not lie above critical" in said(tmp_path, text)["alerts.rules.profit_erosion"]
    both = read(tmp_path, f"{text}critical = {{ erosion_pct = 95 }}\n").terms()["profit_erosion"]
    assert both.bands[0].at == {WARNING: 90, CRITICAL: 95}


def test_all_that_is_wrong_with_rules_is_named_at_once(tmp_path: Path) -> None:
    found = said(
        tmp_path,
        OPS + '[alerts.rules.health_facter]\non = true\n[alerts.rules.health_factor]\non = "perhaps"\n'
        'warning = { health_factor = 7, healthfactor = 0.2, throttle = "often" }\ncritical = 0.1\nrooms = ["Opps"]\n'
        "dwel = 5\nclear = nan\n[alerts.rules]\ndivergence = 1\n",
    )
    assert found == {
        "alerts.rules.health_facter": "is no rule: did you mean health_factor?",
        "alerts.rules.health_factor.on": "is not right: yes or no",
        "alerts.rules.health_factor.warning.health_factor": "is not right: a number from 0 to 1",
        "alerts.rules.health_factor.warning.healthfactor": "is no key here: did you mean warning.health_factor?",
        "alerts.rules.health_factor.warning.throttle": "is not right: 30s, 5m, 1h 30m or 2d, or none",
        "alerts.rules.health_factor.critical": 'is no part with keys of its own: as in { throttle = "5m" }',
        "alerts.rules.health_factor.dwel": "is no key here: did you mean dwell?",
        "alerts.rules.health_factor.clear": "is not right: a fraction from 0 to 0.5",
        "alerts.rules.divergence": "is no part with keys of its own: as in [alerts.rules.health_factor] "
        "and keys below it",
    }


def test_a_rule_is_told_only_in_rooms_that_there_are(tmp_path: Path) -> None:
    found = said(tmp_path, OPS + '[alerts.rules.divergence]\nrooms = ["OPS", "opps"]\n')
    assert found == {"alerts.rules.divergence.rooms": "names what is in no [[rooms]]: one of ops"}


def test_a_rule_of_a_bots_author_is_set_like_ours(tmp_path: Path) -> None:
    own = Terms("gas", (Band("gwei", True, {WARNING: 50.0}),))
    path = tmp_path / "quarterdeck.toml"
    path.write_text("[alerts.rules.gas]\nwarning = { gwei = 80 }\n")
    settings = read_settings(path, {}, rules={"gas": own})
    assert settings.terms({"gas": own})["gas"].bands[0].at == {WARNING: 80}
    assert said(tmp_path, path.read_text())["alerts.rules.gas"].startswith("is no rule: one of health_factor, ")


def test_a_policy_of_the_desk_is_changed_in_part(tmp_path: Path) -> None:
    settings = read(
        tmp_path,
        '[escalation.default]\nsteps = [{ after = "0s", tell = ["rooms"] }, { after = "90s", tell = ["oncall"] }]\n'
        '[escalation.emergency]\nrepeat = "30s"\nack_lapse = "5m"\n[escalation.quiet]\nrepeat = "1h"\n',
    )
    policies = settings.escalations()
    assert policies[WARNING] == policies[CRITICAL]
    assert policies[CRITICAL].rungs == (Rung(minutes(0), ("rooms",)), Rung(minutes(1.5), ("oncall",)))
    assert (policies[CRITICAL].repeat, policies[CRITICAL].ack_lapse) == (DEFAULT.repeat, DEFAULT.ack_lapse)
    assert policies[EMERGENT].rungs == EMERGENCY.rungs
    assert (policies[EMERGENT].repeat, policies[EMERGENT].ack_lapse) == (minutes(0.5), minutes(5))
    assert (policies[INFO].rungs, policies[INFO].repeat) == (QUIET.rungs, minutes(60))


def test_a_policy_of_ones_own_says_what_it_is_for(tmp_path: Path) -> None:
    settings = read(
        tmp_path,
        '[escalation.calm]\nseverities = ["warning"]\nrepeat = "never"\nsteps = [{ after = "0s", tell = ["rooms"] }]\n',
    )
    policies = settings.escalations()
    assert (policies[WARNING].name, policies[WARNING].repeat) == ("calm", None)
    assert policies[CRITICAL] == DEFAULT
    assert (
        "is missing: say which alerts it is for" in said(tmp_path, "[escalation.calm]\n")["escalation.calm.severities"]
    )


def test_all_that_is_wrong_with_policies_is_named_at_once(tmp_path: Path) -> None:
    found = said(
        tmp_path,
        OPS
        + '[escalation.default]\nsteps = [{ after = "1m", tell = ["rooms", "oncal"] }, { after = "30s", tell = [] }]\n'
        '[escalation.emergency]\nsteps = []\nrepeat = "1s"\nack_lapse = "2d"\n'
        '[escalation.quiet]\nsteps = [{ after = 5, tell = ["rooms"] }]\nrepeat = "often"\n',
    )
    assert found["escalation.default.steps.0.tell.1"].startswith("is nobody: a list of some of rooms, oncall, next")
    assert found["escalation.default.steps.1.tell"].startswith("tells nobody: a list of some of rooms, oncall, next")
    assert found["escalation.emergency.steps"] == ('are none: one at least, as in [{ after = "0s", tell = ["rooms"] }]')
    assert found["escalation.emergency.ack_lapse"].startswith("is too short or too long: from")
    assert found["escalation.quiet.steps.0.after"] == 'is no length of time: as in "30s", "5m" or "1h 30m"'
    assert found["escalation.quiet.repeat"] == 'is no length of time: as in "5m"; or "never"'
    assert {key for key in found if "repeat" in key} == {"escalation.emergency.repeat", "escalation.quiet.repeat"}
    assert 'is too short: "10s" or longer, or "never"' in found["escalation.emergency.repeat"]


def test_steps_stand_in_the_order_of_time_and_the_first_comes_at_once(tmp_path: Path) -> None:
    steps = ", ".join(f'{{ after = "{after}", tell = ["rooms"] }}' for after in ("1m", "30s", "30s"))
    found = said(tmp_path, f"[escalation.default]\nsteps = [{steps}]\n")
    assert found == {
        "escalation.default.steps.0.after": 'is too late: the first step comes at once: "0s"',
        "escalation.default.steps.1.after": "is out of order: more than the 1m of the step before",
        "escalation.default.steps.2.after": "is out of order: more than the 30s of the step before",
    }


def test_a_severity_has_one_policy_and_a_step_rooms_that_there_are(tmp_path: Path) -> None:
    assert said(
        tmp_path, '[escalation.a]\nseverities = ["info", "critical"]\n[escalation.b]\nseverities = ["critical"]\n'
    ) == {"escalation.b.severities": "has critical, and so has [escalation.a]: one policy for each severity"}
    steps = 'steps = [{ after = "0s", tell = ["room:Ops", "room:opps", "person:ada"] }]\n'
    assert said(tmp_path, f"{OPS}[escalation.default]\n{steps}") == {
        "escalation.default.steps.0.tell.1": "names what is in no [[rooms]]: one of ops"
    }


def test_people_are_on_call_in_turn(tmp_path: Path) -> None:
    settings = read(tmp_path, '[desk]\ntimezone = "Europe/Berlin"\n[oncall]\npeople = ["ada", "bob"]\n')
    assert settings.rotation() == Rotation(("ada", "bob"), date(2024, 1, 1), 0, time(9), ZoneInfo("Europe/Berlin"))
    settings = read(
        tmp_path,
        '[oncall]\npeople = ["ada"]\nhandover = "Sunday 2:30"\ntimezone = "America/New_York"\nweeks = 2\n'
        "starts = 2026-05-04\n",
    )
    assert settings.rotation() == Rotation(("ada",), date(2026, 5, 4), 6, time(2, 30), ZoneInfo("America/New_York"), 2)


@pytest.mark.parametrize("handover", ["monday", "09:00", "mon 09:00", "monday 24:00", "monday 9:60", "monday 9"])
def test_a_hand_over_is_a_day_and_a_time(tmp_path: Path, handover: str) -> None:
    found = said(
        tmp_path, f'[oncall]\nhandover = "{handover}"\ntimezone = "Europe/Berln"\nweeks = 0\npeople = ["a b"]\n'
    )
    assert found["oncall.handover"] == 'is no day and time of a week: a day and a time, as in "monday 09:00"'
    assert found["oncall.timezone"] == "is no IANA time zone: did you mean Europe/Berlin?"
    assert set(found) == {"oncall.handover", "oncall.timezone", "oncall.weeks", "oncall.people.0"}


def test_a_room_is_quiet_in_its_own_zone(tmp_path: Path) -> None:
    settings = read(tmp_path, OPS + 'quiet = "22:00 - 7:00"\ntimezone = "Australia/Lord_Howe"\n')
    (room,) = settings.rooms
    assert room.quiet == "22:00-07:00"
    assert settings.quiet_hours(room) == QuietHours(time(22), time(7), ZoneInfo("Australia/Lord_Howe"))


def test_hours_that_are_none_are_refused(tmp_path: Path) -> None:
    assert said(tmp_path, OPS + 'quiet = "at night"\n')["rooms.0.quiet"].endswith(
        'are no hours: two times of the day, as in "22:00-07:00"'
    )
    assert "would never end" in said(tmp_path, OPS + 'quiet = "07:00-07:00"\n')["rooms.0.quiet"]


def test_the_first_line_of_alerts_is_worded_by_rule_and_severity(tmp_path: Path) -> None:
    text = '[alerts.templates]\ndefault = "{rule} {where}"\ndivergence = { warning = "{where}: {what}" }\n'
    settings = read(tmp_path, OPS + text)
    assert settings.alerts.templates == {"default": "{rule} {where}", "divergence.warning": "{where}: {what}"}


def test_a_template_that_would_fail_at_night_is_found_at_the_start(tmp_path: Path) -> None:
    text = (
        '[alerts.templates]\ndefault = "{wher}"\nno_rule = "{what}"\ndivergence = 3\n'
        'health_factor = { critical = "{what", bad = "x" }\n'
    )
    found = said(tmp_path, OPS + text)
    assert found["alerts.templates.default"].startswith("names {wher}: a line with some of {sign}, {severity}")
    assert found["alerts.templates.no_rule"].startswith("is no rule: one of circuit_breaker")
    assert found["alerts.templates.health_factor.critical"].startswith("cannot be read")
    assert found["alerts.templates.health_factor.bad"].startswith("is no severity: one of info")
    assert found["alerts.templates.divergence"].startswith("is no text")
