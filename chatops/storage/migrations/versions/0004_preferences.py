"""What rooms have chosen."""

from chatops.storage.migrations.script import run_script

revision = "0004"
down_revision = "0003"

PREFERENCES = """
CREATE TABLE room_preferences (
    platform text NOT NULL,
    room text NOT NULL,
    key text NOT NULL,
    value jsonb NOT NULL,
    changed_by text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (platform, room, key)
);
COMMENT ON TABLE room_preferences IS 'What rooms have chosen, over what the settings say of them.';
COMMENT ON COLUMN room_preferences.key IS 'As "notice:opened", "pin".';
"""


def upgrade() -> None:
    run_script(PREFERENCES)
