"""What became of alerts: one of them whole, and how fast people were."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from pydantic import TypeAdapter

from alerts.model import AlertEvent
from alerts.severity import Severity
from chatops.alert_record import History, Pace, Rang, Said
from chatops.money.spans import Span
from chatops.reported import Tally
from chatops.storage.alert_rows import OPEN, open_of
from chatops.storage.database import Database

_EVENTS, _SAID = TypeAdapter(tuple[AlertEvent, ...]), TypeAdapter(tuple[Said, ...])

#: Of one alert that stood for days there are many more: every evaluation of an emergency may be told.
MOST = 1_000

_WHOLE = f"""
SELECT found.*, (
    SELECT coalesce(jsonb_agg(to_jsonb(e) ORDER BY e.seq), '[]') FROM (
        SELECT * FROM alert_events AS all_of WHERE all_of.alert_id = found.id ORDER BY seq DESC LIMIT $2) AS e
) AS events, (
    SELECT coalesce(jsonb_agg(
        to_jsonb(t) || jsonb_build_object(
            'target', jsonb_build_object('kind', t.kind, 'name', t.target),
            'carried_by', (
                SELECT coalesce(jsonb_agg(jsonb_build_object(
                    'id', d.id, 'platform', d.platform, 'room', d.room, 'state', d.state, 'sent_at', d.sent_at,
                    'reason', d.reason) ORDER BY d.seq), '[]')
                FROM deliveries AS d WHERE d.id = ANY (t.deliveries)))
        ORDER BY t.seq), '[]')
    FROM (
        SELECT * FROM alert_tellings AS all_of WHERE all_of.alert_id = found.id ORDER BY seq DESC LIMIT $2) AS t
) AS said
FROM ({OPEN} WHERE a.number = $1) AS found
"""  # noqa: S608 - put together from our own parts

_PACE = """
WITH counted AS (
    SELECT a.rule, a.peak, a.resolved_at - a.began_at AS to_resolve, (
        SELECT min(e.at) FROM alert_events AS e WHERE e.alert_id = a.id AND e.step = 'acknowledged'
    ) - a.began_at AS to_acknowledge
    FROM alerts AS a WHERE a.began_at > now() - $1::interval AND NOT a.is_drill
)
SELECT c.rule, count(*) AS count,
    (SELECT jsonb_object_agg(p.peak, p.count) FROM (
        SELECT i.peak, count(*) AS count FROM counted AS i WHERE i.rule = c.rule GROUP BY i.peak) AS p) AS by_peak,
    count(c.to_acknowledge) AS acknowledged, count(c.to_resolve) AS resolved,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY c.to_acknowledge) AS to_acknowledge,
    percentile_cont(0.9) WITHIN GROUP (ORDER BY c.to_acknowledge) AS to_acknowledge_p90,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY c.to_resolve) AS to_resolve,
    percentile_cont(0.9) WITHIN GROUP (ORDER BY c.to_resolve) AS to_resolve_p90
FROM counted AS c GROUP BY c.rule ORDER BY count(*) DESC, c.rule
"""

_RANG = """
SELECT a.number, a.rule, a.subject, e.severity, e.at, a.resolved_at
FROM alerts AS a JOIN alert_events AS e ON e.alert_id = a.id
WHERE a.bot = $1 AND (a.subject = $2 OR starts_with(a.subject, $2 || '/')) AND NOT a.is_drill
    AND e.step IN ('fired', 'rose') AND e.severity IS NOT NULL AND e.at >= $3 AND e.at < $4
ORDER BY e.at DESC, e.seq DESC LIMIT $5
"""

_TALLY = """
WITH counted AS (
    SELECT a.peak, (
        SELECT min(e.at) FROM alert_events AS e WHERE e.alert_id = a.id AND e.step = 'acknowledged'
    ) - a.began_at AS to_acknowledge
    FROM alerts AS a WHERE a.began_at >= $1 AND a.began_at < $2 AND a.bot = ANY ($3) AND NOT a.is_drill
)
SELECT (SELECT coalesce(jsonb_object_agg(p.peak, p.count), '{}') FROM (
        SELECT i.peak, count(*) AS count FROM counted AS i GROUP BY i.peak) AS p) AS by_peak,
    count(c.to_acknowledge) AS acknowledged,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY c.to_acknowledge) AS to_acknowledge
FROM counted AS c
"""


class AlertHistory:
    """Reads what is on record. Every method raises `DatabaseAway` where the database is."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def whole(self, number: int) -> History | None:
        """The alert of this number with the newest that happened to it, in order; None where there is none.

        Of events and of what was told at most `MOST` each.
        """
        row = await self._database.fetchrow(_WHOLE, number, MOST)
        if row is None:
            return None
        standing = open_of(row)
        return History(
            standing.alert,
            standing.told,
            _EVENTS.validate_python(row["events"]),
            _SAID.validate_python(row["said"]),
        )

    async def rang(self, bot: str, position: str, span: Span) -> tuple[Rang, ...]:
        """When alerts of a position and of its legs fired or got worse, oldest first; of many the newest `MOST`."""
        rows = await self._database.fetch(_RANG, bot, position, span.start, span.end, MOST)
        return tuple(Rang(**{**row, "severity": Severity(row["severity"])}) for row in reversed(rows))

    async def paces(self, days: int) -> list[Pace]:
        """By rule, of what began in the last days by the database's clock: what fired most first."""
        rows = await self._database.fetch(_PACE, timedelta(days=days))
        return [_pace(dict(row)) for row in rows]

    async def tally(self, bots: Collection[str], span: Span) -> Tally:
        """The alerts of these bots that began in a span; those of the desk itself are of the bot ""."""
        row = await self._database.fetchrow(_TALLY, span.start, span.end, list(bots))
        assert row is not None
        by_peak = {Severity(peak): count for peak, count in row["by_peak"].items()}
        return Tally(by_peak, row["acknowledged"], row["to_acknowledge"])


def _pace(row: dict[str, Any]) -> Pace:
    by_peak = {Severity(peak): count for peak, count in row.pop("by_peak").items()}
    return Pace(**row, by_peak=by_peak)
