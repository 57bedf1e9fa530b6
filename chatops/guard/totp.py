"""Codes that prove who asks: what an authenticator app shows (RFC 6238), and recovery codes for when it is lost.

Nothing here is stored: a seed follows from a key, which no database has, and the enrolment, which one does.
"""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

import pyotp

#: What every authenticator app takes for granted (RFC 6238, 5.2 and 4.1; RFC 4226, 5.3): one code every 30 s, six
#: digits, SHA-1 under a key of 160 bits.
STEP_S = 30
DIGITS = 6
SEED_BYTES = 20
#: How many steps a phone's clock may be off, either way.
DRIFT = 1
RECOVERY_CODES = 10

#: Without 0, 1, 8 and 9, which are read as letters (RFC 4648, 6).
_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
#: Three groups of four letters: 60 bits, which nobody guesses at five tries in five minutes.
_GROUP, _GROUPS = 4, 3
_APART = re.compile(r"[\s\-‐-―]+")  # noqa: RUF001 - dashes of every kind: phones put them in
_RECOVERY = re.compile(f"[{_ALPHABET}]{{{_GROUP * _GROUPS}}}")
#: As it is shown, in whatever case.
_SHOWN = rf"(?:[{_ALPHABET}]{{{_GROUP}}}[-‐-―]){{{_GROUPS - 1}}}[{_ALPHABET}]{{{_GROUP}}}"  # noqa: RUF001
_SHOWN_ALONE = re.compile(rf"\s*{_SHOWN}\s*", re.IGNORECASE)
#: All that stands behind the word for it.
_GIVEN = re.compile(r"^(\s*[/!]?code(?:@\w+)?)\s+.*$", re.IGNORECASE | re.DOTALL)
#: What may be one, wherever it stands: with a digit where it is in one piece, as nearly all have.
_ANYWHERE = re.compile(
    rf"(?<![\w-])(?<!\d[.,])"
    rf"(?:\d{{3}}[ -]?\d{{3}}|{_SHOWN}|(?=[a-z]*[2-7])[{_ALPHABET}]{{{_GROUP * _GROUPS}}})"
    rf"(?![\w-]|[.,]\d)",
    re.IGNORECASE | re.ASCII,
)
_MASK = "***"


def seed(key: bytes, person: str, enrolment: UUID) -> str:
    """The secret that an app is given: base32. The same for the same enrolment, and none without the key."""
    made = hmac.new(key, _bound(b"seed", person, enrolment), hashlib.sha256).digest()
    return base64.b32encode(made[:SEED_BYTES]).decode()


def in_fours(said: str) -> str:
    """In groups of four, to be read from one screen and typed on another."""
    return " ".join(said[start : start + 4] for start in range(0, len(said), 4))


def uri(secret: str, person: str, desk: str) -> str:
    """What the QR picture says: `otpauth://totp/…`, as apps read it."""
    return pyotp.TOTP(secret, digits=DIGITS, interval=STEP_S).provisioning_uri(name=person, issuer_name=desk)


def step_at(moment: datetime) -> int:
    """Which step of 30 s a moment is in."""
    return int(moment.timestamp()) // STEP_S


def step_of(code: str, secret: str, now: datetime) -> int | None:
    """The step whose code this is, the newest first; None where it is none of now. Every try takes as long."""
    totp = pyotp.TOTP(secret, digits=DIGITS, interval=STEP_S)
    found = None
    for step in range(step_at(now) - DRIFT, step_at(now) + DRIFT + 1):
        if step >= 0 and hmac.compare_digest(totp.generate_otp(step).encode(), code.encode()):
            found = step
    return found


def typed(said: str) -> str:
    """A code as it is meant: without the spaces and dashes that people type into it, in one case."""
    return _APART.sub("", said).casefold()


def is_code(meant: str) -> bool:
    """Whether it has the shape of what an app shows."""
    return len(meant) == DIGITS and meant.isascii() and meant.isdecimal()


def is_recovery_code(meant: str) -> bool:
    """Whether it has the shape of one that we gave out."""
    return _RECOVERY.fullmatch(meant) is not None


def is_given_alone(text: str) -> bool:
    """Whether a text is a code or a recovery code and nothing else, so that it needs no word."""
    return is_code(typed(text)) or _SHOWN_ALONE.fullmatch(text) is not None


def masked(text: str) -> str:
    """The text without what may be one of these codes: where it is recorded, or stored until it is handled."""
    return _MASK if is_given_alone(text) else _ANYWHERE.sub(_MASK, _GIVEN.sub(rf"\1 {_MASK}", text))


def new_recovery_codes() -> tuple[str, ...]:
    """Ten of them, as they are shown: `abcd-efgh-2345`."""
    return tuple("-".join(_groups()) for _ in range(RECOVERY_CODES))


def recovery_hash(key: bytes, person: str, enrolment: UUID, meant: str) -> str:
    """What is stored of one: nothing that could be tried out without the key."""
    return hmac.new(key, _bound(b"recovery", person, enrolment) + b"\0" + meant.encode(), hashlib.sha256).hexdigest()


def _groups() -> Iterator[str]:
    for _ in range(_GROUPS):
        yield "".join(secrets.choice(_ALPHABET) for _ in range(_GROUP))


def _bound(use: bytes, person: str, enrolment: UUID) -> bytes:
    """One text for one use of the key: of a fixed length but for the name, which stands last."""
    return b"quarterdeck " + use + b"\0" + enrolment.bytes + person.encode()
