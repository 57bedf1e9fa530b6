"""What keeps a picture from being drawn. The text of each is a sentence for people.

NoPicture
├── TooLong     it took longer than one may wait
├── TooMany     too many wait already
├── Undrawable  these facts cannot be drawn
└── Died        the process that draws has ended, or cannot be started
"""


class NoPicture(Exception):
    """The answer goes out without a picture, with this word."""


class TooLong(NoPicture):
    """It took longer than one may wait. What is still being drawn is there when it is asked for again."""


class TooMany(NoPicture):
    """As many pictures wait to be drawn as may."""


class Undrawable(NoPicture):
    """Drawing failed on these facts; asking again does not help."""


class Died(NoPicture):
    """The process that draws has ended, or cannot be started; asking again may help."""
