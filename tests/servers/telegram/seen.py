"""What a test that waited in vain is told."""


class NotSeen(AssertionError):
    """It did not happen in time; the words show what there is instead."""
