"""What is measured of bots every minute, in four tiers, each coarser than the one before and kept longer."""

from chatops.storage.migrations.script import run_script

revision = "0015"
down_revision = "0014"

SERIES = """
CREATE TABLE metric_series (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    bot text NOT NULL,
    metric text NOT NULL,
    subject text NOT NULL,
    UNIQUE (bot, metric, subject)
);
COMMENT ON TABLE metric_series IS 'What is measured of what, by the number under which its rows stand.';

CREATE TABLE metric_tiers (
    tier text PRIMARY KEY,
    kept_from timestamptz NOT NULL DEFAULT '-infinity'
);
COMMENT ON TABLE metric_tiers IS 'How far back each tier reaches.';
COMMENT ON COLUMN metric_tiers.kept_from IS
    'What is older is not in this tier any more, even where rows of it are still to be deleted: the coarser has it.';
INSERT INTO metric_tiers (tier) VALUES ('1m'), ('5m'), ('1h'), ('1d');

CREATE TABLE metric_marks (
    tier text NOT NULL,
    at timestamptz NOT NULL,
    series integer[] NOT NULL
);
COMMENT ON TABLE metric_marks IS
    'Windows of a tier that are to be made, or made anew, since rows of the finer tier came into them.';
CREATE INDEX metric_marks_at ON metric_marks (tier, at);
"""

# Four tables, no column that says the tier: that would be eight bytes a row. By the year the rows of one chart then
# still stand close together. A row without a partition of its own time goes into the default one, so that whoever
# writes never waits for a table to be made.
TIER = """
CREATE TABLE metrics_{tier} (
    series integer NOT NULL,
    count integer NOT NULL CHECK (count > 0),
    at timestamptz NOT NULL,
    average double precision NOT NULL,
    minimum double precision NOT NULL,
    maximum double precision NOT NULL,
    last double precision NOT NULL,
    PRIMARY KEY (series, at)
) PARTITION BY RANGE (at);
COMMENT ON TABLE metrics_{tier} IS 'What each series was within windows of {words}.';
COMMENT ON COLUMN metrics_{tier}.count IS 'Of how many readings; the average goes by them.';
COMMENT ON COLUMN metrics_{tier}.at IS 'When the window begins.';
COMMENT ON COLUMN metrics_{tier}.last IS 'As it stood at the end of the window.';
CREATE TABLE metrics_{tier}_default PARTITION OF metrics_{tier} DEFAULT;
"""

METRICS = """
CREATE VIEW metrics AS
SELECT tier, bot, metric, subject, at, average, minimum, maximum, last, count
FROM (
    SELECT '1m' AS tier, * FROM metrics_1m
    UNION ALL SELECT '5m', * FROM metrics_5m
    UNION ALL SELECT '1h', * FROM metrics_1h
    UNION ALL SELECT '1d', * FROM metrics_1d
) AS rows JOIN metric_tiers USING (tier) JOIN metric_series ON metric_series.id = rows.series
WHERE at >= kept_from;
COMMENT ON VIEW metrics IS 'Every tier, for people: it shows what is rolled up already.';
"""


def upgrade() -> None:
    run_script(SERIES)
    for tier, words in (("1m", "a minute"), ("5m", "five minutes"), ("1h", "an hour"), ("1d", "a day, in UTC")):
        run_script(TIER.format(tier=tier, words=words))
    run_script(METRICS)
