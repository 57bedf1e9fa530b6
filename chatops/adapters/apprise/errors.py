"""Why a channel cannot be had.

UnusableChannel   Apprise is not installed, or makes nothing of the address
"""


class UnusableChannel(Exception):
    """The text says what to do, and repeats nothing of the address."""


#: What to do where Apprise is missing.
INSTALL = 'pip install "quarterdeck[channels]", or take the channel out'


class NotInstalled(UnusableChannel):
    """There is no Apprise here."""

    def __init__(self) -> None:
        super().__init__(f"Apprise is not installed: {INSTALL}")
