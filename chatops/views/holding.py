"""Overruling the risk manager: the question, and what is said where it cannot be asked."""

from datetime import datetime

from alerts.durations import span
from bot_integration import Position
from chatops.asks import Hold, ShowPosition
from chatops.layout import fit
from chatops.messages import Block, Button, Message, Paragraph
from chatops.views.answers import said_of
from chatops.views.format import headline, label

#: Columns of what the risk manager says.
_SAID = 600


def really_hold(ask: Hold, position: Position, until: datetime | None, now: datetime, *, note: str) -> Message:
    """What it means, and what the risk manager wants. `now` is in the zone in which moments are said."""
    until = None if until is None else until.astimezone(now.tzinfo)
    ends = ask.until == "off"
    blocks: list[Block] = [Paragraph(fit(wanted(position), _SAID), bold=position.risk.should_exit)]
    if ends:
        blocks.append(Paragraph("The risk manager judges it again, and may close it at once."))
    elif until is None:
        blocks.append(Paragraph("It stays open whatever the risk manager says, until you end that: hold off."))
    else:
        moment = f"{until:%Y-%m-%d %H:%M %Z}"
        blocks.append(
            Paragraph(f"It stays open whatever the risk manager says until {moment}, for {span(until - now)}.")
        )
    if position.risk.held and not ends:
        before = position.risk.hold_until
        held = f" until {before.astimezone(now.tzinfo):%Y-%m-%d %H:%M %Z}" if before else ""
        blocks.append(Paragraph(f"It is held already{held}: that is replaced."))
    if note:
        blocks.append(Paragraph(fit(note, _SAID)))
    when = "" if ends else " without end" if until is None else f" until {until:%H:%M %Z}"
    return Message(headline(f"{said_of(ask)}{when}?"), tuple(blocks))


def wanted(position: Position) -> str:
    """What the bot's own risk manager thinks of it."""
    risk = position.risk
    if risk.should_exit:
        return f"⚠ The risk manager wants out: {', '.join(risk.reasons) or 'it does not say why'}."
    return "The risk manager has nothing against it."


def not_held(bot: str, position: Position) -> Message:
    """There is no hold to end."""
    said = headline(f"{position.id} is not held: the risk manager judges it.")
    return Message(said, buttons=(_look(bot, position.id),))


def no_such_moment(ask: Hold, why: str) -> Message:
    """What was typed is no moment to hold until."""
    said = headline(f"I cannot hold {ask.position} until “{fit(ask.until, 20)}”: {why}.")
    return Message(
        said,
        (Paragraph("Without a moment it is held until you end that; “off” lets the risk manager judge again."),),
        (_look(ask.bot, ask.position),),
    )


def _look(bot: str, position: str) -> tuple[Button, ...]:
    return (Button(label(position), ShowPosition(position=position, bot=bot)),)
