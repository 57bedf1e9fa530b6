"""The kinds of values that settings are made of, each with the words that say what is expected."""

import re
from datetime import UTC, date, datetime, time
from difflib import get_close_matches
from ipaddress import ip_address
from typing import Annotated
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, InstanceOf, PlainSerializer, SecretStr

from chatops.settings.address import Address
from chatops.settings.faults import fault

#: A bot of this address runs in the gateway's own process.
PAPER = "paper"

#: One word: people type it.
NAME = re.compile(r"\w[\w.-]{0,31}")
_TELEGRAM_CHAT = re.compile(r"-?\d{1,19}")
_TELEGRAM_TOKEN = re.compile(r"\d+:[A-Za-z0-9_-]+")
_GENERAL_TOPIC = "1"
#: Without a query and a fragment: the path alone says what is called.
_WEBHOOK = re.compile(r"[A-Za-z0-9:/.\[\]_~!$&'()*+,;=@%-]+")
#: Contract, limits.webhook_secret_token.
_WEBHOOK_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
#: Of another workspace, or organization, than the app's own with these in front.
_SLACK_PERSON = re.compile(r"(?:(?:E[A-Z0-9]{2,}/)?T[A-Z0-9]{2,}/)?[UW][A-Z0-9]{2,}")
_SLACK_CHANNEL = re.compile(r"[CGUW][A-Z0-9]{2,}")


def _matching(pattern: re.Pattern[str], what: str, todo: str = "") -> AfterValidator:
    def check(value: str) -> str:
        if pattern.fullmatch(value) is None:
            raise fault(what, todo)
        return value

    return AfterValidator(check)


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, OSError, ValueError):
        # KeyError where there is none; the others for a folder of zones, and for what is no path below theirs.
        raise fault("is no IANA time zone", _nearest_zone(value)) from None
    return value


def _nearest_zone(value: str) -> str:
    zones = available_timezones()
    by_folded = {zone.casefold(): zone for zone in zones}
    near = get_close_matches(value.casefold(), by_folded, n=1)
    return f"did you mean {by_folded[near[0]]}?" if near else ""


def _address(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return Address.parse(value)
    except ValueError:
        raise fault("is no address to listen on") from None


def _moment(value: datetime) -> datetime:
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _midnight(value: object) -> object:
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime.combine(value, time(), UTC)
    return value


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        # Asked for here, because it is read only then.
        _ = parts.port
    except ValueError:
        return None
    return parts


def _bot_url(value: str) -> str:
    if value == PAPER:
        return value
    parts = _split(value)
    if parts is None or parts.query or parts.fragment or parts.username is not None:
        raise fault("is no address of a bot")
    if parts.scheme == "unix":
        if parts.netloc or not parts.path.startswith("/"):
            raise fault("names no socket", "unix:// and an absolute path, as in unix:///run/alpha.sock")
        return value
    if parts.scheme not in ("http", "https", "tcp") or not parts.hostname or parts.path.strip("/"):
        raise fault("is no address of a bot")
    if parts.scheme == "tcp" and not parts.port:
        raise fault("names no port", "tcp://HOST:PORT, as in tcp://127.0.0.1:9120")
    return value.rstrip("/")


def is_loopback(url: str) -> bool:
    """Whether an address of a host stays on this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _api_url(value: str) -> str:
    parts = _split(value)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise fault("is no http address")
    # The token follows it directly.
    return value if value.endswith("/bot") else f"{value.rstrip('/')}/bot"


def chat_of(platform: str | None, value: str) -> str:
    """The id of a chat on this platform, None where that is wrong itself. Raises `ValueError`."""
    fits = {"telegram": _TELEGRAM_CHAT, "slack": _SLACK_CHANNEL}
    if any(form.fullmatch(value) for name, form in fits.items() if platform in (name, None)):
        return value
    if platform == "slack":
        raise fault("is no id of a channel", "as in C0123456789: at the very end of the channel's details")
    raise fault("is no id of a chat", "its number; say whoami to the bot in that room")


def _slack_api_url(value: str) -> str:
    parts = _split(value)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise fault("is no http address")
    # The name of the method follows it directly.
    return f"{value.rstrip('/')}/"


def _without_general(topic: str) -> str:
    """The topic General is the group itself: what is said there comes without a topic (contract, semantics.groups)."""
    return "" if topic == _GENERAL_TOPIC else topic


def _webhook_url(value: str | None) -> str | None:
    if value is None:
        return None
    parts = _split(value)
    # Its path may be secret: nothing of it is repeated.
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname or not _WEBHOOK.fullmatch(value):
        raise fault("is no address that Telegram can call")
    if parts.username is not None:
        raise fault("holds a name or a password", "Telegram shows webhook_secret instead: leave them out")
    return value


def _webhook_secret(value: SecretStr | None) -> SecretStr | None:
    if value is not None and _WEBHOOK_SECRET.fullmatch(value.get_secret_value()) is None:
        raise fault("is no secret that Telegram takes")
    return value


def _database_url(value: SecretStr | None) -> SecretStr | None:
    if value is None:
        return None
    parts = _split(value.get_secret_value())
    if parts is None or parts.fragment:
        raise fault(
            "cannot be read as an address",
            "postgresql://USER:PASSWORD@HOST/NAME, with / # ? @ : % in the password as %2F %23 %3F %40 %3A %25",
        )
    if parts.scheme not in ("postgresql", "postgres"):
        raise fault("is no address of a PostgreSQL")
    return value


def checked_telegram_token(value: SecretStr) -> SecretStr:
    """The token, if it has the form of one. Raises `ValueError`."""
    if _TELEGRAM_TOKEN.fullmatch(value.get_secret_value()) is None:
        raise fault("does not look like a token of Telegram", "digits, a colon and letters, as @BotFather gave it")
    return value


Name = Annotated[
    str,
    _matching(NAME, "is no name", "one word of at most 32 letters, digits, dots, dashes or underscores"),
]
ZoneName = Annotated[str, AfterValidator(_zone)]
ListenAddress = Annotated[InstanceOf[Address], BeforeValidator(_address), PlainSerializer(str)]
#: Aware; UTC where the file does not say.
Moment = Annotated[datetime, BeforeValidator(_midnight), AfterValidator(_moment)]
BotUrl = Annotated[str, AfterValidator(_bot_url)]
ApiUrl = Annotated[str, AfterValidator(_api_url)]
SlackApiUrl = Annotated[str, AfterValidator(_slack_api_url)]
DATABASE_URL = AfterValidator(_database_url)
TELEGRAM_TOKEN = AfterValidator(checked_telegram_token)
WEBHOOK_URL = AfterValidator(_webhook_url)
WEBHOOK_SECRET = AfterValidator(_webhook_secret)
#: Ids are text; a file may write them as numbers.
Number = Annotated[str, Field(coerce_numbers_to_str=True)]
TelegramTopic = Annotated[
    Number, _matching(re.compile(r"\d{0,19}"), "is no id of a topic"), AfterValidator(_without_general)
]
SlackPerson = Annotated[
    str, _matching(_SLACK_PERSON, "is no member id of Slack", "as in U0123456789: on the profile, Copy member ID")
]
