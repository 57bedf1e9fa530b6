"""What bots did and made over time. What grows lies in partitions by time: old ones are dropped, and not sifted."""

from chatops.storage.migrations.script import run_script

revision = "0014"
down_revision = "0013"

LIVES = """
CREATE TABLE history_heads (
    bot text PRIMARY KEY,
    session_id uuid NOT NULL,
    seq bigint NOT NULL,
    snapshot bytea NOT NULL,
    known jsonb NOT NULL
) WITH (fillfactor = 50);
COMMENT ON TABLE history_heads IS
    'Up to where each bot is recorded. What goes on from another place is refused: so nothing is stored twice.';
COMMENT ON COLUMN history_heads.snapshot IS 'JSON, its money as texts of all digits; zlib.';
COMMENT ON COLUMN history_heads.known IS 'What the recorder knows besides.';
-- They change every few seconds: in the row itself, not in a table beside it.
ALTER TABLE history_heads ALTER COLUMN snapshot SET STORAGE MAIN, ALTER COLUMN known SET STORAGE MAIN;

CREATE TABLE sessions (
    session_id uuid PRIMARY KEY,
    bot text NOT NULL,
    strategy text NOT NULL,
    version text NOT NULL,
    mode text NOT NULL,
    started_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    ended_at timestamptz
) WITH (fillfactor = 70);
COMMENT ON TABLE sessions IS 'Runs of bots, each from one start to its end.';
COMMENT ON COLUMN sessions.ended_at IS 'Null where nobody saw it end.';
CREATE INDEX sessions_bot ON sessions (bot, started_at);

CREATE TABLE snapshots (
    bot text NOT NULL,
    session_id uuid NOT NULL,
    seq bigint NOT NULL,
    at timestamptz NOT NULL,
    why text NOT NULL,
    lasts text NOT NULL,
    snapshot bytea NOT NULL
) PARTITION BY LIST (lasts);
COMMENT ON TABLE snapshots IS 'All that a bot said of itself at some moments.';
COMMENT ON COLUMN snapshots.lasts IS 'For how long it is kept.';
COMMENT ON COLUMN snapshots.snapshot IS 'As in history_heads.';
ALTER TABLE snapshots ALTER COLUMN snapshot SET STORAGE EXTERNAL;
CREATE INDEX snapshots_bot ON snapshots (bot, at);
CREATE INDEX snapshots_session ON snapshots (session_id, at);
CREATE TABLE snapshots_week PARTITION OF snapshots FOR VALUES IN ('week') PARTITION BY RANGE (at);
CREATE TABLE snapshots_season PARTITION OF snapshots FOR VALUES IN ('season') PARTITION BY RANGE (at);
CREATE TABLE snapshots_year PARTITION OF snapshots FOR VALUES IN ('year') PARTITION BY RANGE (at);
COMMENT ON TABLE snapshots_week IS 'The regular ones.';
COMMENT ON TABLE snapshots_season IS 'Of the regular ones, one of each 15 minutes.';
COMMENT ON TABLE snapshots_year IS 'Those at which something happened.';

CREATE TABLE events (
    bot text NOT NULL,
    session_id uuid NOT NULL,
    at timestamptz NOT NULL,
    category text NOT NULL,
    message text NOT NULL,
    position text NOT NULL
) PARTITION BY RANGE (at);
COMMENT ON TABLE events IS 'What bots told, a line of their timeline each, and positions that changed their stage.';
CREATE INDEX events_bot ON events (bot, at);
"""

_ORIGIN = """bot text NOT NULL,
    position text NOT NULL,
    asset text NOT NULL,
    strategy text NOT NULL,
    lane text NOT NULL"""

