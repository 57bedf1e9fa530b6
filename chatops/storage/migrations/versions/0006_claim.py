"""Whose turn it is: what may go out now is handed to one sender a chat."""

from chatops.storage.migrations.delivery_row import WAITS_UNTIL
from chatops.storage.migrations.script import run_script

revision = "0006"
down_revision = "0005"

_IS_FREE = """(c.sender IS NULL OR c.sender = by_sender OR c.lease_until <= moment)
            AND (c.held_until IS NULL OR c.held_until <= moment)"""
_FREE_AT = "greatest(c.held_until, CASE WHEN c.sender <> by_sender THEN c.lease_until END)"

# What nobody has told to wait is due, wherever the clock stands: it may have been set back since.
_DUE = "(d.not_before <= moment OR d.not_before <= d.created_at)"

# What waits in a chat, but for cards that are not due: nothing waits for those.
_WAITS = f"""d.state = 'pending' AND d.platform = of_platform
            AND (NOT d.in_place OR {_DUE})"""

_FRONT = f"d.chat, d.id, d.lane, d.seq, {_DUE} AS is_due"

_FRONT_OF = f"""LATERAL (
                SELECT {_FRONT} FROM deliveries AS d WHERE {_WAITS} AND d.chat = c.chat ORDER BY d.lane, d.seq LIMIT 1
            ) AS f"""  # noqa: S608 - put together from our own parts

# One look a chat, however much waits there. Where many chats are known and few wait, it goes from one that waits to the
# next: each such step costs twice a look.
_FRONTS = f"""step AS (
            (SELECT {_FRONT} FROM deliveries AS d WHERE {_WAITS} ORDER BY d.chat, d.lane, d.seq LIMIT 1)
            UNION ALL
            SELECT next.* FROM step CROSS JOIN LATERAL (
                SELECT {_FRONT} FROM deliveries AS d WHERE {_WAITS} AND d.chat > step.chat
                ORDER BY d.chat, d.lane, d.seq LIMIT 1
            ) AS next
        ), front AS MATERIALIZED (
            SELECT step.*, its.* FROM step CROSS JOIN LATERAL (
                SELECT {_IS_FREE} AS is_free, {_FREE_AT} AS free_at FROM delivery_chats AS c
                WHERE c.platform = of_platform AND c.chat = step.chat LIMIT 1
            ) AS its
            WHERE are_many AND step.chat NOT IN (SELECT unnest(busy))
            UNION ALL
            SELECT f.*, {_IS_FREE}, {_FREE_AT} FROM delivery_chats AS c CROSS JOIN {_FRONT_OF}
            WHERE NOT are_many AND c.platform = of_platform AND c.chat NOT IN (SELECT unnest(busy))
        )"""  # noqa: S608 - put together from our own parts

# What has to wait holds its lane back: then it is the first of a lane behind it.
_FIRST = f"""first AS (
            SELECT front.chat, front.id, front.lane, front.seq, front.is_free, front.free_at
            FROM front WHERE front.is_due
            UNION ALL
            SELECT f.chat, f.id, f.lane, f.seq, front.is_free, front.free_at FROM front CROSS JOIN LATERAL (
                SELECT those.* FROM generate_series(front.lane + 1, 4) AS lanes (lane) CROSS JOIN LATERAL (
                    SELECT {_FRONT} FROM deliveries AS d
                    WHERE {_WAITS} AND d.chat = front.chat AND d.lane = lanes.lane::smallint
                    ORDER BY d.seq LIMIT 1
                ) AS those
                WHERE those.is_due
                ORDER BY those.lane LIMIT 1
            ) AS f
            WHERE NOT front.is_due
        )"""  # noqa: S608 - put together from our own parts

_MAY_GO = "(first.lane <= 1 OR NOT (all_urgent_only OR first.chat IN (SELECT unnest(urgent_only))))"

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
    are_many boolean;
    wanted text[];
    locked text[];
    taken integer := 0;
    soonest timestamptz;
