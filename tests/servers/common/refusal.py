"""How a server does not do what it was asked, whatever its platform calls it."""


class Refusal(Exception):
    """An answer that says no, in the platform's own form."""


class Dropped(Exception):
    """The connection is cut and nothing is answered."""
