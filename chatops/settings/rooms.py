"""The settings of a room: where people talk, and what it is told there."""

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationInfo

from chatops.notices.kinds import KINDS, Loudness, NoticeKind
from chatops.room import Room
from chatops.settings.faults import fault
from chatops.settings.section import Section
from chatops.settings.times import Hours
from chatops.settings.values import Name, Number, TelegramTopic, ZoneName, chat_of

SLACK = "slack"
ZONE = "a name from the IANA list, such as Europe/Berlin"


class Concern(StrEnum):
    """What a room may be told without having asked."""

    ALERTS = "alerts"
    REPORTS = "reports"
    NOTICES = "notices"


def _how_loud(kind: NoticeKind) -> Any:
    return Field(KINDS[kind].default, description=f"it tells that {KINDS[kind].summary}")


class NoticeSettings(Section):
    """How a room is told of each kind of notice; a room that says nothing hears it as it is usual."""

    opened: Loudness = _how_loud(NoticeKind.OPENED)
    closed: Loudness = _how_loud(NoticeKind.CLOSED)
    filled: Loudness = _how_loud(NoticeKind.FILLED)
    rebalanced: Loudness = _how_loud(NoticeKind.REBALANCED)
    funding: Loudness = _how_loud(NoticeKind.FUNDING)
    stage: Loudness = _how_loud(NoticeKind.STAGE)
    mode: Loudness = _how_loud(NoticeKind.MODE)
    breaker: Loudness = _how_loud(NoticeKind.BREAKER)
    restarted: Loudness = _how_loud(NoticeKind.RESTARTED)
    away: Loudness = _how_loud(NoticeKind.AWAY)
    control: Loudness = _how_loud(NoticeKind.CONTROL)
    settings: Loudness = _how_loud(NoticeKind.SETTINGS)
    desired: Loudness = _how_loud(NoticeKind.DESIRED)

    @property
    def by_kind(self) -> dict[NoticeKind, Loudness]:
        """The same, as notices are told."""
        return {kind: getattr(self, kind) for kind in NoticeKind}


def _chat(value: str, info: ValidationInfo) -> str:
    return chat_of(info.data.get("platform"), value)


def _on_telegram(value: str, info: ValidationInfo) -> str:
    if value and info.data.get("platform") == SLACK:
        raise fault("is for Telegram alone", "leave it out: on Slack a room is the channel")
    return value


class RoomSettings(Section):
    """Where people talk."""

    name: Name = Field(description="one word that people call it by")
    platform: Literal["telegram", "slack"] = Field(description='"telegram" or "slack"')
    id: Annotated[Number, AfterValidator(_chat)] = Field(
        description="the number of the chat, or the id of the channel; say whoami to the bot in that room"
    )
    topic: Annotated[TelegramTopic, AfterValidator(_on_telegram)] = Field(
        "", description="the number of a topic in a forum"
    )
    #: None: as the desk.
    timezone: ZoneName | None = Field(None, description=ZONE)
    #: All of it where nothing is said, so that no alert goes nowhere.
    receives: frozenset[Concern] = Field(
        frozenset(Concern), description=f'a list of some of {", ".join(Concern)}, as in ["alerts"]'
    )
    #: In the room's zone. None: none.
    quiet: Hours | None = Field(None, description='two times of the day, as in "22:00-07:00"')
    notices: NoticeSettings = Field(default_factory=NoticeSettings, description='as in { funding = "off" }')

    @property
    def told(self) -> dict[NoticeKind, Loudness]:
        """How it is told what happens in the bots; all off where it does not receive notices."""
        if Concern.NOTICES in self.receives:
            return self.notices.by_kind
        return dict.fromkeys(NoticeKind, Loudness.OFF)

    @property
    def room(self) -> Room:
        """The same, as messages are sent to it."""
        return Room(self.platform, self.id, self.topic)
