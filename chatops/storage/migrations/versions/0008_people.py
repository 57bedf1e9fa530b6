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
    since timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (platform, workspace, id)
);
COMMENT ON TABLE identities IS
    'The accounts of people, by the ids that their owners cannot change. The person may be one of the settings file.';
CREATE INDEX identities_person ON identities (person);
"""

CODES = """
CREATE TABLE codes (
    hash text PRIMARY KEY CHECK (hash ~ '^[0-9a-f]{64}$'),
    kind text NOT NULL CHECK (kind IN ('claim', 'invite', 'link')),
    role text CHECK (role IN ('viewer', 'operator', 'admin')),
    person text,
    made_by text NOT NULL,
    made_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    used_by text
);
COMMENT ON TABLE codes IS 'What lets somebody in once: only its SHA-256 is stored.';
COMMENT ON COLUMN codes.person IS 'Of a link whose account it will be; of an invitation the name that was given.';

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
    last_step bigint NOT NULL DEFAULT 0
);
COMMENT ON TABLE totp IS
    'Who proves themselves with codes. The seed follows from the enrolment and a key that is not in the database.';
COMMENT ON COLUMN totp.last_step IS 'The newest time step whose code was used: it and those before work no more.';

CREATE TABLE recovery_codes (
    person text NOT NULL REFERENCES totp ON DELETE CASCADE,
    hash text NOT NULL CHECK (hash ~ '^[0-9a-f]{64}$'),
    used_at timestamptz,
    PRIMARY KEY (person, hash)
);
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
