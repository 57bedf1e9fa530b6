"""Takes secrets out of text, before anybody reads it."""

import json
import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

MASK = "***"
#: Anybody guesses what is shorter, and taking it out would leave no readable word.
SHORTEST = 4

#: Lengths are bounded: strangers write part of what is searched, and must not make it slow.
_FORMS = (
    # A token of a Telegram bot, also where it follows "bot" in an address.
    r"\d{1,20}:[A-Za-z0-9_-]{30,}",
    # A password in an address: as user:password@, or among its parameters.
    r"(?P<account>[A-Za-z][A-Za-z0-9+.-]{0,30}://[^\s/:@]{0,256}:)[^\s/]{1,512}(?=@)",
    r"(?P<parameter>[?&](?:password|token|secret)=)[^\s&#'\"]{1,4096}",
    r"(?P<bearer>\b[Bb]earer\s{1,8})[^\s'\",]{1,4096}",
)


class Redactor:
    """Replaces every known secret, and what has the form of one, by `***`."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = {way for secret in secrets if len(secret) >= SHORTEST for way in _written(secret)}
        # The longest first: one secret may begin with another.
        exact = (re.escape(secret) for secret in sorted(known, key=lambda secret: (-len(secret), secret)))
        self._pattern = re.compile("|".join([*exact, *_FORMS]))

    def __call__(self, text: str) -> str:
        """The text without secrets."""
        return self._pattern.sub(_mask, text)


def _mask(found: re.Match[str]) -> str:
    # What stands before the secret in its form is kept: it says what was there.
    kept = next((text for text in found.groupdict().values() if text is not None), "")
    return kept + MASK


def _written(secret: str) -> tuple[str, ...]:
    """The ways in which a secret is written in text: as it is, in an address, in a repr, in JSON."""
    return secret, quote(secret, safe=""), quote_plus(secret), repr(secret)[1:-1], json.dumps(secret)[1:-1]
