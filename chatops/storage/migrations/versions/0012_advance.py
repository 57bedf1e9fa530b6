"""A step of many alerts at once, with all that is told because of it: stored by one statement, or not at all."""

from chatops.storage.migrations.script import run_script

revision = "0012"
down_revision = "0011"

_ALERT = """
    id uuid, number bigint, rule text, bot text, subject text, severity text, peak text, epoch integer,
    began_at timestamptz, rose_at timestamptz, read_at timestamptz, reading jsonb, policy jsonb, progress jsonb,
    ack_epoch integer, ack_by text, ack_at timestamptz, ack_until timestamptz,
    ack_asked_again boolean, resolved_at timestamptz, ended text, is_drill boolean, version integer"""
_IS_NEW = "verdicts ->> {} IN ('begins', 'goes on')"

# The settings: a plan is made once a connection, perhaps while the tables are empty, and has to serve full ones too.
# One look judges all steps before any is written: all are stored, or none.
ADVANCE = f"""
CREATE FUNCTION advance_alerts(
    by_fence bigint, steps jsonb, events jsonb, tellings jsonb, told jsonb, owed jsonb, minted jsonb, files bytea[]
) RETURNS TABLE (id uuid, verdict text, number bigint, version integer)
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET jit = off
AS $body$
#variable_conflict use_column
DECLARE
    newest bigint;
    verdicts jsonb;
    highest bigint;
BEGIN
    -- The lock as well: two that store the same at one moment would both find that it is not there.
    SELECT w.fence INTO newest FROM alert_worker AS w FOR NO KEY UPDATE;
    IF by_fence < newest THEN
        RETURN QUERY SELECT NULL::uuid, 'overtaken', NULL::bigint, NULL::integer;
        RETURN;
    END IF;

    SELECT jsonb_object_agg(s.id::text, CASE
        WHEN a.version = s.was THEN 'goes on'
        WHEN a.id IS NOT NULL THEN CASE WHEN EXISTS (
            SELECT FROM alert_steps AS d
            WHERE d.alert_id = s.id AND d.version = s.version AND d.digest = s.digest
        ) THEN 'again' ELSE 'overtaken' END
        WHEN j.version >= s.version THEN 'again'
        WHEN j.version = s.was THEN 'joins'
        WHEN j.id IS NOT NULL OR s.was > 0 THEN 'overtaken'
        WHEN EXISTS (
            SELECT FROM alerts AS o
            WHERE o.rule = s.rule AND o.bot = s.bot AND o.subject = s.subject AND o.resolved_at IS NULL
        ) THEN 'joins'
        ELSE 'begins'
    END) INTO verdicts
    FROM jsonb_to_recordset(steps) AS s (
            id uuid, rule text, bot text, subject text, version integer, was integer, digest text)
        LEFT JOIN alerts AS a ON a.id = s.id
        LEFT JOIN alert_joined AS j ON j.id = s.id;

    IF EXISTS (SELECT FROM jsonb_each_text(verdicts) AS v WHERE v.value IN ('begins', 'goes on'))
        AND NOT EXISTS (SELECT FROM jsonb_each_text(verdicts) AS v WHERE v.value IN ('overtaken', 'joins'))
    THEN
        UPDATE alerts AS a
        SET severity = s.severity, peak = s.peak, epoch = s.epoch, rose_at = s.rose_at, read_at = s.read_at,
            reading = s.reading, policy = s.policy, progress = s.progress,
            ack_epoch = s.ack_epoch, ack_by = s.ack_by, ack_at = s.ack_at, ack_until = s.ack_until,
            ack_asked_again = s.ack_asked_again, resolved_at = s.resolved_at, ended = s.ended,
            is_drill = s.is_drill, version = s.version
        FROM jsonb_to_recordset(steps) AS s ({_ALERT})
        WHERE a.id = s.id AND verdicts ->> s.id::text = 'goes on';

        IF EXISTS (SELECT FROM jsonb_each_text(verdicts) AS v WHERE v.value = 'begins') THEN
            SELECT coalesce(max(a.number), 0) INTO highest FROM alerts AS a;
            SELECT greatest(highest, max(s.number)) INTO highest FROM jsonb_to_recordset(steps) AS s (number bigint);
            INSERT INTO alerts (
                id, number, rule, bot, subject, severity, peak, epoch, began_at, rose_at, read_at, reading, policy,
                progress, ack_epoch, ack_by, ack_at, ack_until, ack_asked_again, resolved_at, ended,
                is_drill, version)
            SELECT s.id,
                -- A worker that began without us does not know which are taken.
                CASE WHEN t.is_taken
                    THEN highest + row_number() OVER (PARTITION BY t.is_taken ORDER BY s.began_at, s.id)
                    ELSE s.number END,
                s.rule, s.bot, s.subject, s.severity, s.peak, s.epoch, s.began_at, s.rose_at, s.read_at, s.reading,
                s.policy, s.progress, s.ack_epoch, s.ack_by, s.ack_at, s.ack_until, s.ack_asked_again,
                s.resolved_at, s.ended, s.is_drill, s.version
            FROM jsonb_to_recordset(steps) AS s ({_ALERT}), LATERAL (
                SELECT s.number < 1 OR EXISTS (SELECT FROM alerts AS a WHERE a.number = s.number) AS is_taken) AS t
            WHERE verdicts ->> s.id::text = 'begins';
        END IF;

        INSERT INTO alert_steps (alert_id, version, digest)
        SELECT s.id, s.version, s.digest FROM jsonb_to_recordset(steps) AS s (id uuid, version integer, digest text)
        WHERE {_IS_NEW.format("s.id::text")};

        INSERT INTO alert_joined AS j (id, alert_id, version, epochs)
        SELECT s.joined, s.id, s.joined_version, s.joined_epochs
        FROM jsonb_to_recordset(steps) AS s (id uuid, joined uuid, joined_version integer, joined_epochs integer)
        WHERE s.joined IS NOT NULL AND {_IS_NEW.format("s.id::text")}
        ON CONFLICT (id) DO UPDATE SET version = excluded.version;

        INSERT INTO alert_events (alert_id, at, step, by, reason, severity)
        SELECT e.alert, e.at, e.step, e.by, e.reason, e.severity
        FROM jsonb_array_elements(events) WITH ORDINALITY AS given (element, place),
            LATERAL jsonb_to_record(given.element) AS e (
                alert uuid, at timestamptz, step text, by text, reason text, severity text)
        WHERE {_IS_NEW.format("e.alert::text")}
        ORDER BY given.place;

        INSERT INTO alert_tellings (alert_id, at, kind, target, form, why, reason, epoch, severity, deliveries)
        SELECT t.alert, t.at, t.kind, t.target, t.form, t.why, t.reason, t.epoch, t.severity, t.deliveries
        FROM jsonb_array_elements(tellings) WITH ORDINALITY AS given (element, place),
            LATERAL jsonb_to_record(given.element) AS t (
                alert uuid, at timestamptz, kind text, target text, form text, why text, reason text, epoch integer,
                severity text, deliveries uuid[])
        WHERE {_IS_NEW.format("t.alert::text")}
        ORDER BY given.place;

        INSERT INTO alert_told AS o (alert_id, kind, target, epoch, severity, at, room, aloud, acknowledged)
        SELECT t.alert, t.kind, t.target, t.epoch, t.severity, t.at, t.room, t.aloud, t.acknowledged
        FROM jsonb_to_recordset(told) AS t (
            alert uuid, kind text, target text, epoch integer, severity text, at timestamptz, room double precision,
            aloud boolean, acknowledged boolean)
        WHERE {_IS_NEW.format("t.alert::text")}
        ON CONFLICT (alert_id, kind, target) DO UPDATE
        SET epoch = excluded.epoch, severity = excluded.severity, at = excluded.at, room = excluded.room,
            aloud = excluded.aloud, acknowledged = excluded.acknowledged;

        PERFORM mint(minted);
        IF owed IS NOT NULL THEN
            PERFORM store_deliveries(owed, NULL, files);
        END IF;
    END IF;

    RETURN QUERY
    SELECT s.id, verdicts ->> s.id::text, a.number, a.version
    FROM jsonb_to_recordset(steps) AS s (id uuid) LEFT JOIN alerts AS a ON a.id = s.id;
END
$body$;
COMMENT ON FUNCTION advance_alerts IS
    'Steps of alerts, each of another key, with all that is told because of them. One that is there already changes '
    'nothing. Where a verdict is overtaken (a newer worker, another step), or joins (it began while one of its key was '
    'open), nothing is written.';
"""  # noqa: S608 - put together from our own parts


def upgrade() -> None:
    run_script(ADVANCE)
