"""Everything that a person may ask, one class each, by subject.

The parser, `/help`, the platforms' menus and the permission check read these classes and nothing else.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from chatops.asks.alerts import (
    Ack,
    AckAll,
    Alerts,
    AlertStats,
    Drill,
    EndDrill,
    EndStandIn,
    GiveOncall,
    Oncall,
    Rules,
    Silence,
    Silences,
    TakeOncall,
    TryAlert,
    Unsilence,
)
from chatops.asks.ask import Ask, Cancel, Rest
from chatops.asks.codes import GiveCode, TakeAway, Totp
from chatops.asks.people import ChangeRole, Help, Invite, Link, Mute, Revoke, Start, Users, Version, Whoami
from chatops.asks.preferences import AS_USUAL, EVERY_KIND, Pin, Prefs
from chatops.asks.record import Audit
from chatops.asks.trading import OPERATOR_SCOPES, Close, CloseAll, Hold, Kill, Pause, Rebalance, Resume, Stop
from chatops.asks.tuning import BreakerReset, Breakers, Config, Set
from chatops.asks.watching import Bots, Events, Positions, ShowPosition, Status, System

__all__ = [
    "ASKS",
    "AS_USUAL",
    "EVERY_KIND",
    "OPERATOR_SCOPES",
    "Ack",
    "AckAll",
    "AlertStats",
    "Alerts",
    "Ask",
    "Audit",
    "Bots",
    "BreakerReset",
    "Breakers",
    "Cancel",
    "ChangeRole",
    "Close",
    "CloseAll",
    "Config",
    "Drill",
    "EndDrill",
    "EndStandIn",
    "Events",
    "GiveCode",
    "GiveOncall",
    "Help",
    "Hold",
    "Invite",
    "Kill",
    "Link",
    "Mute",
    "Oncall",
    "Pause",
    "Pin",
    "Positions",
    "Prefs",
    "Rebalance",
    "Rest",
    "Resume",
    "Revoke",
    "Rules",
    "Set",
    "ShowPosition",
    "Silence",
    "Silences",
    "Start",
    "Status",
    "Stop",
    "System",
    "TakeAway",
    "TakeOncall",
    "Totp",
    "TryAlert",
    "Unsilence",
    "Users",
    "Version",
    "Whoami",
    "by_word",
    "stored_ask",
]

#: Every ask, in the order in which help and menus show them.
ASKS: tuple[type[Ask], ...] = (
    Status,
    Positions,
    ShowPosition,
    Close,
    CloseAll,
    Stop,
    Pause,
    Resume,
    Kill,
    Rebalance,
    Hold,
    Config,
    Set,
    Breakers,
    BreakerReset,
    Events,
    Alerts,
    AlertStats,
    Ack,
    AckAll,
    Silence,
    Silences,
    Unsilence,
    Rules,
    Oncall,
    TakeOncall,
    GiveOncall,
    EndStandIn,
    TryAlert,
    Drill,
    EndDrill,
    System,
    Audit,
    Pin,
    Prefs,
    Totp,
    GiveCode,
    Users,
    Invite,
    ChangeRole,
    Revoke,
    Link,
    Mute,
    Help,
    Bots,
    Whoami,
    Version,
    Start,
    TakeAway,
    Cancel,
)


def by_word(word: str) -> type[Ask] | None:
    """The ask of this word, hidden ones included."""
    return _BY_WORD.get(word)


def stored_ask(word: str, arguments: Mapping[str, Any]) -> Ask | None:
    """The ask of a stored row; None where this version no longer has the word, or takes other arguments."""
    kind = by_word(word)
    try:
        return None if kind is None else kind.model_validate(arguments)
    except ValidationError:
        return None


_BY_WORD = {ask.word: ask for ask in ASKS}
