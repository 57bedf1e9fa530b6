"""What an update said is forgotten once it is handled: its ask is on record, and people type codes and secrets."""

from chatops.storage.migrations.script import run_script

revision = "0009"
down_revision = "0008"

FORGET = """
CREATE FUNCTION forget_update() RETURNS trigger
LANGUAGE plpgsql AS $body$
BEGIN
    NEW.payload := '{}';
    RETURN NEW;
END
$body$;
COMMENT ON FUNCTION forget_update IS
    'Only what waits to be handled needs its text, and what could not be read, for whoever looks into it.';
CREATE TRIGGER forget_update BEFORE INSERT OR UPDATE ON inbox
    FOR EACH ROW WHEN (NEW.handled_at IS NOT NULL AND coalesce(NEW.note, '') NOT LIKE 'cannot be read%')
    EXECUTE FUNCTION forget_update();
COMMENT ON COLUMN inbox.payload IS 'What was handed over; empty once it is handled.';
UPDATE inbox SET payload = '{}' WHERE handled_at IS NOT NULL AND coalesce(note, '') NOT LIKE 'cannot be read%';
"""


def upgrade() -> None:
    run_script(FORGET)
