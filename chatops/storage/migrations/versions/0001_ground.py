"""The ground: what came in, what was asked, what may be pressed, what is owed."""

from chatops.storage.migrations.script import run_script

revision = "0001"
down_revision = None

INBOX = """
CREATE TABLE inbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    platform text NOT NULL,
    update_id text NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    payload jsonb NOT NULL,
    command_id uuid NOT NULL UNIQUE,
    handled_at timestamptz,
    note text,
    UNIQUE (platform, update_id)
);
COMMENT ON TABLE inbox IS
    'What a platform handed over, stored before that is confirmed to it, handled once.';
COMMENT ON COLUMN inbox.command_id IS
    'The id that its ask has in command_log: handled again after a crash it is the same ask.';
COMMENT ON COLUMN inbox.note IS 'Why it was passed over, where it was.';
CREATE INDEX inbox_unhandled ON inbox (id) WHERE handled_at IS NULL;
"""

COMMAND_LOG = """
CREATE TABLE command_log (
    id uuid PRIMARY KEY,
    at timestamptz NOT NULL,
    platform text NOT NULL,
    principal text,
    sender_id text NOT NULL,
    room text NOT NULL,
    bot text,
    word text NOT NULL,
    arguments jsonb NOT NULL DEFAULT '{}',
    risk text,
    state text NOT NULL CHECK (state IN (
        'received', 'denied', 'misread', 'awaiting_confirmation', 'awaiting_approval',
        'expired', 'cancelled', 'running', 'finished')),
    outcome text CHECK (outcome IN ('done', 'partial', 'refused', 'failed', 'unknown')),
    answer text,
    latency_ms double precision CHECK (latency_ms >= 0),
    correlation_id text
);
COMMENT ON TABLE command_log IS
    'Every ask by anyone. State, outcome, answer and latency follow from command_events.';
COMMENT ON COLUMN command_log.principal IS 'Null where nobody we know asked.';
CREATE INDEX command_log_at ON command_log (at DESC);
CREATE INDEX command_log_unsettled ON command_log (state, at)
    WHERE state IN ('running', 'awaiting_confirmation', 'awaiting_approval');
"""

COMMAND_EVENTS = """
CREATE TABLE command_events (
    seq bigint PRIMARY KEY CHECK (seq > 0),
    command_id uuid NOT NULL REFERENCES command_log (id),
    at timestamptz NOT NULL,
    step text NOT NULL,
    by text NOT NULL,
    data json NOT NULL,
    prev_hash text NOT NULL UNIQUE CHECK (prev_hash ~ '^[0-9a-f]{64}$'),
    hash text NOT NULL UNIQUE CHECK (hash ~ '^[0-9a-f]{64}$')
);
COMMENT ON TABLE command_events IS
    'Every step of every ask, only ever appended; each hash covers its row and the hash before it.';
COMMENT ON COLUMN command_events.data IS
    'json, not jsonb: its text is kept as it was hashed.';
CREATE INDEX command_events_command_id ON command_events (command_id, seq);

CREATE TABLE command_chain (
    "only" boolean PRIMARY KEY DEFAULT true CHECK ("only"),
    seq bigint NOT NULL CHECK (seq >= 0),
    hash text NOT NULL CHECK (hash ~ '^[0-9a-f]{64}$')
);
COMMENT ON TABLE command_chain IS
    'The head of the chain, one row. Who appends to command_events locks it.';
INSERT INTO command_chain (seq, hash) VALUES (0, repeat('0', 64));
"""

