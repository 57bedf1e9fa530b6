"""What is old enough to be forgotten. The command log and its chain are not: they are kept whole."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from chatops.storage.database import Database
from chatops.storage.errors import DatabaseAway
from chatops.storage.history.forgetting import forget_history
from chatops.storage.history.partitions import Partitions

log = logging.getLogger(__name__)

#: Buttons older than this are forgotten; pressed, they are answered as unknown.
BUTTONS_LAST = timedelta(days=30)
#: What came in and what went out, once it is over.
MESSAGES_LAST = timedelta(days=90)
#: Former states of a card that is kept up to date: nobody can see them any more.
FORMER_STATES_LAST = timedelta(days=1)
#: Alerts that are resolved, with all that was told of them, and what people said about alerts, once it holds no more.
ALERTS_LAST = timedelta(days=365)
#: That a room was told a report, and that its card of every hour was changed.
REPORTS_LAST, HEARTBEATS_LAST = timedelta(days=400), timedelta(days=2)
#: Rows at a time, so that nobody waits for us.
_AT_ONCE = 2_000
_AGAIN_S = 24 * 3_600.0

_BUTTONS = """
DELETE FROM presses WHERE ctid = ANY (ARRAY(SELECT ctid FROM presses WHERE created_at < $1 LIMIT $2))
"""
_UPDATES = """
DELETE FROM inbox WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM inbox WHERE received_at < $1 AND handled_at IS NOT NULL LIMIT $2))
"""
# Of a card that was shown lately, or is about to be changed, the newest tells which message shows it, and the oldest
# under which one the others hang: those two stay.
_MESSAGES = """
DELETE FROM deliveries WHERE ctid = ANY (ARRAY(
    SELECT d.ctid FROM deliveries AS d
    WHERE d.created_at < $1 AND d.state NOT IN ('pending', 'sending') AND (
        d.card IS NULL OR d.state <> 'sent' OR d.kind = 'answer'
        OR (
            EXISTS (
                SELECT FROM deliveries AS s
                WHERE s.state = 'sent' AND s.platform = d.platform AND s.room = d.room AND s.card = d.card
                    AND (s.sent_at, s.seq) > (d.sent_at, d.seq))
            AND EXISTS (
                SELECT FROM deliveries AS s
                WHERE s.state = 'sent' AND s.platform = d.platform AND s.room = d.room AND s.card = d.card
                    AND (s.sent_at, s.seq) < (d.sent_at, d.seq)))
        OR NOT (
            EXISTS (
                SELECT FROM deliveries AS s
                WHERE s.state = 'sent' AND s.platform = d.platform AND s.room = d.room AND s.card = d.card
                    AND s.sent_at >= $1)
            OR EXISTS (
                SELECT FROM deliveries AS s
                WHERE s.platform = d.platform AND s.room = d.room
                    AND (CASE WHEN s.state = 'pending' AND s.in_place THEN s.card END) = d.card)))
    ORDER BY d.created_at LIMIT $2))
"""
_FORMER_STATES = """
DELETE FROM deliveries WHERE ctid = ANY (ARRAY(
    SELECT d.ctid FROM deliveries AS d
    WHERE d.created_at < $1 AND d.in_place AND d.state IN ('sent', 'folded') AND EXISTS (
        SELECT FROM deliveries AS newer
        WHERE newer.state = 'sent' AND newer.platform = d.platform AND newer.room = d.room AND newer.card = d.card
            AND (newer.sent_at, newer.seq) > (coalesce(d.sent_at, d.created_at), d.seq))
    ORDER BY d.created_at LIMIT $2))
"""
_ALERTS = """
DELETE FROM alerts WHERE ctid = ANY (ARRAY(SELECT ctid FROM alerts WHERE resolved_at < $1 LIMIT $2))
"""
_SILENCES = """
DELETE FROM silences WHERE ctid = ANY (ARRAY(SELECT ctid FROM silences WHERE until < $1 LIMIT $2))
"""
_OVERRIDES = """
DELETE FROM oncall_overrides WHERE ctid = ANY (ARRAY(SELECT ctid FROM oncall_overrides WHERE ends_at < $1 LIMIT $2))
"""
# The last of a room and a kind says where the next one goes on.
_REPORTS = """
DELETE FROM reports WHERE ctid = ANY (ARRAY(
    SELECT r.ctid FROM reports AS r
    WHERE r.at < $1 AND {} AND EXISTS (
        SELECT FROM reports AS newer
        WHERE newer.platform = r.platform AND newer.room = r.room AND newer.kind = r.kind AND newer.number > r.number)
    LIMIT $2))
"""


_OLD = {
    "buttons": (_BUTTONS, BUTTONS_LAST),
    "updates": (_UPDATES, MESSAGES_LAST),
    "messages": (_MESSAGES, MESSAGES_LAST),
    "former states of cards": (_FORMER_STATES, FORMER_STATES_LAST),
    "alerts": (_ALERTS, ALERTS_LAST),
    "silences": (_SILENCES, ALERTS_LAST),
    "overrides": (_OVERRIDES, ALERTS_LAST),
    "heartbeats": (_REPORTS.format("r.kind = 'heartbeat'"), HEARTBEATS_LAST),
    "reports": (_REPORTS.format("r.kind <> 'heartbeat'"), REPORTS_LAST),
}


async def forgotten(database: Database, now: datetime) -> dict[str, int]:
    """Delete what is old but history; gives how many of each there were. Raises `DatabaseAway`."""
    gone = dict.fromkeys(_OLD, 0)
    for name, (query, lasts) in _OLD.items():
        while some := int((await database.execute(query, now - lasts, _AT_ONCE)).split()[-1]):
            gone[name] += some
    return gone


async def forget(database: Database, now: datetime) -> int:
    """Delete what is old, history thinned with it; gives how many rows that were. Raises `DatabaseAway`."""
    gone = sum((await forgotten(database, now)).values())
    history = await forget_history(database, now)
    return gone + history.samples + history.partitions


async def forget_for_ever(
    database: Database, now: Callable[[], datetime], sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> None:
    """Delete what is old, now and once a day."""
    while True:
        try:
            await Partitions(database).make_ahead(now())
            if gone := await forget(database, now()):
                log.info("forgot %s old rows", gone)
        except DatabaseAway as error:
            log.info("nothing forgotten today: %s", error)
        except Exception:
            log.exception("what is old could not be forgotten")
        await sleep(_AGAIN_S)
