"""Delivery: whose turn it is in every chat, who is sending, and what became of a chat that moved."""

from chatops.storage.migrations.script import run_script

revision = "0003"
down_revision = "0002"

# Expressions, so that no other query can be planned by these indexes: while the table is empty all of them look equally
# good, and a plan may be kept until it is full.
_WAITS_UNTIL = "CASE WHEN state = 'pending' AND not_before > created_at THEN not_before END"
_CARD_IN_PLACE = "CASE WHEN state = 'pending' AND in_place THEN card END"

# Until now all of them were answers: hence the default, which goes again. What an attachment holds is kept out of the
# payload, and as it is: pictures do not shrink.
COLUMNS = f"""
ALTER TABLE deliveries
    ADD COLUMN seq bigint GENERATED ALWAYS AS IDENTITY,
    ADD COLUMN lane smallint NOT NULL DEFAULT 2 CHECK (lane BETWEEN 0 AND 4),
    ADD COLUMN chat text GENERATED ALWAYS AS (split_part(room, '/', 1)) STORED,
    ADD COLUMN claimed_by uuid,
    ADD COLUMN claimed_until timestamptz,
    ADD COLUMN repeat boolean NOT NULL DEFAULT false,
    ADD COLUMN in_place boolean NOT NULL DEFAULT false,
    ADD COLUMN hangs_on text,
    ADD COLUMN ends boolean NOT NULL DEFAULT false,
    ADD COLUMN folded_into uuid,
    ADD COLUMN file bytea;
ALTER TABLE deliveries ALTER COLUMN lane DROP DEFAULT;
ALTER TABLE deliveries ALTER COLUMN file SET STORAGE EXTERNAL;
COMMENT ON COLUMN deliveries.seq IS
    'The order in which they are owed; what stands for others has the place of the first.';
COMMENT ON COLUMN deliveries.chat IS 'The room without its topic: limits and senders are per chat.';
COMMENT ON COLUMN deliveries.repeat IS 'It may have been shown before.';
COMMENT ON COLUMN deliveries.in_place IS 'It takes the place of the message that shows its card.';
COMMENT ON COLUMN deliveries.hangs_on IS 'The card under whose first message it hangs.';
COMMENT ON COLUMN deliveries.ends IS 'It tells the end of what its card is about.';
COMMENT ON COLUMN deliveries.folded_into IS 'The one that stands for it.';

DROP INDEX deliveries_owed;
DROP INDEX deliveries_card;
CREATE INDEX deliveries_pending ON deliveries (platform, chat, lane, seq) WHERE state = 'pending';
CREATE INDEX deliveries_waiting ON deliveries (platform, ({_WAITS_UNTIL})) WHERE ({_WAITS_UNTIL}) IS NOT NULL;
CREATE INDEX deliveries_in_place ON deliveries (platform, room, ({_CARD_IN_PLACE}))
    WHERE ({_CARD_IN_PLACE}) IS NOT NULL;
CREATE INDEX deliveries_sending ON deliveries (claimed_until) WHERE state = 'sending';
CREATE INDEX deliveries_shown ON deliveries (platform, room, card, sent_at) WHERE state = 'sent' AND card IS NOT NULL;
"""

