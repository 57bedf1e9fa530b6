"""What happened last."""

from collections.abc import Sequence
from datetime import datetime

from alerts.durations import span
from bot_integration import EventCategory, TimelineEvent
from chatops.asks import Events
from chatops.layout import fit
from chatops.messages import Button, Message, Paragraph
from chatops.views.format import clock

#: Columns of one event, and characters of all: the rest of a message is its title.
_COLUMNS = 200
_CHARACTERS = 3_800

_MARKS = {
    EventCategory.STAGE: "▸",
    EventCategory.EXECUTION: "●",
    EventCategory.WARNING: "⚠",
    EventCategory.INFO: "·",
}


def events(told: Sequence[tuple[str, TimelineEvent]], several: bool, now: datetime, asked: Events) -> Message:
    """The last events, newest first, as many as one message holds; with the bot's name where there are several."""
    buttons = ((Button("Refresh", asked),),)
    if not told:
        return Message("Nothing has happened yet.", buttons=buttons)
    newest = sorted(told, key=lambda one: one[1].at, reverse=True)[: asked.count]
    lines: list[str] = []
    left = _CHARACTERS
    for bot, event in newest:
        line = _line(f"{bot}: " if several else "", event, now)
        left -= len(line) + 1
        if left < 0:
            break
        lines.append(line)
    count = str(len(lines)) if len(lines) == len(newest) else f"{len(lines)} of {len(newest)}"
    last = span(now - newest[0][1].at)
    title = f"1 event, {last} ago" if count == "1" else f"{count} events, the last {last} ago"
    return Message(f"{title} (times in {now:%Z})", (Paragraph("\n".join(lines)),), buttons)


def _line(bot: str, event: TimelineEvent, now: datetime) -> str:
    return fit(f"{_MARKS[event.category]} {clock(event.at, now)} {bot}{event.message}", _COLUMNS)
