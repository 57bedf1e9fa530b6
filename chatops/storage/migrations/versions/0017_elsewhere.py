"""What was taken over from the records that bots keep themselves, so that it is taken once."""

from chatops.storage.migrations.script import run_script

revision = "0017"
down_revision = "0016"

ELSEWHERE = """
CREATE TABLE elsewhere (
    bot text PRIMARY KEY,
    source text NOT NULL,
    until timestamptz NOT NULL,
    taken_at timestamptz NOT NULL,
    trades integer NOT NULL,
    bookings integer NOT NULL,
    payments integer NOT NULL
);
COMMENT ON TABLE elsewhere IS 'Bots of whose own record the time before they were heard was taken over: once each.';
COMMENT ON COLUMN elsewhere.until IS
    'All rows of history of this bot that are older were taken over; those from then on were recorded here.';
"""


def upgrade() -> None:
    run_script(ELSEWHERE)
