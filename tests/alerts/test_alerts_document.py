"""What docs/alerts.md says of the rules is what they are."""

from pathlib import Path

from alerts.amending import METRICS
from alerts.durations import duration_text
from alerts.rules.data import QUOTES_AT
from alerts.rules.session import TRANSACTION_FAILURE
from alerts.severity import Severity
from alerts.terms import DEFAULTS, YES_NO, Band, Terms

DOCUMENT = (Path(__file__).parents[2] / "docs" / "alerts.md").read_text("utf-8")


def thresholds(band: Band) -> str:
    at = " / ".join(f"{band.at[one]:g}" for one in Severity if one in band.at)
    unit = METRICS[band.metric].unit if band.metric in METRICS else ""
    return {YES_NO: "as said"}.get(band.metric, f"`{band.metric}` {'≥' if band.above else '<'} {at} {unit}".strip())


def severities(terms: Terms) -> str:
    return " / ".join(terms.severities)


def throttles(terms: Terms) -> str:
    each = [terms.throttle(one) for one in terms.severities]
    return " / ".join("none" if one is None else duration_text(one) for one in each)


def row(terms: Terms) -> str:
    cells = (
        f"`{terms.rule}`",
        severities(terms),
        "; ".join(map(thresholds, terms.bands)) or "-",
        duration_text(terms.holds),
        f"{terms.clear:g}",
        duration_text(terms.dwell),
        throttles(terms),
    )
    return f"| {' | '.join(cells)} |"


def test_every_default_stands_in_the_document() -> None:
    missing = [line for line in map(row, DEFAULTS.values()) if line not in DOCUMENT]
    assert not missing, "\n".join(missing)


def test_the_document_knows_no_rule_that_is_not_there() -> None:
    lines = [line for line in DOCUMENT.splitlines() if line.startswith("| `")]
    named = [line.split("`")[1] for line in lines if line.count("|") == 8]
    assert named == list(DEFAULTS)


def test_what_a_bot_author_has_to_say_is_named() -> None:
    assert f'data={{"{TRANSACTION_FAILURE}": True' in DOCUMENT
    assert f"`{QUOTES_AT}`" in DOCUMENT


def test_the_example_of_a_rule_runs() -> None:
    _, _, rest = DOCUMENT.partition("```python\n")
    code, _, _ = rest.partition("```")
    found: dict[str, object] = {}
    exec(compile(code, "docs/alerts.md", "exec"), found)
    assert "slippage" in found["book"].terms  # type: ignore[attr-defined]
