"""Reports: what each room was told of which time, with what carried it; and what people choose for themselves."""

from chatops.storage.migrations.script import run_script

revision = "0016"
down_revision = "0015"

REPORTS = """
CREATE TABLE reports (
    platform text NOT NULL,
    room text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('daily', 'weekly', 'monthly', 'heartbeat')),
    number bigint NOT NULL CHECK (number > 0),
    step text NOT NULL CHECK (step IN ('begun', 'told', 'ended')),
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL CHECK (ends_at >= starts_at),
    periods integer NOT NULL CHECK (periods >= 0),
    at timestamptz NOT NULL,
    delivery uuid,
    PRIMARY KEY (platform, room, kind, number),
    CHECK ((step = 'told') = (delivery IS NOT NULL))
);
COMMENT ON TABLE reports IS
    'What rooms were told at the end of a day, a week, a month: the newest row of a room and kind says where the next '
    'report begins, whatever the zone and the time of the day were then.';
COMMENT ON COLUMN reports.step IS
    'begun: it is told of what comes after ends_at. told: of starts_at to ends_at. ended: it hears it no more.';
COMMENT ON COLUMN reports.starts_at IS 'Before the end of the row before it where what carried that one was lost.';
COMMENT ON COLUMN reports.periods IS 'How many days (weeks, months) it tells as one: more where some were missed.';
COMMENT ON COLUMN reports.delivery IS 'The first message that carries it, stored by the same statement.';
CREATE UNIQUE INDEX reports_told ON reports (platform, room, kind, ends_at) WHERE step = 'told';
CREATE INDEX reports_at ON reports (at);

CREATE FUNCTION add_report(told jsonb, owed jsonb, minted jsonb, files bytea[]) RETURNS boolean
LANGUAGE plpgsql AS $body$
DECLARE
    added integer;
BEGIN
    -- The number is the lock: of two that store the same one the second waits for the first, and is refused.
    INSERT INTO reports (platform, room, kind, number, step, starts_at, ends_at, periods, at, delivery)
    SELECT r.platform, moved_room(r.platform, r.room), r.kind, r.number, r.step, r.starts_at, r.ends_at, r.periods,
        r.at, r.delivery
    FROM jsonb_to_record(told) AS r (
        platform text, room text, kind text, number bigint, step text, starts_at timestamptz, ends_at timestamptz,
        periods integer, at timestamptz, delivery uuid)
    WHERE r.number = 1 + coalesce((
        SELECT max(o.number) FROM reports AS o
        WHERE o.platform = r.platform AND o.kind = r.kind
            AND moved_room(o.platform, o.room) = moved_room(r.platform, r.room)), 0)
    ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS added = ROW_COUNT;
    IF added = 0 THEN
        RETURN false;
    END IF;
    PERFORM mint(minted);
    IF owed IS NOT NULL THEN
        PERFORM store_deliveries(owed, NULL, files);
    END IF;
    RETURN true;
END
$body$;
COMMENT ON FUNCTION add_report IS
    'The next row of a room and kind with what it owes, whole or not at all; false where its number is taken.';
"""

PEOPLE = """
CREATE TABLE person_preferences (
    person text NOT NULL,
    key text NOT NULL,
    value jsonb NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (person, key)
);
COMMENT ON TABLE person_preferences IS 'What people have chosen for themselves, over what their rooms have.';
COMMENT ON COLUMN person_preferences.person IS 'By name.';
COMMENT ON COLUMN person_preferences.key IS 'As "zone", "theme", "quiet".';

CREATE FUNCTION forget_person_preferences() RETURNS trigger
LANGUAGE plpgsql AS $body$
BEGIN
    -- Somebody else of that name begins anew.
    DELETE FROM person_preferences WHERE person = OLD.name;
    RETURN NULL;
END
$body$;
CREATE TRIGGER forget_person_preferences AFTER DELETE ON people
    FOR EACH ROW EXECUTE FUNCTION forget_person_preferences();
"""


def upgrade() -> None:
    for script in (REPORTS, PEOPLE):
        run_script(script)