# Its rows are never deleted: whoever finds one need not fear that it goes.
CHATS = """
CREATE TABLE delivery_chats (
    platform text NOT NULL,
    chat text NOT NULL,
    sender uuid,
    lease_until timestamptz,
    delivery uuid,
    held_until timestamptz,
    PRIMARY KEY (platform, chat)
) WITH (fillfactor = 50);
COMMENT ON TABLE delivery_chats IS 'Who may send to a chat: one at a time, so that its order holds.';
COMMENT ON COLUMN delivery_chats.delivery IS 'What the sender has the chat for.';
COMMENT ON COLUMN delivery_chats.held_until IS 'The platform wants the chat left alone until then.';
INSERT INTO delivery_chats (platform, chat) SELECT DISTINCT platform, chat FROM deliveries WHERE state = 'pending';

CREATE TABLE moved_chats (
    platform text NOT NULL,
    old text NOT NULL,
    new text NOT NULL CHECK (new <> old),
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (platform, old)
);
COMMENT ON TABLE moved_chats IS 'Chats that have another id now, such as a group that became a supergroup.';
CREATE INDEX moved_chats_new ON moved_chats (platform, new);

CREATE FUNCTION tell_of_delivery() RETURNS trigger
LANGUAGE plpgsql AS $body$
BEGIN
    -- Looked up first: ON CONFLICT alone would wait for whoever has the chat now.
    IF NOT EXISTS (SELECT FROM delivery_chats AS c WHERE c.platform = NEW.platform AND c.chat = NEW.chat) THEN
        INSERT INTO delivery_chats (platform, chat) VALUES (NEW.platform, NEW.chat) ON CONFLICT DO NOTHING;
    END IF;
    PERFORM pg_notify('deliveries', NEW.platform);
    RETURN NULL;
END
$body$;
CREATE TRIGGER tell_of_delivery AFTER INSERT OR UPDATE OF state ON deliveries
    FOR EACH ROW WHEN (NEW.state = 'pending') EXECUTE FUNCTION tell_of_delivery();
"""

_ROW = """
    id uuid, kind text, severity text, lane smallint, platform text, room text, card text, payload jsonb,
    created_at timestamptz, command_id uuid, in_place boolean, hangs_on text, ends boolean, file text,
    claimed_by uuid"""

RECORD = f"""
CREATE OR REPLACE FUNCTION record(
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
            id, kind, severity, lane, platform, room, card, payload, created_at, not_before, command_id,
            in_place, hangs_on, ends, file, state, attempts, claimed_by, claimed_until)
        SELECT o.id, o.kind, o.severity, o.lane, o.platform, o.room, o.card, o.payload, o.created_at, o.created_at,
            o.command_id, coalesce(o.in_place, false), o.hangs_on, coalesce(o.ends, false), decode(o.file, 'base64'),
            'sending', 1, o.claimed_by, o.created_at + interval '60 seconds'
        FROM jsonb_to_recordset(owed) AS o ({_ROW});
    END IF;

    RETURN true;
END
$body$;
COMMENT ON FUNCTION record IS
    'One step of an ask with all it leaves behind; false, and nothing written, where its press was '
    'settled before or the ask is on record already. What it owes is on its way at once: the caller sends it.';
"""  # noqa: S608 - put together from our own parts

