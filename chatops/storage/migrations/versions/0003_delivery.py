"""Delivery: whose turn it is in every chat, who is sending, and what became of a chat that moved."""

from chatops.storage.migrations.delivery_row import ROW, WAITS_UNTIL
from chatops.storage.migrations.script import run_script

revision = "0003"
down_revision = "0002"

# Expressions, so that no other query can be planned by these indexes: while the table is empty all of them look equally
# good, and a plan may be kept until it is full.
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
    ADD COLUMN file bytea,
    ADD COLUMN ended_at timestamptz;
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
COMMENT ON COLUMN deliveries.ended_at IS 'When it was given up: dead or ambiguous.';

DROP INDEX deliveries_owed;
DROP INDEX deliveries_card;
CREATE INDEX deliveries_pending ON deliveries (platform, chat, lane, seq) WHERE state = 'pending';
CREATE INDEX deliveries_waiting ON deliveries (platform, ({WAITS_UNTIL})) WHERE ({WAITS_UNTIL}) IS NOT NULL;
CREATE INDEX deliveries_in_place ON deliveries (platform, room, ({_CARD_IN_PLACE}))
    WHERE ({_CARD_IN_PLACE}) IS NOT NULL;
CREATE INDEX deliveries_sending ON deliveries (claimed_until) WHERE state = 'sending';
CREATE INDEX deliveries_shown ON deliveries (platform, room, card, sent_at) WHERE state = 'sent' AND card IS NOT NULL;
CREATE INDEX deliveries_lost ON deliveries (ended_at) WHERE lane <= 1 AND state IN ('dead', 'ambiguous');
CREATE INDEX deliveries_former ON deliveries (created_at) WHERE in_place AND state IN ('sent', 'folded');
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

CREATE FUNCTION note_end_of_delivery() RETURNS trigger
LANGUAGE plpgsql AS $body$
BEGIN
    NEW.ended_at := now();
    RETURN NEW;
END
$body$;
CREATE TRIGGER note_end_of_delivery BEFORE INSERT OR UPDATE OF state ON deliveries
    FOR EACH ROW WHEN (NEW.state IN ('dead', 'ambiguous')) EXECUTE FUNCTION note_end_of_delivery();
"""
STORE = f"""
CREATE FUNCTION moved_room(of_platform text, room text) RETURNS text
LANGUAGE sql STABLE AS $body$
    SELECT coalesce(
        (SELECT m.new || substr(room, length(m.old) + 1) FROM moved_chats AS m
            WHERE m.platform = of_platform AND m.old = split_part(room, '/', 1)),
        room)
$body$;
COMMENT ON FUNCTION moved_room IS 'The room, its topic kept, where its chat is now.';

CREATE FUNCTION store_deliveries(owed jsonb, minted jsonb, files bytea[]) RETURNS void
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
            -- A card is edited at most once a second, and waits no longer than that where the clock was set back.
            THEN greatest(o.created_at, (
                SELECT interval '1 second' + least(max(s.sent_at), o.created_at) FROM deliveries AS s
                WHERE s.state = 'sent' AND s.platform = o.platform AND s.room = r.room AND s.card = o.card
                HAVING max(s.sent_at) IS NOT NULL))
            ELSE o.created_at END,
        o.command_id, coalesce(o.in_place, false), o.hangs_on, coalesce(o.ends, false), files[given.place],
        coalesce(o.state, 'pending'), coalesce(o.attempts, 0), o.claimed_by, o.claimed_until,
        coalesce(o.repeat, false), o.reason, o.platform_message_id, o.sent_at,
        coalesce(o.seq, nextval('deliveries_seq_seq'))
    FROM jsonb_array_elements(owed) WITH ORDINALITY AS given (element, place),
        LATERAL jsonb_to_record(given.element) AS o ({ROW},
            state text, attempts integer, claimed_until timestamptz, repeat boolean, reason text,
            platform_message_id text, sent_at timestamptz, seq bigint),
        LATERAL moved_room(o.platform, o.room) AS r (room)
    ORDER BY given.place
    ON CONFLICT (id) DO NOTHING;

    UPDATE deliveries AS d
    SET state = 'folded', reason = 'overtaken by a newer state', folded_into = newest.id, file = NULL
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
    'Rows of deliveries, in their order, each with its file, and the buttons that they have; what is stored already '
    'stays as it is.';
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
    for script in (COLUMNS, CHATS, STORE, CARDS):
        run_script(script)
