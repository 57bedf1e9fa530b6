"""Alerts: what fires, how it went on, who was told of it, and what people have said about all that."""

from chatops.storage.migrations.script import run_script

revision = "0011"
down_revision = "0010"

_SEVERITY = "text NOT NULL CHECK ({} IN ('info', 'warning', 'critical', 'emergency'))"

ALERTS = f"""
CREATE TABLE alerts (
    id uuid PRIMARY KEY,
    number bigint NOT NULL UNIQUE CHECK (number > 0),
    rule text NOT NULL,
    bot text NOT NULL,
    subject text NOT NULL,
    severity {_SEVERITY.format("severity")},
    peak {_SEVERITY.format("peak")},
    epoch integer NOT NULL CHECK (epoch > 0),
    began_at timestamptz NOT NULL,
    rose_at timestamptz NOT NULL,
    read_at timestamptz NOT NULL,
    reading jsonb NOT NULL,
    policy jsonb NOT NULL,
    progress jsonb NOT NULL,
    ack_epoch integer,
    ack_by text,
    ack_at timestamptz,
    ack_until timestamptz,
    ack_asked_again boolean,
    resolved_at timestamptz,
    ended text,
    is_drill boolean NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    CHECK ((resolved_at IS NULL) = (ended IS NULL)),
    CHECK (num_nulls(ack_epoch, ack_by, ack_at, ack_until, ack_asked_again) IN (0, 5))
) WITH (fillfactor = 70);
COMMENT ON TABLE alerts IS 'One thing wrong with one subject, from its first firing to its resolution.';
COMMENT ON COLUMN alerts.number IS 'What people type.';
COMMENT ON COLUMN alerts.rose_at IS 'When its severity epoch began: escalation counts from here.';
COMMENT ON COLUMN alerts.policy IS 'As it was when the epoch began.';
COMMENT ON COLUMN alerts.progress IS 'How far escalation has come: all that was due was told, or held for a reason.';
COMMENT ON COLUMN alerts.version IS 'Counts its steps: a worker that goes on from an older one is refused.';
CREATE UNIQUE INDEX alerts_open ON alerts (rule, bot, subject) WHERE resolved_at IS NULL;
CREATE INDEX alerts_resolved ON alerts (resolved_at) WHERE resolved_at IS NOT NULL;
CREATE INDEX alerts_began ON alerts (began_at);

CREATE TABLE alert_steps (
    alert_id uuid NOT NULL REFERENCES alerts ON DELETE CASCADE,
    version integer NOT NULL,
    digest text NOT NULL,
    PRIMARY KEY (alert_id, version)
);
COMMENT ON TABLE alert_steps IS 'What was stored as which version, so that the same step again is known.';

CREATE TABLE alert_joined (
    id uuid PRIMARY KEY,
    alert_id uuid NOT NULL REFERENCES alerts ON DELETE CASCADE,
    version integer NOT NULL,
    epochs integer NOT NULL
);
COMMENT ON TABLE alert_joined IS
    'An alert that began while one of its key was open, unknown to the worker, and the one that it is part of.';
COMMENT ON COLUMN alert_joined.version IS 'How far it has come under its own id.';
COMMENT ON COLUMN alert_joined.epochs IS 'To be added to its own epochs.';
CREATE INDEX alert_joined_to ON alert_joined (alert_id);

CREATE TABLE alert_events (
    alert_id uuid NOT NULL REFERENCES alerts ON DELETE CASCADE,
    seq bigint GENERATED ALWAYS AS IDENTITY,
    at timestamptz NOT NULL,
    step text NOT NULL,
    by text NOT NULL,
    reason text NOT NULL,
    severity text,
    PRIMARY KEY (alert_id, seq)
);
COMMENT ON TABLE alert_events IS 'The life of an alert, a line a row.';

CREATE TABLE alert_tellings (
    alert_id uuid NOT NULL REFERENCES alerts ON DELETE CASCADE,
    seq bigint GENERATED ALWAYS AS IDENTITY,
    at timestamptz NOT NULL,
    kind text NOT NULL,
    target text NOT NULL,
    form text NOT NULL,
    why text NOT NULL,
    reason text NOT NULL,
    epoch integer NOT NULL,
    severity text,
    deliveries uuid[] NOT NULL,
    PRIMARY KEY (alert_id, seq)
);
COMMENT ON TABLE alert_tellings IS 'Who was told what of an alert, when and why.';
COMMENT ON COLUMN alert_tellings.severity IS 'Null where it was told that it is resolved.';
COMMENT ON COLUMN alert_tellings.deliveries IS 'What carried it; they are forgotten sooner than the alert.';

CREATE TABLE alert_told (
    alert_id uuid NOT NULL REFERENCES alerts ON DELETE CASCADE,
    kind text NOT NULL,
    target text NOT NULL,
    epoch integer NOT NULL,
    severity text,
    at timestamptz NOT NULL,
    room double precision,
    aloud boolean NOT NULL,
    acknowledged boolean NOT NULL,
    PRIMARY KEY (alert_id, kind, target)
) WITH (fillfactor = 70);
COMMENT ON TABLE alert_told IS 'The last that each target heard of an alert: what is told next goes by this.';
COMMENT ON COLUMN alert_told.severity IS 'Null where it was told that it is resolved.';
COMMENT ON COLUMN alert_told.room IS 'What was left until liquidation then, as a fraction.';
CREATE INDEX alert_told_standing ON alert_told (alert_id) WHERE severity IS NOT NULL;

CREATE TABLE alert_worker (
    id smallint PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    fence bigint NOT NULL,
    taken_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE alert_worker IS 'Who takes alerts further: whoever took over last. Its row is the lock of them all.';
INSERT INTO alert_worker (fence) VALUES (0);
"""  # noqa: S608 - put together from our own parts

SAID = f"""
CREATE TABLE silences (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    by text NOT NULL,
    made_at timestamptz NOT NULL,
    until timestamptz NOT NULL,
    up_to {_SEVERITY.format("up_to")},
    rule text NOT NULL,
    bot text NOT NULL,
    subject text NOT NULL,
    alert_id uuid,
    reason text NOT NULL,
    known jsonb NOT NULL,
    lifted_by text
);
COMMENT ON TABLE silences IS 'Who wants not to be told of what, and until when.';
COMMENT ON COLUMN silences.known IS 'The alerts that were open when it was made, each with the severity it had.';
COMMENT ON COLUMN silences.lifted_by IS 'Who ended it before its time.';
CREATE INDEX silences_until ON silences (until);

CREATE TABLE oncall_overrides (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    who text NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL CHECK (ends_at > starts_at),
    by text NOT NULL,
    at timestamptz NOT NULL,
    removed_by text
);
COMMENT ON TABLE oncall_overrides IS 'Who is on call instead of whom the rotation says.';
CREATE INDEX oncall_overrides_ends ON oncall_overrides (ends_at);

CREATE TABLE rule_changes (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    rule text NOT NULL,
    key text NOT NULL,
    value text,
    by text NOT NULL,
    at timestamptz NOT NULL
);
COMMENT ON TABLE rule_changes IS 'What was changed of the rules from chat, over the settings: the newest holds.';
COMMENT ON COLUMN rule_changes.value IS 'Null: as the settings have it again.';
CREATE INDEX rule_changes_key ON rule_changes (rule, key, seq);
"""


def upgrade() -> None:
    for script in (ALERTS, SAID):
        run_script(script)
