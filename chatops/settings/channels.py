"""Channels beyond the chats, and the address that is called while all is in time."""

import re
from datetime import timedelta
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationInfo

from chatops.room import Room
from chatops.settings.faults import fault, told
from chatops.settings.secret import NOT_GIVEN, FileOfSecret, OptionalSecret, Secret
from chatops.settings.section import Section
from chatops.settings.times import Duration
from chatops.settings.values import Name

#: As rooms of these platforms are named (`chatops.adapters`).
APPRISE, WEBHOOK = "apprise", "webhook"
#: A secret that can be guessed signs nothing.
SHORTEST_SECRET = 16
#: More often nobody who waits for it looks; more seldom it is of no use.
LEAST_EVERY, LONGEST_EVERY = timedelta(seconds=10), timedelta(hours=1)
_ADDRESS = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://\S+")


def _channel_url(value: SecretStr) -> SecretStr:
    if _ADDRESS.fullmatch(value.get_secret_value()) is None:
        raise fault("is no address")
    return value


def _of_a_webhook(value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
    if value is None:
        return None
    url: SecretStr | None = info.data.get("url")
    if url is None:
        raise told()
    if not _is_http(url.get_secret_value()):
        raise fault("is for a webhook of your own", "leave it out, or give a url that begins with https://")
    if len(value.get_secret_value()) < SHORTEST_SECRET:
        raise fault("is too short")
    return value


def _heartbeat_url(value: SecretStr) -> SecretStr:
    if not _is_http(value.get_secret_value()):
        raise fault("is no http address")
    return value


def _is_http(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _check_every(every: timedelta) -> timedelta:
    if not LEAST_EVERY <= every <= LONGEST_EVERY:
        raise fault("is too short or too long")
    return every


class ChannelSettings(Section):
    """Somewhere that is told and does not answer: a service that Apprise knows, or with a secret a webhook of ours."""

    name: Name = Field(description="one word, by which steps of an escalation name it: channel:pager")
    url_file: FileOfSecret = None
    url: Annotated[Secret, AfterValidator(_channel_url)] = Field(
        NOT_GIVEN,
        description="an address of Apprise, as in ntfy://ntfy.sh/TOPIC, or with a secret https:// and where it leads",
    )
    secret_file: FileOfSecret = None
    secret: Annotated[OptionalSecret, AfterValidator(_of_a_webhook)] = Field(
        None, description=f"at least {SHORTEST_SECRET} characters, by which a webhook knows that it is the desk"
    )
    allow_private: bool = Field(
        False, strict=True, description="true where it lies on a private network or on this machine"
    )

    @property
    def is_webhook(self) -> bool:
        """Whether it is called by ourselves, signed."""
        return self.secret is not None

    @property
    def room(self) -> Room:
        """The same, as messages are sent to it."""
        return Room(WEBHOOK if self.is_webhook else APPRISE, self.name)


class HeartbeatSettings(Section):
    """An address that is called while the desk evaluates, delivers and escalates in time."""

    url_file: FileOfSecret = None
    url: Annotated[Secret, AfterValidator(_heartbeat_url)] = Field(
        NOT_GIVEN, description="https://… of a service that tells you when it is called no more"
    )
    every: Annotated[Duration, AfterValidator(_check_every)] = Field(
        timedelta(minutes=1), description='from "10s" to "1h", as in "1m"'
    )
