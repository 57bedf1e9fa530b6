"""The named reasons for which somebody is told."""

from enum import StrEnum


class Why(StrEnum):
    """Why a telling was decided. Kept with it, and shown by `/alerts <id>` beside the reason in words."""

    FIRED = "fired"
    ROSE = "rose"
    #: The room to liquidation has shrunk by a further part.
    WORSENED = "worsened"
    #: It stands, and its throttle has passed.
    STANDS = "stands"
    #: It stands, has no throttle, and its figures are others now.
    FIGURES = "figures"
    #: The policy's next step: nobody has acknowledged.
    ESCALATED = "escalated"
    #: The policy's last step, again.
    REPEATED = "repeated"
    #: An acknowledgement has lapsed.
    LAPSED = "lapsed"
    #: What held it back, a silence or another alert of the same leg, is over.
    HELD_NO_MORE = "held no more"
    #: It was held by quiet hours, which are over.
    QUIET_OVER = "quiet hours over"
    #: Somebody silenced it, which its cards say.
    SILENCED = "silenced"
    #: Whoever should have been told is not there.
    NOBODY_THERE = "nobody there"
    FELL = "fell"
    ACKNOWLEDGED = "acknowledged"
    #: An acknowledgement that shows on the card counts no more.
    NOT_IN_HAND = "not in hand"
    STILL_THERE = "still there"
    RESOLVED = "resolved"
