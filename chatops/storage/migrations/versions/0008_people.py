"""People that are not in the settings, the codes that let them in, and what they prove themselves with."""

from chatops.storage.migrations.script import run_script

revision = "0008"
down_revision = "0007"

PEOPLE = """
CREATE TABLE people (
    name text PRIMARY KEY CHECK (name ~ '^[^[:space:]]{1,64}$'),
    role text NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by text NOT NULL
);
COMMENT ON TABLE people IS 'Who came by a claim or an invitation. Those of the settings file are not here.';
CREATE UNIQUE INDEX people_folded ON people (lower(name));

CREATE TABLE identities (
    platform text NOT NULL,
    workspace text NOT NULL DEFAULT '',
    id text NOT NULL,
    person text NOT NULL,
    source text NOT NULL CHECK (source IN ('file', 'here')),
    since timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (platform, workspace, id)
);
COMMENT ON TABLE identities IS 'The accounts of people, by the ids that their owners cannot change.';
COMMENT ON COLUMN identities.source IS
    'Where the person is: here, or in the settings file. Two of one name are two people, and no account goes over.';
CREATE INDEX identities_person ON identities (person);
"""

CODES = """
CREATE TABLE codes (
    hash text PRIMARY KEY CHECK (hash ~ '^[0-9a-f]{64}$'),
    kind text NOT NULL CHECK (kind IN ('claim', 'invite', 'link')),
    role text CHECK (role IN ('viewer', 'operator', 'admin')),
    person text,
    source text CHECK (source IN ('file', 'here')),
    made_by text NOT NULL,
    made_at timestamptz NOT NULL,
    expires_at timestamptz,
    used_at timestamptz,
    used_by text
);
COMMENT ON TABLE codes IS 'What lets somebody in once: only its SHA-256 is stored.';
COMMENT ON COLUMN codes.person IS 'Of a link whose account it will be; of an invitation the name that was given.';
COMMENT ON COLUMN codes.source IS 'Of a link: where that person is.';
COMMENT ON COLUMN codes.expires_at IS 'Null: good until it is used, or void.';
COMMENT ON COLUMN codes.used_by IS 'The account that came in by it.';

CREATE TABLE wrong_codes (
    who text NOT NULL,
    at timestamptz NOT NULL
);
COMMENT ON TABLE wrong_codes IS 'Who typed a code that was none, so that a restart forgives nothing.';
CREATE INDEX wrong_codes_who ON wrong_codes (who, at);
"""

TOTP = """
CREATE TABLE totp (
    person text PRIMARY KEY,
    enrolment uuid NOT NULL,
    made_at timestamptz NOT NULL,
    confirmed_at timestamptz,
    last_step bigint NOT NULL DEFAULT 0,
    shown_platform text,
    shown_room text,
    shown_id text
);
COMMENT ON TABLE totp IS
    'Who proves themselves with codes. The seed follows from the enrolment and a key that is not in the database.';
COMMENT ON COLUMN totp.last_step IS 'The newest time step whose code was used: it and those before work no more.';
COMMENT ON COLUMN totp.shown_id IS
    'The message that shows the seed, or the recovery codes, until it is taken away.';

CREATE TABLE recovery_codes (
    person text NOT NULL REFERENCES totp ON DELETE CASCADE,
    hash text NOT NULL CHECK (hash ~ '^[0-9a-f]{64}$'),
    used_at timestamptz,
    PRIMARY KEY (person, hash)
);
COMMENT ON TABLE recovery_codes IS 'Each works once in place of a code: an HMAC under that same key.';

CREATE FUNCTION forget_totp() RETURNS trigger
LANGUAGE plpgsql AS $body$
BEGIN
    -- Somebody else of that name must not be asked for codes that they never had.
    DELETE FROM totp WHERE person = OLD.name;
    RETURN NULL;
END
$body$;
CREATE TRIGGER forget_totp AFTER DELETE ON people FOR EACH ROW EXECUTE FUNCTION forget_totp();
"""

MUTES = """
CREATE TABLE mutes (
    platform text NOT NULL,
    room text NOT NULL,
    by text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (platform, room)
);
COMMENT ON TABLE mutes IS 'Rooms that are told nothing unasked.';
"""

NEWS = """
CREATE FUNCTION tell_of_people() RETURNS trigger
LANGUAGE plpgsql AS $body$
BEGIN
    PERFORM pg_notify('people', '');
    RETURN NULL;
END
$body$;
CREATE TRIGGER tell_of_people AFTER INSERT OR UPDATE OR DELETE ON people
    FOR EACH STATEMENT EXECUTE FUNCTION tell_of_people();
CREATE TRIGGER tell_of_people AFTER INSERT OR UPDATE OR DELETE ON identities
    FOR EACH STATEMENT EXECUTE FUNCTION tell_of_people();
"""


def upgrade() -> None:
    for script in (PEOPLE, CODES, TOTP, MUTES, NEWS):
        run_script(script)
