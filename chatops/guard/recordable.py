"""What people say, as it may be put on record: without what lets somebody in, or proves who they are."""

from chatops.guard import codes, totp


def without_codes(text: str) -> str:
    """The text, with a mark in place of whatever may be a code."""
    return totp.masked(codes.masked(text))
