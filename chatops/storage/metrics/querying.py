"""How a tier is read: its own rows, those of the coarser where it is forgotten, and the newest from the finer.

Of a window that is marked, nothing is read from the tier itself, and of one that is not, nothing from the finer: each
row counts once. All in one statement, so that nobody rolls up or forgets between two looks.
"""

from chatops.storage.metrics.tiers import STEPS, TIERS, Tier, kept_from

#: $1 bot, $2 metric, $3 and $4 the span, $5 subject or null. A row a series, its windows as arrays, in any order.
_QUERY = """
WITH wanted AS MATERIALIZED (
    SELECT array_agg(id) AS ids FROM metric_series WHERE bot = $1 AND metric = $2 AND ($5::text IS NULL OR subject = $5)
){marks}
SELECT s.subject, a.*
FROM (
    SELECT series, array_agg(at), array_agg(average), array_agg(minimum), array_agg(maximum), array_agg(last),
        array_agg(count)
    FROM ({parts}
    ) AS rows GROUP BY series
) AS a JOIN metric_series AS s ON s.id = a.series
ORDER BY s.subject
"""
_MARKED = """
marked_{tier} AS MATERIALIZED (
    SELECT DISTINCT at FROM metric_marks
    WHERE tier = '{tier}' AND at >= $3 AND at < $4::timestamptz + {interval}
        AND series && (SELECT ids FROM wanted){finer}
)"""
_MARKED_FINER = """
    UNION SELECT {window} FROM marked_{finer}"""
_UNMARKED = " AND at NOT IN (SELECT at FROM marked_{tier})"
_THESE = "series = ANY ((SELECT ids FROM wanted)::integer[])"
_STORED = """
    SELECT series, at, average, minimum, maximum, last, count FROM {table}
    WHERE {these} AND at >= greatest($3, {kept_from}) AND at < {until}{unmarked}"""
_MADE = """
    SELECT series, {window} AS at, sum(average * count) / sum(count) AS average, min(minimum) AS minimum,
        max(maximum) AS maximum, (array_agg(last ORDER BY at DESC))[1] AS last, sum(count)::integer AS count
    FROM ({parts}
    ) AS finer
    WHERE {window} >= $3 AND {window} < $4
    GROUP BY series, 2"""
_FINER = """
        SELECT m.series, m.at, m.average, m.minimum, m.maximum, m.last, m.count
        FROM marked_{coarser} AS w CROSS JOIN LATERAL (
            SELECT * FROM {table} WHERE {these} AND at >= w.at AND at < w.at + {interval}{unmarked}
        ) AS m"""


def _query(place: int) -> str:
    tier = TIERS[place]
    parts = [_stored(tier, "$4", marked=place > 0)]
    parts += (
        _stored(coarser, f"least($4, {kept_from(before)})", marked=False)
        for before, coarser in zip(TIERS[place:], TIERS[place + 1 :], strict=False)
    )
    if place:
        parts.append(_made(place))
    marks = "".join(_marked(one, tier) for one in range(1, place + 1))
    return _QUERY.format(marks=marks, parts="\n    UNION ALL".join(parts))


def _stored(tier: Tier, until: str, *, marked: bool) -> str:
    return _STORED.format(
        table=tier.table,
        these=_THESE,
        kept_from=kept_from(tier),
        until=until,
        unmarked=_unmarked(tier) if marked else "",
    )


def _unmarked(tier: Tier) -> str:
    return _UNMARKED.format(tier=tier.name)


def _marked(place: int, widest: Tier) -> str:
    tier, finer = TIERS[place], TIERS[place - 1]
    unioned = _MARKED_FINER.format(window=tier.window("at"), finer=finer.name) if place > 1 else ""
    return "," + _MARKED.format(tier=tier.name, interval=widest.interval, finer=unioned)


def _made(place: int) -> str:
    parts = (
        _FINER.format(
            coarser=coarser.name,
            table=tier.table,
            these=_THESE,
            interval=coarser.interval,
            unmarked=_unmarked(tier) if tier is not TIERS[0] else "",
        )
        for tier, coarser in STEPS[:place]
    )
    return _MADE.format(window=TIERS[place].window("at"), parts="\n        UNION ALL".join(parts))


#: By the name of the tier.
QUERIES = {tier.name: _query(place) for place, tier in enumerate(TIERS)}
