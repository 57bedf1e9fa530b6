"""Rules of the bot itself: breakers, losses, failures."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from alerts.model import Figure, Key, Reading
from alerts.rulebook import Facts, rule
from alerts.rules.words import percent
from alerts.terms import DEFAULTS, YES_NO
from bot_integration import Snapshot

#: A transaction that failed is told for as long.
FRESH = timedelta(minutes=5)
#: What a bot puts into the data of a timeline event that says so.
TRANSACTION_FAILURE = "transaction_failure"


@rule(DEFAULTS["circuit_breaker"])
def circuit_breaker(facts: Facts) -> Iterator[Reading]:
    """Each breaker that the bot has, tripped or not; also one that is only said to be active."""
    session, bot = facts.snapshot.session, facts.snapshot.bot
    active = set(session.pause.active_breakers)
    for one in session.breakers:
        tripped = one.active or one.name in active
        active.discard(one.name)
        why = f": {one.reason}" if one.reason else ""
        says = f"the breaker {one.name} has tripped{why}" if tripped else f"the breaker {one.name} is closed"
        yield Reading(Key("circuit_breaker", bot, one.name), float(tripped), YES_NO, says=says)
    for name in sorted(active):
        yield Reading(Key("circuit_breaker", bot, name), 1.0, YES_NO, says=f"the breaker {name} has tripped")


@rule(DEFAULTS["daily_loss"])
def daily_loss(facts: Facts) -> Iterator[Reading]:
    """What was lost today, in % of what may be lost in a day. Without a cap nothing is read, but what stood ends."""
    limits, key = facts.snapshot.session.limits, Key("daily_loss", facts.snapshot.bot)
    cap = limits.daily_loss_cap
    if cap is None:
        if facts.subjects and key.subject in facts.subjects:
            yield Reading(key, 0.0, "loss_pct", says="there is no cap of what may be lost in a day any more")
        return
    lost = _lost_today(facts.snapshot, cap)
    if lost is None or cap <= 0:
        yield Reading(key, None, says="what was lost today is not known")
        return
    share = float(lost / cap) * 100
    yield Reading(
        key,
        share,
        "loss_pct",
        says=f"{lost:,.2f} USD lost today, {percent(share, 0)} of the cap",
        figures=(Figure("lost today", f"{lost:,.2f} USD"), Figure("cap", f"{cap:,.2f} USD")),
    )


@rule(DEFAULTS["consecutive_failures"])
def consecutive_failures(facts: Facts) -> Iterator[Reading]:
    """How much failed in a row."""
    count = facts.snapshot.session.consecutive_failures
    yield Reading(
        Key("consecutive_failures", facts.snapshot.bot),
        float(count),
        "failures",
        says=f"{count} failures in a row" if count else "nothing fails",
    )


@rule(DEFAULTS["transaction_failure"])
def transaction_failure(facts: Facts) -> Iterator[Reading]:
    """The transactions that failed of late, retries and all, as the bot's timeline has them.

    An event counts whose data has a true `transaction_failure`. A timeline holds 20 events: of more than that in 5
    minutes the oldest are not counted.
    """
    snapshot = facts.snapshot
    found = [
        event for event in snapshot.timeline if event.data.get(TRANSACTION_FAILURE) and snapshot.at - event.at < FRESH
    ]
    last = found[-1] if found else None
    position = last.data.get("position", "") if last is not None else ""
    yield Reading(
        Key("transaction_failure", snapshot.bot),
        float(len(found)),
        "failed",
        position=position if isinstance(position, str) and snapshot.position(position) is not None else "",
        says=last.message.rstrip(".") if last is not None else "no transaction failed of late",
        figures=(Figure("failed in 5 min", str(len(found))),),
    )


RULES = (circuit_breaker, daily_loss, consecutive_failures, transaction_failure)


def _lost_today(snapshot: Snapshot, cap: Decimal) -> Decimal | None:
    left, made = snapshot.session.limits.daily_loss_left, snapshot.portfolio.pnl_today
    if left is not None:
        return max(Decimal(0), cap - left)
    return None if made is None else max(Decimal(0), -made)
