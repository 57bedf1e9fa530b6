"""Everything that a person may ask, one class each, by subject.

The parser, `/help`, the platforms' menus and the permission check read these classes and nothing else.
"""

from collections.abc import Mapping
from itertools import chain
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from chatops.asks.accounts import Export, ShowBalance, ShowExposure, ShowFunding, ShowHealth, Trades
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
from chatops.asks.incident import Incident
from chatops.asks.money import Daily, Equity, Monthly, Performance, Pnl, Weekly
from chatops.asks.people import ChangeRole, Help, Invite, Link, Mute, Private, Revoke, Start, Users, Version, Whoami
from chatops.asks.preferences import AS_USUAL, EVERY_KIND, NOW, THE_ROOM, Pin, Prefs, Reports
from chatops.asks.record import Audit
from chatops.asks.trading import OPERATOR_SCOPES, Close, CloseAll, Hold, Kill, Pause, Rebalance, Resume, Stop
from chatops.asks.tuning import BreakerReset, Breakers, Config, Set
from chatops.asks.watching import Bots, Events, Positions, ShowPosition, Status, System

__all__ = [
    "ASKS",
    "AS_USUAL",
    "EVERY_KIND",
    "NOW",
    "OPERATOR_SCOPES",
    "SUBJECTS",
    "THE_ROOM",
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
    "Daily",
    "Drill",
    "EndDrill",
    "EndStandIn",
    "Equity",
    "Events",
    "Export",
    "GiveCode",
    "GiveOncall",
    "Help",
    "Hold",
    "Incident",
    "Invite",
    "Kill",
    "Link",
    "Monthly",
    "Mute",
    "Oncall",
    "Pause",
    "Performance",
    "Pin",
    "Pnl",
    "Positions",
    "Prefs",
    "Private",
    "Rebalance",
    "Reports",
    "Rest",
    "Resume",
    "Revoke",
    "Rules",
    "Set",
    "ShowBalance",
    "ShowExposure",
    "ShowFunding",
    "ShowHealth",
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
    "Trades",
    "TryAlert",
    "Unsilence",
    "Users",
    "Version",
    "Weekly",
    "Whoami",
    "by_word",
    "stored_ask",
]

#: Every ask by its subject, in the order in which help and menus show them. No subject has the name of a word.
SUBJECTS: Mapping[str, tuple[type[Ask], ...]] = MappingProxyType(
    {
        "overview": (Status, Positions, ShowPosition, ShowHealth, Events, Bots, System),
        "money": (
            Pnl,
            Daily,
            Weekly,
            Monthly,
            Equity,
            Performance,
            Trades,
            ShowFunding,
            ShowExposure,
            ShowBalance,
            Export,
        ),
        "trading": (Close, CloseAll, Stop, Pause, Resume, Kill, Rebalance, Hold),
        "tuning": (Config, Set, Breakers, BreakerReset),
        "alerting": (
            Alerts,
            AlertStats,
            Incident,
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
        ),
        "desk": (Pin, Prefs, Reports, Users, Invite, ChangeRole, Revoke, Mute, Audit),
        "you": (Help, Private, Totp, GiveCode, Link, Whoami, Version, Start),
    }
)
#: All of them, and those that only buttons make.
ASKS: tuple[type[Ask], ...] = (*chain.from_iterable(SUBJECTS.values()), TakeAway, Cancel)


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
