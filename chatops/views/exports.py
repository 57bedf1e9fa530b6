"""Words to go with a file of money, or in its place."""

from chatops.asks import Export
from chatops.layout import fit
from chatops.messages import Attachment, Button, Message, Paragraph
from chatops.ranges import BUTTONS, in_words
from chatops.views.export_files import COLUMNS, Sheet
from chatops.views.format import change, headline
from chatops.views.money import marked

#: Rows of one file. A year of one bot's funding has some ten thousand.
MOST_ROWS = 50_000
#: Of one, and of several.
_CALLED = {
    "pnl": ("day of PnL", "days of PnL"),
    "trades": ("trade", "trades"),
    "funding": ("funding payment", "funding payments"),
}


def sent(sheet: Sheet, asked: Export, file: Attachment) -> Message:
    """A word to go with the file."""
    count = f"{len(sheet.rows):,} {_CALLED[asked.what][len(sheet.rows) != 1]}"
    size = len(file.content)
    told = f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{max(1, round(size / 1e3))} kB"
    days = f" Days are those of {sheet.zone.key}." if asked.what == "pnl" else ""
    return Message(
        headline(f"{count}{_whose(asked)}, {in_words(asked.range)}: {change(sheet.total)} USD"),
        (Paragraph(f"{asked.format.upper()}, {told}. Money is exact, in USD; moments are in UTC.{days}"),),
        attachment=file,
    )


def nothing(asked: Export) -> Message:
    """There is nothing to send."""
    said = f"No {_CALLED[asked.what][1]}{_whose(asked)} on record, {in_words(asked.range)}: there is no file to send."
    return Message(headline(said), buttons=(_ranges(asked),))


def too_many(asked: Export, most: int = MOST_ROWS) -> Message:
    """More than goes into one file."""
    said = f"More than {most:,} {_CALLED[asked.what][1]}{_whose(asked)}, {in_words(asked.range)}: too many."
    length = "24h" if asked.range == "7d" else "7d"
    shorter = " ".join(filter(None, ("/export", asked.bot, asked.what, length, asked.format)))
    alone = "" if asked.bot else ", or for one bot alone"
    return Message(headline(said), (Paragraph(f"Ask for a shorter time, {shorter}{alone}."),), (_ranges(asked),))


def which(asked: Export) -> Message:
    """What to export, over which time."""
    return Message(
        f"Export what, {in_words(asked.range)}?",
        buttons=(
            *(
                (
                    Button(
                        f"{what.capitalize() if what != 'pnl' else 'PnL'} CSV", _with(asked, what=what, format="csv")
                    ),
                    Button("JSON", _with(asked, what=what, format="json")),
                )
                for what in COLUMNS
            ),
            _ranges(asked),
        ),
    )


def _ranges(asked: Export) -> tuple[Button, ...]:
    offered = BUTTONS if asked.range in BUTTONS else (*BUTTONS, asked.range)
    return tuple(Button(marked(name, name == asked.range), _with(asked, range=name)) for name in offered)


def _with(asked: Export, **changes: str) -> Export:
    return asked.model_copy(update=changes)


def _whose(asked: Export) -> str:
    return f" of {fit(asked.bot, 40)}" if asked.bot else ""