APPEND = """
CREATE FUNCTION append_command_events(steps jsonb) RETURNS bigint
LANGUAGE plpgsql AS $body$
DECLARE
    head command_chain%ROWTYPE;
    next_hash text;
    step jsonb;
BEGIN
    SELECT * INTO STRICT head FROM command_chain FOR UPDATE;
    FOR step IN
        SELECT element FROM jsonb_array_elements(steps) WITH ORDINALITY AS given (element, place)
        ORDER BY place
    LOOP
        next_hash := encode(
            sha256(convert_to(head.hash || (step ->> 'canonical'), 'UTF8')), 'hex');
        INSERT INTO command_events (seq, command_id, at, step, by, data, prev_hash, hash)
        VALUES (
            head.seq + 1,
            (step ->> 'command_id')::uuid,
            (step ->> 'at')::timestamptz,
            step ->> 'step',
            step ->> 'by',
            (step ->> 'data')::json,
            head.hash,
            next_hash);
        head.seq := head.seq + 1;
        head.hash := next_hash;
    END LOOP;
    UPDATE command_chain SET seq = head.seq, hash = head.hash;
    RETURN head.seq;
END
$body$;
COMMENT ON FUNCTION append_command_events IS
    'Append steps, an array of {command_id, at, step, by, data, canonical}, in their order; gives '
    'the last seq. The caller says what text is hashed, so that only one side formats JSON.';
"""

REFUSALS = """
CREATE FUNCTION refuse_rewriting() RETURNS trigger
LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION '% on % is refused: the log of what was asked is only ever appended to',
        TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege',
            HINT = 'To correct a record append a further event; to thin out old ones export the '
                'log and begin a new database.';
END
$body$;
CREATE TRIGGER refuse_rewriting BEFORE UPDATE OR DELETE OR TRUNCATE ON command_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER refuse_rewriting BEFORE DELETE OR TRUNCATE ON command_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER refuse_rewriting BEFORE DELETE OR TRUNCATE ON command_chain
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
"""

PRESSES = """
CREATE TABLE presses (
    token text PRIMARY KEY CHECK (octet_length(token) BETWEEN 1 AND 64),
    ask jsonb NOT NULL,
    word text NOT NULL,
    principal text,
    role text,
    platform text NOT NULL,
    room text NOT NULL,
    card text,
    message_id text,
    command_id uuid,
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'used', 'void')),
    used_by text,
    used_at timestamptz,
    result text
);
COMMENT ON TABLE presses IS 'What a button stands for. The button itself holds the token alone.';
COMMENT ON COLUMN presses.principal IS 'Only this one may press; null: whoever has the role.';
COMMENT ON COLUMN presses.command_id IS 'The waiting ask that a press carries on.';
COMMENT ON COLUMN presses.expires_at IS 'Null: it does not expire.';
CREATE INDEX presses_command_id ON presses (command_id) WHERE command_id IS NOT NULL;
CREATE INDEX presses_card ON presses (platform, room, card);
"""

DELIVERIES = """
CREATE TABLE deliveries (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('answer', 'alert', 'report', 'notice')),
    severity text NOT NULL DEFAULT 'info'
        CHECK (severity IN ('info', 'warning', 'critical', 'emergency')),
    platform text NOT NULL,
    room text NOT NULL,
    card text,
    payload jsonb NOT NULL,
    state text NOT NULL DEFAULT 'pending'
        CHECK (state IN ('pending', 'sending', 'sent', 'folded', 'ambiguous', 'dead')),
    attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    not_before timestamptz NOT NULL DEFAULT now(),
    reason text,
    platform_message_id text,
    created_at timestamptz NOT NULL DEFAULT now(),
    sent_at timestamptz,
    command_id uuid
);
COMMENT ON TABLE deliveries IS 'One message owed to one room, stored before it is sent.';
COMMENT ON COLUMN deliveries.reason IS 'Why it is in this state, or why it waits.';
CREATE INDEX deliveries_owed ON deliveries (not_before) WHERE state IN ('pending', 'sending');
CREATE INDEX deliveries_card ON deliveries (platform, room, card) WHERE card IS NOT NULL;
CREATE INDEX deliveries_command_id ON deliveries (command_id) WHERE command_id IS NOT NULL;
CREATE INDEX deliveries_created_at ON deliveries (created_at);
"""

DESK = """
CREATE TABLE desk (
    key text PRIMARY KEY,
    value jsonb NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE desk IS 'Small facts of the desk: whether it is claimed, where polling stands.';
"""


def upgrade() -> None:
    for script in (
        INBOX,
        COMMAND_LOG,
        COMMAND_EVENTS,
        APPEND,
        REFUSALS,
        PRESSES,
        DELIVERIES,
        DESK,
    ):
        run_script(script)
