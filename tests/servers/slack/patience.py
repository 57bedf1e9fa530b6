"""A platform and a desk that wait: a machine that is held up for seconds is no story of theirs.

Stories about a limit set it for the moment that they mean.
"""

from chatops.adapters.slack.within import Within

PATIENCE_S = 30.0
#: Longer than any story's own short limit, and short enough that what nobody acknowledges comes again within one.
ACK_S = 10.0


def patient() -> Within:
    """What has to be done within three seconds may take longer; that it is less has a test of its own."""
    return Within(PATIENCE_S, PATIENCE_S, PATIENCE_S)
