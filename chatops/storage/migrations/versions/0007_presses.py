"""An ask is recorded with all it owes and the update it came in; buttons know for whom they are and what was shown."""

from chatops.storage.migrations.delivery_row import ROW
from chatops.storage.migrations.script import run_script

revision = "0007"
down_revision = "0006"

COLUMNS = """
ALTER TABLE presses
    ADD COLUMN whose text NOT NULL DEFAULT 'asker' CHECK (whose IN ('asker', 'another')),
    ADD COLUMN preview jsonb,
    ADD COLUMN fills text;
CREATE INDEX presses_wanted ON presses (platform, room, created_at) WHERE fills IS NOT NULL;
COMMENT ON COLUMN presses.whose IS 'For who asked, or for somebody else who may approve it.';
COMMENT ON COLUMN presses.preview IS 'What was shown when it was minted: if that has changed, it is shown anew.';
COMMENT ON COLUMN presses.fills IS
    'The argument that a reply to the message fills in; null where it is a button. command_id is then '
    'the ask that the message answers.';
"""

# In PL/pgSQL, whose plans are kept: measured, plain SQL costs an answer of ten buttons 0.1 ms more.
MINT = """
CREATE FUNCTION mint(minted jsonb) RETURNS void
LANGUAGE plpgsql AS $body$
BEGIN
    IF minted IS NULL THEN
        RETURN;
    END IF;
    INSERT INTO presses (
        token, ask, word, principal, platform, room, command_id, created_at, expires_at, whose, preview, fills)
    SELECT m.token, m.ask, m.word, m.principal, m.platform, moved_room(m.platform, m.room), m.command_id,
        m.created_at, m.expires_at, coalesce(m.whose, 'asker'), m.preview, m.fills
    FROM jsonb_to_recordset(minted) AS m (
        token text, ask jsonb, word text, principal text, platform text, room text, command_id uuid,
        created_at timestamptz, expires_at timestamptz, whose text, preview jsonb, fills text)
    ON CONFLICT (token) DO NOTHING;
END
$body$;
COMMENT ON FUNCTION mint IS 'What buttons stand for; what is stored already stays as it is.';
"""

RECORD = f"""
DROP FUNCTION record(jsonb, jsonb, jsonb, jsonb, jsonb, bigint, jsonb);
CREATE FUNCTION record(
    asked jsonb, standing jsonb, steps jsonb, minted jsonb, owed jsonb, inbox_id bigint, redeems jsonb,
    arrived jsonb DEFAULT NULL
) RETURNS boolean
LANGUAGE plpgsql AS $body$
BEGIN
    IF redeems IS NOT NULL THEN
        -- The row of the ask is the lock: of presses at one instant the first finds it waiting.
        PERFORM 1 FROM command_log
        WHERE id = (redeems ->> 'command_id')::uuid
            AND state IN ('awaiting_confirmation', 'awaiting_approval')
            AND state = coalesce(redeems ->> 'state', state)
        FOR UPDATE;
        IF NOT FOUND THEN
            RETURN false;
        END IF;
        IF redeems ->> 'token' IS NOT NULL THEN
            -- It may still wait, but for another press: asked anew, or of a second person.
            UPDATE presses SET state = 'used', used_by = redeems ->> 'by', used_at = now()
            WHERE token = redeems ->> 'token' AND state = 'open';
            IF NOT FOUND THEN
                RETURN false;
            END IF;
            UPDATE presses SET state = 'void', used_by = redeems ->> 'by', used_at = now()
            WHERE command_id = (redeems ->> 'command_id')::uuid AND state = 'open';
        END IF;
    END IF;

    IF inbox_id IS NOT NULL THEN
        UPDATE inbox SET handled_at = now() WHERE id = inbox_id;
    END IF;

    IF arrived IS NOT NULL THEN
        -- Before the chain is locked: who waits here for a row of the same update keeps nobody else waiting.
        INSERT INTO inbox AS i (platform, update_id, payload, command_id, handled_at)
        SELECT a.platform, a.update_id, a.payload, a.command_id, now()
        FROM jsonb_to_record(arrived) AS a (platform text, update_id text, payload jsonb, command_id uuid)
        ON CONFLICT (platform, update_id) DO UPDATE SET handled_at = coalesce(i.handled_at, now())
            WHERE i.command_id = excluded.command_id;
        IF NOT FOUND THEN
            -- It came before, and is another ask.
            RETURN false;
        END IF;
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
        SET state = s.state, outcome = coalesce(s.outcome, l.outcome), answer = coalesce(s.answer, l.answer),
            latency_ms = coalesce(s.latency_ms, l.latency_ms)
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

    PERFORM mint(minted);

    IF owed IS NOT NULL THEN
        INSERT INTO deliveries (
            id, kind, severity, lane, platform, room, card, payload, created_at, not_before, command_id,
            in_place, hangs_on, ends, file, state, attempts, claimed_by, claimed_until)
        SELECT o.id, o.kind, o.severity, o.lane, o.platform, o.room, o.card, o.payload, o.created_at, o.created_at,
            o.command_id, coalesce(o.in_place, false), o.hangs_on, coalesce(o.ends, false), decode(o.file, 'base64'),
            'sending', 1, o.claimed_by, o.created_at + interval '60 seconds'
        FROM jsonb_to_recordset(owed) AS o ({ROW});
    END IF;

    RETURN true;
END
$body$;
COMMENT ON FUNCTION record IS
    'One step of an ask with all it leaves behind; false, and nothing written, where its press was '
    'settled before, or the ask or its update is on record already. What it owes is on its way at '
    'once: the caller sends it.';
"""  # noqa: S608 - put together from our own parts


def upgrade() -> None:
    for script in (COLUMNS, MINT, RECORD):
        run_script(script)
