"""Which hours of history were written to, so that what was read of an hour is known to be so still."""

from chatops.storage.migrations.script import run_script

revision = "0018"
down_revision = "0017"

HOURS = """
CREATE TABLE history_hours (
    bot text NOT NULL,
    hour timestamptz NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (bot, hour)
) WITH (fillfactor = 50);
COMMENT ON TABLE history_hours IS
    'Of each hour (UTC) of a bot a number that grows with every statement that wrote samples, bookings, payments or '
    'trades of it: whoever read them once need not read them again while it stands.';
COMMENT ON COLUMN history_hours.version IS
    'Grows by chance, so that no number comes twice where an older backup was restored and went on otherwise.';
"""

#: With the moment that tells of which hour a row is.
TABLES = {"samples": "minute", "bookings": "at", "funding_payments": "at", "trades": "closed_at"}

# By the tables themselves: no writer can forget it, and it is in one transaction with what is written.
_MARK = """
CREATE FUNCTION mark_{table}() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    INSERT INTO history_hours AS h (bot, hour, version)
    SELECT bot, date_bin('1 hour', {moment}, 'epoch'), 1 + (random() * 1000000)::bigint FROM touched
    GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT (bot, hour) DO UPDATE SET version = h.version + excluded.version;
    RETURN NULL;
END
$body$;
CREATE TRIGGER mark_new AFTER INSERT ON {table}
    REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION mark_{table}();
CREATE TRIGGER mark_changed AFTER UPDATE ON {table}
    REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION mark_{table}();
CREATE TRIGGER mark_was AFTER UPDATE ON {table}
    REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION mark_{table}();
CREATE TRIGGER mark_gone AFTER DELETE ON {table}
    REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION mark_{table}();
"""


def upgrade() -> None:
    run_script(HOURS)
    for table, moment in TABLES.items():
        run_script(_MARK.format(table=table, moment=moment))