STORE = f"""
CREATE FUNCTION moved_room(of_platform text, room text) RETURNS text
LANGUAGE sql STABLE AS $body$
    SELECT coalesce(
        (SELECT m.new || substr(room, length(m.old) + 1) FROM moved_chats AS m
            WHERE m.platform = of_platform AND m.old = split_part(room, '/', 1)),
        room)
$body$;
COMMENT ON FUNCTION moved_room IS 'The room, its topic kept, where its chat is now.';

CREATE FUNCTION store_deliveries(owed jsonb, minted jsonb) RETURNS void
LANGUAGE plpgsql AS $body$
BEGIN
    IF jsonb_array_length(owed) > 1 THEN
        -- In one order: two that store for the same new chats would else wait for each other.
        INSERT INTO delivery_chats (platform, chat)
        SELECT DISTINCT o.platform, split_part(moved_room(o.platform, o.room), '/', 1) AS chat
        FROM jsonb_to_recordset(owed) AS o (platform text, room text)
        WHERE NOT EXISTS (
            SELECT FROM delivery_chats AS c
            WHERE c.platform = o.platform AND c.chat = split_part(moved_room(o.platform, o.room), '/', 1))
        ORDER BY o.platform, chat
        ON CONFLICT DO NOTHING;
    END IF;

    INSERT INTO deliveries (
        id, kind, severity, lane, platform, room, card, payload, created_at, not_before, command_id,
        in_place, hangs_on, ends, file, state, attempts, claimed_by, claimed_until, repeat, reason,
        platform_message_id, sent_at, seq)
    OVERRIDING SYSTEM VALUE
    SELECT o.id, o.kind, o.severity, o.lane, o.platform, r.room, o.card, o.payload, o.created_at,
        CASE WHEN o.in_place AND o.card IS NOT NULL
            -- A card is edited at most once a second.
            THEN greatest(o.created_at, interval '1 second' + (
                SELECT max(s.sent_at) FROM deliveries AS s
                WHERE s.state = 'sent' AND s.platform = o.platform AND s.room = r.room AND s.card = o.card))
            ELSE o.created_at END,
        o.command_id, coalesce(o.in_place, false), o.hangs_on, coalesce(o.ends, false), decode(o.file, 'base64'),
        coalesce(o.state, 'pending'), coalesce(o.attempts, 0), o.claimed_by, o.claimed_until,
        coalesce(o.repeat, false), o.reason, o.platform_message_id, o.sent_at,
        coalesce(o.seq, nextval('deliveries_seq_seq'))
    FROM jsonb_array_elements(owed) WITH ORDINALITY AS given (element, place),
        LATERAL jsonb_to_record(given.element) AS o ({_ROW},
            state text, attempts integer, claimed_until timestamptz, repeat boolean, reason text,
            platform_message_id text, sent_at timestamptz, seq bigint),
        LATERAL moved_room(o.platform, o.room) AS r (room)
    ORDER BY given.place
    ON CONFLICT (id) DO NOTHING;

    UPDATE deliveries AS d
    SET state = 'folded', reason = 'overtaken by a newer state', folded_into = newest.id
    FROM (
        SELECT DISTINCT ON (n.platform, n.room, n.card) n.id, n.platform, n.room, n.card, n.seq
        FROM jsonb_to_recordset(owed) AS o (id uuid, in_place boolean) JOIN deliveries AS n ON n.id = o.id
        WHERE o.in_place AND n.state = 'pending' AND n.card IS NOT NULL
        ORDER BY n.platform, n.room, n.card, n.seq DESC
    ) AS newest
    WHERE d.platform = newest.platform AND d.room = newest.room
        AND (CASE WHEN d.state = 'pending' AND d.in_place THEN d.card END) = newest.card AND d.seq < newest.seq;

    IF minted IS NOT NULL THEN
        INSERT INTO presses (
            token, ask, word, principal, platform, room, command_id, created_at, expires_at)
        SELECT m.token, m.ask, m.word, m.principal, m.platform, moved_room(m.platform, m.room), m.command_id,
            m.created_at, m.expires_at
        FROM jsonb_to_recordset(minted) AS m (
            token text, ask jsonb, word text, principal text, platform text, room text,
            command_id uuid, created_at timestamptz, expires_at timestamptz)
        ON CONFLICT (token) DO NOTHING;
    END IF;
END
$body$;
COMMENT ON FUNCTION store_deliveries IS
    'Rows of deliveries, in their order, with the buttons that they have; what is stored already stays as it is.';
"""  # noqa: S608 - put together from our own parts

_FREE = """(c.sender IS NULL OR c.sender = by_sender OR c.lease_until <= moment)
        AND (c.held_until IS NULL OR c.held_until <= moment)"""

# Two looks a chat, however much waits there. Only where the very first has to wait itself are the lanes looked at.
_FIRST = """CROSS JOIN LATERAL (
            SELECT d.id, d.lane, d.seq, d.not_before FROM deliveries AS d
            WHERE d.state = 'pending' AND d.platform = c.platform AND d.chat = c.chat
            ORDER BY d.lane, d.seq LIMIT 1
        ) AS front
        CROSS JOIN LATERAL (
            SELECT front.id, front.lane, front.seq WHERE front.not_before <= moment
            UNION ALL (
                SELECT f.id, f.lane, f.seq
                FROM generate_series(front.lane::integer, 4) AS lanes (lane) CROSS JOIN LATERAL (
                    SELECT d.id, d.lane, d.seq, d.not_before FROM deliveries AS d
                    WHERE d.state = 'pending' AND d.platform = c.platform AND d.chat = c.chat
                        AND d.lane = lanes.lane::smallint AND NOT (d.in_place AND d.not_before > moment)
                    ORDER BY d.seq LIMIT 1
                ) AS f
                WHERE front.not_before > moment AND f.not_before <= moment
                ORDER BY f.lane LIMIT 1)
        ) AS first"""

