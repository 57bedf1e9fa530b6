"""What a test that waited in vain is told."""

#: So long a story waits for what has to come: beyond what any machine takes, since only what fails takes so long.
PATIENCE_S = 30.0


class NotSeen(AssertionError):
    """It did not happen in time; the words show what there is instead."""