MONEY = f"""
CREATE TABLE trades (
    id text NOT NULL,
    {_ORIGIN},
    opened_at timestamptz NOT NULL,
    closed_at timestamptz NOT NULL,
    realized numeric NOT NULL,
    funding numeric NOT NULL,
    fees numeric NOT NULL,
    deployed numeric NOT NULL,
    slippage numeric,
    legs jsonb NOT NULL,
    reason text NOT NULL
);
COMMENT ON TABLE trades IS
    'Positions that were closed, each with all that it made, USD. What is counted are bookings and payments.';
COMMENT ON COLUMN trades.legs IS
    'Venue, instrument, side, realized, funding and fees of each, money as texts of all digits.';
CREATE INDEX trades_bot ON trades (bot, closed_at);
CREATE INDEX trades_position ON trades (position);

CREATE TABLE bookings (
    {_ORIGIN},
    venue text NOT NULL,
    at timestamptz NOT NULL,
    realized numeric NOT NULL,
    fees numeric NOT NULL
) PARTITION BY RANGE (at);
COMMENT ON TABLE bookings IS 'What orders that were filled booked, USD; a positive fee is paid.';
CREATE INDEX bookings_bot ON bookings (bot, at);

CREATE TABLE funding_payments (
    {_ORIGIN},
    venue text NOT NULL,
    at timestamptz NOT NULL,
    actual numeric NOT NULL,
    expected numeric
) PARTITION BY RANGE (at);
COMMENT ON TABLE funding_payments IS
    'Funding that legs received (positive) or paid, and the interest of borrowed ones, USD.';
COMMENT ON COLUMN funding_payments.expected IS 'Null where none was foretold, as of interest.';
CREATE INDEX funding_payments_bot ON funding_payments (bot, at);

CREATE TABLE samples (
    bot text NOT NULL,
    minute timestamptz NOT NULL,
    at timestamptz NOT NULL,
    equity numeric NOT NULL,
    unrealized numeric NOT NULL,
    deposits numeric NOT NULL,
    PRIMARY KEY (bot, minute)
) PARTITION BY RANGE (minute);
COMMENT ON TABLE samples IS 'How bots stood: the last of each minute; of long ago, the last of each 15 minutes.';
COMMENT ON COLUMN samples.at IS 'The very moment.';

-- By itself: whoever draws a month reads a thousand samples, and the legs of two.
CREATE TABLE sample_legs (
    bot text NOT NULL,
    minute timestamptz NOT NULL,
    legs bytea NOT NULL,
    PRIMARY KEY (bot, minute)
) PARTITION BY RANGE (minute);
COMMENT ON TABLE sample_legs IS 'What was held at a sample; of long ago, at the last of each half hour.';
COMMENT ON COLUMN sample_legs.legs IS
    'Position, asset, strategy, lane, venue and unrealized of each, money as texts of all digits; JSON, zlib.';
ALTER TABLE sample_legs ALTER COLUMN legs SET STORAGE EXTERNAL;

CREATE TABLE transfers (
    bot text NOT NULL,
    at timestamptz NOT NULL,
    amount numeric NOT NULL,
    reason text NOT NULL
);
COMMENT ON TABLE transfers IS 'Money put in (positive) and taken out, USD; what a bot begins with is its first.';
CREATE INDEX transfers_bot ON transfers (bot, at);

CREATE TABLE gaps (
    bot text NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL CHECK (ends_at >= starts_at),
    PRIMARY KEY (bot, starts_at)
);
COMMENT ON TABLE gaps IS 'Times in which nobody saw a bot, whether it was down or we were.';
"""

# Made beside and attached, since PARTITION OF would lock out whoever reads or writes the others.
PARTITIONS = """
CREATE FUNCTION make_history_partition(parent text, moment timestamptz) RETURNS void
LANGUAGE plpgsql SET timezone = 'UTC' AS $body$
DECLARE
    is_day boolean := parent = 'snapshots_week';
    first timestamptz := date_trunc(CASE WHEN is_day THEN 'day' ELSE 'month' END, moment);
    after timestamptz := first + CASE WHEN is_day THEN interval '1 day' ELSE interval '1 month' END;
    name text := parent || to_char(first, CASE WHEN is_day THEN '_YYYY_MM_DD' ELSE '_YYYY_MM' END);
    -- The newest of these are written anew every few seconds.
    settings text := CASE WHEN parent IN ('samples', 'sample_legs') THEN 'WITH (fillfactor = 80)' ELSE '' END;
BEGIN
    IF to_regclass(quote_ident(name)) IS NOT NULL THEN
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('make_history_partition'));
    IF to_regclass(quote_ident(name)) IS NOT NULL THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL) %s', name, parent, settings);
    EXECUTE format(
        'ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
        parent, name, first, after);
END
$body$;
COMMENT ON FUNCTION make_history_partition IS
    'Makes the partition of a table of history for the month that a moment is in (UTC; a day of snapshots_week), '
    'where it is not there yet.';
"""


def upgrade() -> None:
    for script in (LIVES, MONEY, PARTITIONS):
        run_script(script)
