"""What people want of the bots follows from the log: its few rows that say so are found at once, however long it is."""

from chatops.storage.migrations.script import run_script

revision = "0010"
down_revision = "0009"

RESTRAINTS = """
CREATE INDEX command_log_restraints ON command_log (at)
    WHERE word IN ('pause', 'resume', 'kill', 'stop') AND state IN ('running', 'finished');
"""


def upgrade() -> None:
    run_script(RESTRAINTS)