BEGIN
    SELECT count(*) > 1000 INTO are_many
    FROM (SELECT FROM delivery_chats AS c WHERE c.platform = of_platform LIMIT 1001) AS those;

    WITH RECURSIVE {_FRONTS}, {_FIRST}
    SELECT (
        SELECT array_agg(w.chat) FROM (
            SELECT first.chat FROM first WHERE first.is_free AND {_MAY_GO}
            ORDER BY first.lane, first.seq LIMIT most) AS w
    ), (SELECT min(first.free_at) FROM first WHERE NOT first.is_free)
    INTO wanted, soonest;

    IF wanted IS NOT NULL THEN
        -- A lease that another has taken since the look above is seen here: the row is judged as it is once locked.
        SELECT array_agg(l.chat) INTO locked FROM (
            SELECT c.chat FROM delivery_chats AS c
            WHERE c.platform = of_platform AND c.chat = ANY (wanted)
            AND {_IS_FREE}
            FOR NO KEY UPDATE SKIP LOCKED
        ) AS l;
    END IF;

    IF locked IS NOT NULL THEN
        -- Looked at anew, by a snapshot from after the locks: another may have sent what was first.
        RETURN QUERY
        WITH front AS (
            SELECT f.*, true AS is_free, NULL::timestamptz AS free_at
            FROM unnest(locked) AS c (chat) CROSS JOIN {_FRONT_OF}
        ), {_FIRST}, claimed AS (
            UPDATE deliveries AS d
            SET state = 'sending', attempts = d.attempts + 1, claimed_by = by_sender,
                claimed_until = moment + interval '60 seconds'
            FROM (SELECT first.id FROM first WHERE {_MAY_GO}) AS f
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

    -- Rows that wait, and no sooner than their chat may be written to. Of many that is looked up for the first alone.
    SELECT least(soonest, min(CASE WHEN waits.place > 16 THEN waits.not_before ELSE greatest(waits.not_before, (
        SELECT greatest(c.held_until, CASE WHEN c.sender <> by_sender THEN c.lease_until END)
        FROM delivery_chats AS c WHERE c.platform = of_platform AND c.chat = waits.chat)) END)) INTO soonest
    FROM (
        SELECT d.chat, d.not_before, row_number() OVER () AS place FROM (
            SELECT d.chat, d.not_before
            FROM deliveries AS d
            WHERE d.platform = of_platform AND d.chat NOT IN (SELECT unnest(busy)) AND ({WAITS_UNTIL}) > moment
            ORDER BY {WAITS_UNTIL} LIMIT 17
        ) AS d
    ) AS waits;
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

# What is urgent is not stored first and looked for then: it is on its way with one statement. Each look comes after the
# lock, and so sees what was committed before it.
STORE_FIRST = """
CREATE FUNCTION store_first(
    owed jsonb, minted jsonb, file bytea, by_sender uuid, moment timestamptz, OUT is_claimed boolean,
    OUT reply_to text)
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
AS $body$
DECLARE
    one record;
    row_id uuid := (owed ->> 'id')::uuid;
    lease constant timestamptz := moment + interval '60 seconds';
BEGIN
    SELECT o.platform, o.room, split_part(o.room, '/', 1) AS chat, o.card, o.in_place, o.hangs_on INTO one
    FROM jsonb_to_record(owed) AS o (platform text, room text, card text, in_place boolean, hangs_on text);

    -- Another's that has ended is left to the claim.
    UPDATE delivery_chats AS c SET sender = by_sender, lease_until = lease, delivery = row_id
    FROM (
        SELECT l.platform, l.chat FROM delivery_chats AS l
        WHERE l.platform = one.platform AND l.chat = one.chat AND l.sender IS NULL
            AND (l.held_until IS NULL OR l.held_until <= moment)
        FOR NO KEY UPDATE SKIP LOCKED
    ) AS free
    WHERE c.platform = free.platform AND c.chat = free.chat;
    is_claimed := FOUND;
    IF NOT is_claimed AND NOT EXISTS (
        SELECT FROM delivery_chats AS c WHERE c.platform = one.platform AND c.chat = one.chat
    ) THEN
        INSERT INTO delivery_chats (platform, chat, sender, lease_until, delivery)
        VALUES (one.platform, one.chat, by_sender, lease, row_id) ON CONFLICT DO NOTHING;
        is_claimed := FOUND;
    END IF;

    IF is_claimed AND (
        EXISTS (SELECT FROM moved_chats AS m WHERE m.platform = one.platform AND m.old = one.chat)
        OR EXISTS (
            SELECT FROM deliveries AS d
            WHERE d.state = 'pending' AND d.platform = one.platform AND d.chat = one.chat)
        OR (one.in_place AND shown_on(one.platform, one.room, one.card) IS NOT NULL)
    ) THEN
        UPDATE delivery_chats AS c SET sender = NULL, lease_until = NULL, delivery = NULL
        WHERE c.platform = one.platform AND c.chat = one.chat;
        is_claimed := false;
    END IF;

    IF is_claimed THEN
        owed := owed || jsonb_build_object(
            'state', 'sending', 'attempts', 1, 'claimed_by', by_sender, 'claimed_until', lease);
        IF one.hangs_on IS NOT NULL THEN
            reply_to := first_shown_on(one.platform, one.room, one.hangs_on);
        END IF;
    END IF;
    PERFORM store_deliveries(jsonb_build_array(owed), minted, ARRAY[file]);
END
$body$;
COMMENT ON FUNCTION store_first IS
    'One message, stored, and on its way by this sender where nothing waits in its chat, nobody has that chat, and it '
    'changes no message that is shown; else it waits.';
"""


def upgrade() -> None:
    for script in (CLAIM, STORE_FIRST):
        run_script(script)
