"""What goes over a stream: a whole snapshot, what changed since, or a sign of life."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from bot_integration.state import Snapshot


class Channel(StrEnum):
    """A part of a stream that can be asked for by itself."""

    SESSION = "session"
    POSITIONS = "positions"
    FUNDING = "funding"
    VENUES = "venues"
    PORTFOLIO = "portfolio"
    PARAMETERS = "parameters"
    #: What the bot says, and its timeline.
    EVENTS = "events"
    #: What became of commands, and which the bot declares.
    COMMANDS = "commands"


class DeltaKind(StrEnum):
    """What has changed. Parts that stand once carry their changed fields, parts of a list their whole new value."""

    #: `{"position": …}`: it goes to the end.
    POSITION_OPENED = "position_opened"
    #: `{"id": …, "changed": {field: value}}`. Legs are told by what changed of each in its place, where any did:
    #: `"legs": [{field: value}, …]`; they stand whole in `changed` where there are more or fewer than before.
    POSITION_UPDATE = "position_update"
    #: `{"id": …}`: it is held no more.
    POSITION_CLOSED = "position_closed"
    #: `{"ids": […]}`: all that are held, where their order is another than the deltas before left it.
    POSITIONS_ORDER = "positions_order"
    #: `{"changed": {field: value}}`, of the session without its pause.
    SESSION_UPDATE = "session_update"
    #: `{"pause": …}`.
    PAUSE_STATE_CHANGE = "pause_state_change"
    #: `{"funding": …}` of one venue and asset, or `{"all": […]}`.
    FUNDING_UPDATE = "funding_update"
    #: `{"venue": …}` of one name, or `{"all": […]}`.
    VENUE_UPDATE = "venue_update"
    #: `{"changed": {field: value}}`.
    PORTFOLIO_UPDATE = "portfolio_update"
    #: `{"parameter": …}` of one key, or `{"all": […]}`.
    PARAMETERS_UPDATE = "parameters_update"
    #: `{"metrics": {…}}`, all of them.
    METRICS_UPDATE = "metrics_update"
    #: `{"commands": […]}`: all that the bot declares.
    DECLARATIONS_UPDATE = "declarations_update"
    #: `{"extra": {…}}` of the snapshot itself.
    EXTRA_UPDATE = "extra_update"
    #: `{"dropped": n}`: so many of the oldest left the timeline.
    TIMELINE_UPDATE = "timeline_update"
    #: `{"event": …, "kept": bool}`: something happened; where kept, it goes to the end of the timeline.
    EVENT = "event"
    #: `{"command": …, "result": …}`: a command ended, whoever asked.
    COMMAND_UPDATE = "command_update"
    #: `{"count": n}`: so many events of the bot came faster than they were read. The state is right all the same.
    EVENTS_MISSED = "events_missed"


CHANNEL_OF: Mapping[DeltaKind, Channel] = {
    DeltaKind.POSITION_OPENED: Channel.POSITIONS,
    DeltaKind.POSITION_UPDATE: Channel.POSITIONS,
    DeltaKind.POSITION_CLOSED: Channel.POSITIONS,
    DeltaKind.POSITIONS_ORDER: Channel.POSITIONS,
    DeltaKind.SESSION_UPDATE: Channel.SESSION,
    DeltaKind.PAUSE_STATE_CHANGE: Channel.SESSION,
    DeltaKind.FUNDING_UPDATE: Channel.FUNDING,
    DeltaKind.VENUE_UPDATE: Channel.VENUES,
    DeltaKind.PORTFOLIO_UPDATE: Channel.PORTFOLIO,
    DeltaKind.PARAMETERS_UPDATE: Channel.PARAMETERS,
    DeltaKind.METRICS_UPDATE: Channel.SESSION,
    DeltaKind.DECLARATIONS_UPDATE: Channel.COMMANDS,
    DeltaKind.EXTRA_UPDATE: Channel.SESSION,
    DeltaKind.TIMELINE_UPDATE: Channel.EVENTS,
    DeltaKind.EVENT: Channel.EVENTS,
    DeltaKind.COMMAND_UPDATE: Channel.COMMANDS,
    DeltaKind.EVENTS_MISSED: Channel.EVENTS,
}


@dataclass(frozen=True, slots=True)
class Delta:
    """One change. `data` is as JSON has it, in the shape of its kind."""

    kind: DeltaKind
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Stamp:
    """Where in a stream something stands. `seq` counts deltas; `bot_seq` and `at` are the snapshot's own."""

    session_id: UUID
    seq: int
    bot_seq: int
    at: datetime


class Why(StrEnum):
    """Why a reader is given a whole snapshot."""

    #: It asked, and what it missed is not known, or it had nothing.
    SUBSCRIBED = "subscribed"
    #: The bot was started anew.
    RESTARTED = "restarted"
    #: The reader was too slow; what lay in between it has missed.
    BEHIND = "behind"


@dataclass(frozen=True, slots=True)
class Whole:
    """A snapshot, which is all that a reader needs."""

    stamp: Stamp
    snapshot: Snapshot
    why: Why = Why.SUBSCRIBED


@dataclass(frozen=True, slots=True)
class Changed:
    """What changed, in order. `stamp` is where it leads; `caught_up` where the reader missed it before."""

    stamp: Stamp
    deltas: tuple[Delta, ...]
    caught_up: bool = False


@dataclass(frozen=True, slots=True)
class Beat:
    """Nothing changed, and the bot is there: its facts are of `stamp.at`."""

    stamp: Stamp


Frame = Whole | Changed | Beat


@dataclass(frozen=True, slots=True)
class Resume:
    """The last that a reader has: what follows it is all that it wants."""

    session_id: UUID
    last_seq: int
