"""Buttons of cards that stay as they are when somebody presses them: what is answered is a message of its own."""

from chatops.storage.migrations.script import run_script

revision = "0013"
down_revision = "0012"

COLUMN = """
ALTER TABLE presses ADD COLUMN beside boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN presses.beside IS 'What is answered does not take the place of the message that it stands under.';
"""

MINT = """
CREATE OR REPLACE FUNCTION mint(minted jsonb) RETURNS void
LANGUAGE plpgsql AS $body$
BEGIN
    IF minted IS NULL THEN
        RETURN;
    END IF;
    INSERT INTO presses (
        token, ask, word, principal, platform, room, command_id, created_at, expires_at, whose, preview, fills, beside)
    SELECT m.token, m.ask, m.word, m.principal, m.platform, moved_room(m.platform, m.room), m.command_id,
        m.created_at, m.expires_at, coalesce(m.whose, 'asker'), m.preview, m.fills, coalesce(m.beside, false)
    FROM jsonb_to_recordset(minted) AS m (
        token text, ask jsonb, word text, principal text, platform text, room text, command_id uuid,
        created_at timestamptz, expires_at timestamptz, whose text, preview jsonb, fills text, beside boolean)
    ON CONFLICT (token) DO NOTHING;
END
$body$;
"""


def upgrade() -> None:
    run_script(COLUMN)
    run_script(MINT)
