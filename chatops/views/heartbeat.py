"""The card of every hour: whether all is well, in one look."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from alerts.durations import span
from bot_integration import Snapshot
from chatops.layout import NOTHING, align, fit
from chatops.messages import Block, Message, Paragraph
from chatops.views.danger import worst_health_factor
from chatops.views.format import headline, is_stale, money, ratio
from chatops.views.status import AlertsOf, Known, title

#: Bots that get a line each.
_MOST = 20


def heartbeat(bots: Sequence[Known], now: datetime, zone: ZoneInfo, alerts: AlertsOf) -> Message:
    """Without a sound and without buttons: the next one takes its place."""
    heard = [snapshot for _, snapshot in bots if snapshot is not None]
    equity = sum((one.portfolio.equity for one in heard), Decimal(0))
    rows = [("bot", "equity", "HF", "alerts", "heard")]
    rows += [_row(name, snapshot, now, len(alerts.get(name, ()))) for name, snapshot in bots[:_MOST]]
    blocks: list[Block] = [align(rows, right="1234")]
    if len(bots) > _MOST:
        blocks.append(Paragraph(f"And {len(bots) - _MOST} more: /status"))
    blocks.append(Paragraph(f"As of {now.astimezone(zone):%Y-%m-%d %H:%M} {zone.key}, every hour."))
    said = title(bots, now, alerts=alerts)
    total = f" · {money(equity)} USD" if heard else ""
    sign = "" if said.startswith("⚠") else "💚 "
    return Message(headline(f"{sign}{said}{total}"), tuple(blocks), silent=True)


def _row(name: str, snapshot: Snapshot | None, now: datetime, alerts: int) -> tuple[str, str, str, str, str]:
    if snapshot is None:
        return fit(name, 10), NOTHING, NOTHING, str(alerts), "never"
    worst = worst_health_factor(snapshot)
    # Of a length its larger part is enough here.
    ago = " ".join(span(now - snapshot.at).split(" ")[:2])
    return (
        fit(name, 10),
        f"{snapshot.portfolio.equity:,.0f}",
        NOTHING if worst is None else ratio(worst.value),
        str(alerts),
        f"⚠ {ago}" if is_stale(snapshot.at, now) else ago,
    )
