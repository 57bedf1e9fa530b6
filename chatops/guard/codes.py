"""Codes that let somebody in: read out or typed on a phone, good once, and stored as a hash alone."""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from chatops.people import Role, Source

#: Crockford's base 32 (crockford.com/base32.html): no I, L, O or U.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
#: 60 bits: at five tries in ten minutes nobody meets one.
_LENGTH, _GROUP = 12, 4
_READ_AS = str.maketrans("OIL", "011")
#: What phones make of a dash, too.
_DASH = "[-\u2010\u2011\u2012\u2013\u2014]?"
_CODE = f"[0-9a-z]{{{_GROUP}}}{_DASH}[0-9a-z]{{{_GROUP}}}{_DASH}[0-9a-z]{{{_GROUP}}}"
_WORDS = "start|claim|link|invite"
_ATTEMPT = re.compile(
    rf"[/!]?(?P<word>{_WORDS})(?:@\w{{1,64}})?\s{{1,8}}(?P<code>{_CODE})(?:\s{{1,8}}(?P<name>\S{{1,64}}))?",
    re.IGNORECASE | re.ASCII,
)
#: Behind a word that takes one it is a code; elsewhere where it stands in groups, or has a digit as nearly all have.
_LOOKS_LIKE_ONE = re.compile(
    rf"(?P<before>\b(?:{_WORDS})(?:@\w{{1,64}})?\s{{1,8}}){_CODE}"
    rf"|(?<![0-9a-z-])(?:{_CODE.replace('?', '')}|(?=[a-z]{{0,11}}[0-9])[0-9a-z]{{{_LENGTH}}})(?![0-9a-z-])",
    re.IGNORECASE | re.ASCII,
)
_MASK = "***"

#: How long an invitation and a link are good.
LASTS = timedelta(minutes=10)


class CodeKind(StrEnum):
    """What a code does for whoever types it first."""

    #: Makes them the first admin.
    CLAIM = "claim"
    #: Makes them a person of that role.
    INVITE = "invite"
    #: Makes their account another one of somebody whom we know.
    LINK = "link"


@dataclass(frozen=True, slots=True)
class StoredCode:
    """What is known of a code, but for the code."""

    kind: CodeKind
    made_by: str
    made_at: datetime
    #: None: good until it is used.
    expires_at: datetime | None = None
    #: Of an invitation.
    role: Role | None = None
    #: Of an invitation the name that was given, of a link whose account it will be.
    person: str | None = None
    source: Source | None = None
    #: The account that came in by it.
    used_by: str | None = None

    def is_over(self, now: datetime) -> bool:
        """Whether its time has passed."""
        return self.expires_at is not None and now >= self.expires_at


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody typed what may be a code."""

    #: With which word: all of them take any code.
    word: str
    code: str
    #: What they would like to be called; empty where they said nothing.
    name: str = ""


def new_code() -> str:
    """A new one, as people read it: `7K3M-9PQR-2XWZ`."""
    return _grouped("".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH)))


def digest(code: str) -> str:
    """What is stored of a code. It is the same however the code is typed."""
    return hashlib.sha256(_plain(code).encode()).hexdigest()


def attempt(text: str) -> Attempt | None:
    """The code in a text such as `/start 7k3m9pqr2xwz`, or None where it is not of that form: all that is read of what
    a stranger says.
    """
    found = _ATTEMPT.fullmatch(text.strip())
    if found is None:
        return None
    code = _plain(found["code"])
    if not set(code) <= set(_ALPHABET):
        return None
    return Attempt(found["word"].casefold(), _grouped(code), found["name"] or "")


def masked(text: str) -> str:
    """The text without what may be a code, for the record."""
    return _LOOKS_LIKE_ONE.sub(lambda found: (found["before"] or "") + _MASK, text)


def _plain(code: str) -> str:
    return re.sub("[^0-9A-Z]", "", code.upper()).translate(_READ_AS)


def _grouped(code: str) -> str:
    return "-".join(code[start : start + _GROUP] for start in range(0, _LENGTH, _GROUP))
