"""One call that writes all that a step of an ask leaves behind."""

from chatops.storage.migrations.script import run_script

revision = "0002"
down_revision = "0001"

RECORD = """
CREATE FUNCTION record(
    asked jsonb, standing jsonb, steps jsonb, minted jsonb, owed jsonb, inbox_id bigint, redeems jsonb
) RETURNS boolean
LANGUAGE plpgsql AS $body$
BEGIN
    IF redeems IS NOT NULL THEN
        -- The row of the ask is the lock: of presses at one instant the first finds it waiting.
        PERFORM 1 FROM command_log
        WHERE id = (redeems ->> 'command_id')::uuid
            AND state IN ('awaiting_confirmation', 'awaiting_approval')
        FOR UPDATE;
        IF NOT FOUND THEN
            RETURN false;
        END IF;
        UPDATE presses
        SET state = CASE WHEN token = redeems ->> 'token' THEN 'used' ELSE 'void' END,
            used_by = redeems ->> 'by',
            used_at = now()
        WHERE command_id = (redeems ->> 'command_id')::uuid AND state = 'open'
            AND redeems ->> 'token' IS NOT NULL;
    END IF;

    IF inbox_id IS NOT NULL THEN
        UPDATE inbox SET handled_at = now() WHERE id = inbox_id;
    END IF;

    IF asked IS NOT NULL THEN
        INSERT INTO command_log (
            id, at, platform, principal, sender_id, room, bot, word, arguments, risk,
            correlation_id, state, outcome, answer, latency_ms)
        SELECT a.id, a.at, a.platform, a.principal, a.sender_id, a.room, a.bot, a.word, a.arguments,
            a.risk, a.correlation_id, s.state, s.outcome, s.answer, s.latency_ms
        FROM jsonb_to_record(asked) AS a (
                id uuid, at timestamptz, platform text, principal text, sender_id text, room text,
                bot text, word text, arguments jsonb, risk text, correlation_id text),
            jsonb_to_record(standing) AS s (
                state text, outcome text, answer text, latency_ms double precision)
        ON CONFLICT (id) DO NOTHING;
        IF NOT FOUND THEN
            -- Handled before a crash, or twice at once: it is on record already.
            RETURN false;
        END IF;
    ELSIF standing IS NOT NULL THEN
        UPDATE command_log AS l
        SET state = s.state, outcome = s.outcome, answer = s.answer, latency_ms = s.latency_ms
        FROM jsonb_to_record(standing) AS s (
            id uuid, state text, outcome text, answer text, latency_ms double precision)
        WHERE l.id = s.id
            AND l.state NOT IN ('denied', 'misread', 'expired', 'cancelled', 'finished');
        IF NOT FOUND THEN
            -- What has ended stays as it ended.
            RETURN false;
        END IF;
    END IF;

    PERFORM append_command_events(steps);

    IF minted IS NOT NULL THEN
        INSERT INTO presses (
            token, ask, word, principal, platform, room, command_id, created_at, expires_at)
        SELECT m.token, m.ask, m.word, m.principal, m.platform, m.room, m.command_id, m.created_at,
            m.expires_at
        FROM jsonb_to_recordset(minted) AS m (
            token text, ask jsonb, word text, principal text, platform text, room text,
            command_id uuid, created_at timestamptz, expires_at timestamptz);
    END IF;

    IF owed IS NOT NULL THEN
        INSERT INTO deliveries (
            id, kind, platform, room, card, payload, state, attempts, command_id)
        SELECT o.id, 'answer', o.platform, o.room, o.card, o.payload, 'sending', 1, o.command_id
        FROM jsonb_to_record(owed) AS o (
            id uuid, platform text, room text, card text, payload jsonb, command_id uuid);
    END IF;

    RETURN true;
END
$body$;
COMMENT ON FUNCTION record IS
    'One step of an ask with all it leaves behind; false, and nothing written, where its press was '
    'settled before or the ask is on record already.';
"""

#: The text of an answer stays in its row: compressed and put elsewhere from 2 kB on, as is the rule, it costs the
#: record of /positions 2 to 4 % more (measured in pairs), and it is read again only after a restart.
WHOLE_ROWS = "ALTER TABLE deliveries SET (toast_tuple_target = 8160);"


def upgrade() -> None:
    run_script(RECORD)
    run_script(WHOLE_ROWS)
