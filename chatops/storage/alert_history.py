"""What became of alerts: one of them whole, and how fast people were."""

from datetime import timedelta
from typing import Any

from pydantic import TypeAdapter

from alerts.model import AlertEvent
from alerts.severity import Severity
from chatops.alert_record import History, Pace, Said
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

    async def paces(self, days: int) -> list[Pace]:
        """By rule, of what began in the last days by the database's clock: what fired most first."""
        rows = await self._database.fetch(_PACE, timedelta(days=days))
        return [_pace(dict(row)) for row in rows]


def _pace(row: dict[str, Any]) -> Pace:
    by_peak = {Severity(peak): count for peak, count in row.pop("by_peak").items()}
    return Pace(**row, by_peak=by_peak)
