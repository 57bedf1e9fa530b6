"""What docs/alerts.md says of webhooks is what they are."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from alerts.escalation import begun
from alerts.model import Acknowledgement, Alert, Figure, Key, Reading
from alerts.policy import DEFAULT
from alerts.severity import Severity
from chatops.adapters.webhook.signing import SIGNATURE, TIMESTAMP, signed
from chatops.views.alert_facts import alert_facts

DOCUMENT = (Path(__file__).parents[2] / "docs" / "alerts.md").read_text("utf-8")
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
KEY = Key("health_factor", "alpha", "SOL-1/bybit")
FOUND = Reading(KEY, 0.148, "health_factor", 0.148, "SOL-1", "HF 0.148", (Figure("HF", "0.148"),))
ALERT = Alert(
    UUID(int=1), 17, KEY, Severity.CRITICAL, Severity.CRITICAL, 1, NOON, NOON, FOUND, NOON, DEFAULT, begun(NOON)
)


def test_every_fact_of_an_alert_is_named() -> None:
    _, _, table = DOCUMENT.partition("| of `alert` | |\n")
    rows = table.partition("\n\n")[0].splitlines()[1:]
    named = [name for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[1])]
    assert sorted(named) == sorted(alert_facts(ALERT))


def test_the_example_knows_what_is_ours() -> None:
    code = next(code for code in re.findall(r"```python\n(.*?)```", DOCUMENT, re.DOTALL) if "is_ours" in code)
    found: dict[str, Any] = {}
    exec(compile(code, "docs/alerts.md", "exec"), found)
    is_ours: Callable[[str, str, str, bytes], bool] = found["is_ours"]
    body, now = b'{"title": "it fell"}', datetime.now(UTC)
    headers = signed("between us", body, now)
    assert is_ours("between us", headers[TIMESTAMP], headers[SIGNATURE], body)
    assert not is_ours("somebody else", headers[TIMESTAMP], headers[SIGNATURE], body)
    assert not is_ours("between us", headers[TIMESTAMP], headers[SIGNATURE], body + b" ")
    old = signed("between us", body, NOON)
    assert not is_ours("between us", old[TIMESTAMP], old[SIGNATURE], body)


def test_the_state_says_who_has_it() -> None:
    assert alert_facts(ALERT)["state"] == "open"
    taken = ALERT.acknowledge(Acknowledgement(1, "ada", NOON, NOON))
    facts = alert_facts(taken)
    assert (facts["state"], facts["acknowledged_by"]) == ("acknowledged", "ada")
    risen = replace(taken, epoch=2)
    assert alert_facts(risen)["state"] == "open"
    assert alert_facts(replace(risen, resolved_at=NOON))["state"] == "resolved"


def test_what_json_does_not_know_is_null() -> None:
    odd = replace(ALERT, reading=replace(FOUND, value=float("nan"), room=float("inf")))
    assert (alert_facts(odd)["value"], alert_facts(odd)["room"]) == (None, None)
