"""The trades that were closed last."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from alerts.durations import span
from chatops.asks import Export, ShowPosition, Trades
from chatops.layout import align, fit
from chatops.messages import PHONE_COLUMNS, Block, Button, Message, Paragraph, Table
from chatops.money.facts import Trade
from chatops.money.performance import Performance
from chatops.views.format import change, headline, label, percent, short_change
from chatops.views.money import moment

#: Trades that get a button of their own under the table.
_BUTTONS = 6
#: Characters of a table: the rest of a message is its title and its summary.
_CHARACTERS = 3_500


def trades(
    made: Sequence[Trade], judged: Performance, asked: Trades, *, several: bool, zone: ZoneInfo, now: datetime
) -> Message:
    """The newest first, two lines each: what it made and for how long it was held; when and why it ended."""
    buttons = (Button("Refresh", asked), Button("As a file", Export(what="trades", bot=asked.bot)))
    whose = f" of {fit(asked.bot, 40)}" if asked.bot else ""
    if not made:
        return Message(headline(f"No trade{whose} has been closed yet."), buttons=(buttons[:1],))
    names = [f"{one.of.position} {one.of.bot}" if several else one.of.position for one in made]
    heads = align(
        [(name, short_change(one.net), span(one.held)) for name, one in zip(names, made, strict=True)], right="12"
    )
    lines: list[str] = []
    left = _CHARACTERS
    for head, one in zip(heads.lines, made, strict=True):
        below = fit(f"  {moment(one.closed_at, zone, now)} {one.reason}".rstrip(), PHONE_COLUMNS)
        left -= len(head) + len(below) + 2
        if left < 0:
            break
        lines += (head, below)
    shown = len(lines) // 2
    blocks: list[Block] = [Paragraph(_summary(judged)), Table(tuple(lines))]
    if shown < len(made):
        blocks.append(Paragraph(f"And {len(made) - shown} more, older: ask for fewer, or for a file."))
    blocks.append(Paragraph(f"net of fees, funding in it; held; closed at, {zone.key}"))
    each = [
        Button(label(name), ShowPosition(position=one.of.position, bot=one.of.bot, trade=one.id))
        for name, one in zip(names, made[: min(_BUTTONS, shown)], strict=False)
    ]
    count = "The last trade" if len(made) == 1 else f"The last {len(made)} trades"
    return Message(
        headline(f"{count}{whose}: {change(judged.net)} USD"),
        tuple(blocks),
        (*(tuple(each[at : at + 3]) for at in range(0, len(each), 3)), buttons),
    )


def _summary(judged: Performance) -> str:
    won = f"{judged.wins} won, {judged.losses} lost"
    if judged.win_rate is not None:
        won += f" ({percent(100 * judged.win_rate)} won)"
    said = [won, f"average {change(judged.average_trade)} USD"]
    if judged.average_held is not None:
        said.append(f"held {span(judged.average_held)}")
    if judged.best is not None and judged.worst is not None and judged.trades > 1:
        said.append(f"best {short_change(judged.best.net)}, worst {short_change(judged.worst.net)}")
    return "; ".join(said) + "."
