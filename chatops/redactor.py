"""Takes secrets out of text, before anybody reads it."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

MASK = "***"
#: Anybody guesses what is shorter, and taking it out would leave no readable word.
SHORTEST = 4
#: The same for what people are shown: a short password may be a word that they need, such as the name of a bot.
SHORTEST_SHOWN = 8
#: The same for what people type, which is an ask: no word and no name is as long.
SHORTEST_TYPED = 16

#: Lengths are bounded: strangers write part of what is searched, and must not make it slow.
_FORMS = (
    # A token of a Telegram bot, also where it follows "bot" in an address.
    r"\d{1,20}:[A-Za-z0-9_-]{30,}",
    # However it was cut off.
    r"\b\d{6,20}:AA[A-Za-z0-9_-]+",
    # Tokens of Slack, and the address of one of its webhooks.
    r"\bxox[a-z]-[A-Za-z0-9-]{8,512}",
    r"\bxapp-[A-Za-z0-9-]{8,512}",
    r"(?P<hook>hooks\.slack\.com/services/)[\w/]{1,256}",
    # A password in an address: as user:password@, or among its parameters.
    r"(?P<account>[A-Za-z][A-Za-z0-9+.-]{0,30}://[^\s/:@]{0,256}:)[^\s/]{1,512}(?=[@…])",
    r"(?P<parameter>(?:[?&]|\b)(?i:password|passwd|token|secret|api_?key|access_token|signature)=)[^\s&#'\"]{1,4096}",
    r"(?P<authorization>\b[Aa]uthorization['\"]?\s{0,4}[:=]\s{0,4}['\"]?(?:[A-Za-z]{1,16}\s{1,8})?)[^\s'\",]{1,4096}",
    r"(?P<bearer>\b[Bb]earer\s{1,8})[^\s'\",]{1,4096}",
)
#: Without one of these, in small letters, a text holds none of the forms: most texts are not searched further.
_SIGNS = (
    "://",
    "bearer",
    "authorization",
    "xox",
    "xapp-",
    "slack.com/services/",
    *(f"{name}=" for name in ("password", "passwd", "token", "secret", "apikey", "api_key", "signature")),
)
_TELEGRAM_TAIL = re.compile(r":(?:AA|[A-Za-z0-9_-]{30})")
#: So much of a secret tells which one it is: what begins so and is cut off is taken out as well.
_BEGINNING = 8


class Redactor:
    """Replaces every known secret, and what has the form of one, by `***`.

    Secrets of fewer than `shortest` characters are left alone.
    """

    def __init__(self, secrets: Iterable[str] = (), *, shortest: int = SHORTEST) -> None:
        known = {way for secret in secrets if len(secret) >= shortest for way in _written(secret)}
        long = {way for way in known if len(way) >= SHORTEST_TYPED}
        self._pattern = re.compile("|".join([*_exactly(known), *_cut_off(known), *_FORMS]))
        self._typed = re.compile("|".join(_exactly(long))) if long else None
        # Of a long one its beginning stands for all of it.
        self._signs = (*sorted({secret.lower()[:_BEGINNING] for secret in known}), *_SIGNS)

    def __call__(self, text: str) -> str:
        """The text without secrets."""
        folded = text.lower()
        if not any(sign in folded for sign in self._signs) and not _TELEGRAM_TAIL.search(text):
            return text
        return self._pattern.sub(_mask, text)

    def typed(self, text: str) -> str:
        """What somebody typed without known secrets. What only has the form of one may be what they mean."""
        return text if self._typed is None else self._typed.sub(MASK, text)

    def value(self, value: Any) -> Any:
        """The JSON value with the texts in it, and its keys, without secrets."""
        match value:
            case str():
                return self(value)
            case Mapping():
                return {self(key): self.value(inner) for key, inner in value.items()}
            case list() | tuple():
                return [self.value(inner) for inner in value]
            case _:
                return value


def _exactly(known: Iterable[str]) -> list[str]:
    """Patterns of these, the longest first: one secret may begin with another. Case counts for nothing."""
    # What people type is folded before it is shown.
    return [f"(?i:{re.escape(secret)})" for secret in sorted(known, key=lambda secret: (-len(secret), secret))]


def _cut_off(known: Iterable[str]) -> list[str]:
    """Patterns of what begins as one of these and ends in an ellipsis: views cut what is too long for them."""
    beginnings = {secret[:_BEGINNING] for secret in known if len(secret) > _BEGINNING}
    return [f"(?i:{re.escape(beginning)})[^\\s…]{{0,4096}}…" for beginning in sorted(beginnings)]


def _mask(found: re.Match[str]) -> str:
    # What stands before the secret in its form is kept: it says what was there.
    kept = next((text for text in found.groupdict().values() if text is not None), "")
    return kept + MASK


def _written(secret: str) -> tuple[str, ...]:
    """The ways in which a secret is written in text: as it is, in an address, in a repr, in JSON."""
    return secret, quote(secret, safe=""), quote_plus(secret), repr(secret)[1:-1], json.dumps(secret)[1:-1]