_MAY_GO = "(first.lane <= 1 OR NOT (all_urgent_only OR c.chat IN (SELECT unnest(urgent_only))))"

# The settings: a plan is made once a connection, perhaps while the table is empty, and has to serve a full one too.
CLAIM = f"""
CREATE FUNCTION claim_deliveries(
    of_platform text, by_sender uuid, moment timestamptz, most integer,
    busy text[], urgent_only text[], all_urgent_only boolean
) RETURNS TABLE (
    id uuid, kind text, severity text, platform text, room text, card text, payload jsonb, created_at timestamptz,
    command_id uuid, in_place boolean, hangs_on text, ends boolean, file bytea, attempts integer, repeat boolean,
    shown_on text, reply_to text, behind integer, next_at timestamptz)
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
AS $body$
#variable_conflict use_column
DECLARE
    wanted text[];
    locked text[];
    taken integer := 0;
    soonest timestamptz;
BEGIN
    SELECT array_agg(w.chat) INTO wanted FROM (
        SELECT c.chat FROM delivery_chats AS c
        {_FIRST}
        WHERE c.platform = of_platform AND c.chat NOT IN (SELECT unnest(busy))
        AND {_FREE}
        AND {_MAY_GO}
        ORDER BY first.lane, first.seq LIMIT most
    ) AS w;

    IF wanted IS NOT NULL THEN
        -- A lease that another has taken since the look above is seen here: the row is judged as it is once locked.
        SELECT array_agg(l.chat) INTO locked FROM (
            SELECT c.chat FROM delivery_chats AS c
            WHERE c.platform = of_platform AND c.chat = ANY (wanted)
            AND {_FREE}
            FOR NO KEY UPDATE SKIP LOCKED
        ) AS l;
    END IF;

    IF locked IS NOT NULL THEN
        -- Looked at anew, by a snapshot from after the locks: another may have sent what was first.
        RETURN QUERY
        WITH claimed AS (
            UPDATE deliveries AS d
            SET state = 'sending', attempts = d.attempts + 1, claimed_by = by_sender,
                claimed_until = moment + interval '60 seconds'
            FROM (
                SELECT first.id FROM delivery_chats AS c
                {_FIRST}
                WHERE c.platform = of_platform AND c.chat = ANY (locked)
                AND {_MAY_GO}
            ) AS f
            -- Not by the index of what is pending, but by its id.
            WHERE d.id = f.id AND d.state || '' = 'pending'
            RETURNING d.*
        ), leased AS (
            UPDATE delivery_chats AS c
            SET sender = by_sender, lease_until = moment + interval '60 seconds', delivery = d.id
            FROM claimed AS d WHERE c.platform = d.platform AND c.chat = d.chat
        )
        SELECT d.id, d.kind, d.severity, d.platform, d.room, d.card, d.payload, d.created_at, d.command_id, d.in_place,
            d.hangs_on, d.ends, d.file, d.attempts, d.repeat,
            CASE WHEN d.in_place THEN shown_on(d.platform, d.room, d.card) END,
            CASE WHEN d.hangs_on IS NOT NULL THEN first_shown_on(d.platform, d.room, d.hangs_on) END,
            CASE WHEN d.kind IN ('alert', 'notice') AND d.file IS NULL THEN (
                SELECT count(*)::integer FROM (
                    SELECT FROM deliveries AS b
                    WHERE b.state = 'pending' AND b.platform = d.platform AND b.chat = d.chat AND b.lane = d.lane
                        AND b.seq > d.seq AND b.kind IN ('alert', 'notice') AND b.file IS NULL
                    ORDER BY b.lane, b.seq LIMIT 1000) AS those) ELSE 0 END,
            NULL::timestamptz
        FROM claimed AS d
        ORDER BY d.lane, d.seq;
        GET DIAGNOSTICS taken = ROW_COUNT;
    END IF;

    SELECT min(due) INTO soonest FROM (
        -- Rows that wait, and no sooner than their chat may be written to.
        SELECT greatest(d.not_before, c.at) AS due
        FROM deliveries AS d CROSS JOIN LATERAL (
            SELECT greatest(c.held_until, CASE WHEN c.sender <> by_sender THEN c.lease_until END) AS at
            FROM delivery_chats AS c WHERE c.platform = d.platform AND c.chat = d.chat LIMIT 1
        ) AS c
        WHERE d.platform = of_platform AND d.chat NOT IN (SELECT unnest(busy))
            AND (CASE WHEN d.state = 'pending' AND d.not_before > d.created_at THEN d.not_before END) > moment
        UNION ALL
        -- Chats that wait.
        SELECT free.at
        FROM delivery_chats AS c CROSS JOIN LATERAL (
            SELECT greatest(c.held_until, CASE WHEN c.sender <> by_sender THEN c.lease_until END) AS at
        ) AS free CROSS JOIN LATERAL (
            SELECT FROM deliveries AS d
            WHERE d.state = 'pending' AND d.platform = c.platform AND d.chat = c.chat AND d.not_before <= moment
            ORDER BY d.lane, d.seq LIMIT 1
        ) AS due
        WHERE c.platform = of_platform AND c.chat NOT IN (SELECT unnest(busy)) AND free.at > moment
    ) AS all_that_wait;
    IF taken < coalesce(cardinality(wanted), 0) THEN
        -- Another has that chat at this very moment, and may be gone from it before its lease ends.
        soonest := least(soonest, moment + interval '100 milliseconds');
    END IF;

    RETURN QUERY SELECT NULL::uuid, NULL::text, NULL::text, NULL::text, NULL::text, NULL::text, NULL::jsonb,
        NULL::timestamptz, NULL::uuid, NULL::boolean, NULL::text, NULL::boolean, NULL::bytea, NULL::integer,
        NULL::boolean, NULL::text, NULL::text, NULL::integer, soonest;
END
$body$;
COMMENT ON FUNCTION claim_deliveries IS
    'The first of each chat that may go out, now on its way by this sender, the most urgent first; and a last row that '
    'has next_at alone: when the next one that waits for a moment is due.';
"""  # noqa: S608 - put together from our own parts

CARDS = """
CREATE FUNCTION shown_on(of_platform text, of_room text, of_card text) RETURNS text
LANGUAGE sql STABLE AS $body$
    SELECT s.platform_message_id FROM deliveries AS s
    WHERE s.state = 'sent' AND s.platform = of_platform AND s.room = of_room AND s.card = of_card
        AND s.platform_message_id IS NOT NULL
    ORDER BY s.sent_at DESC, s.seq DESC LIMIT 1
$body$;
COMMENT ON FUNCTION shown_on IS 'The message that shows a card now.';

CREATE FUNCTION first_shown_on(of_platform text, of_room text, of_card text) RETURNS text
LANGUAGE sql STABLE AS $body$
    SELECT s.platform_message_id FROM deliveries AS s
    WHERE s.state = 'sent' AND s.platform = of_platform AND s.room = of_room AND s.card = of_card
        AND s.platform_message_id IS NOT NULL
    ORDER BY s.sent_at, s.seq LIMIT 1
$body$;
COMMENT ON FUNCTION first_shown_on IS 'The message that showed a card first.';
"""


def upgrade() -> None:
    for script in (COLUMNS, CHATS, RECORD, STORE, CARDS, CLAIM):
        run_script(script)
