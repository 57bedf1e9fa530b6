"""What became of an ask of which nobody knew: on its card, and as news."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot_integration import Outcome
from chatops.asks import Positions, Status
from chatops.layout import fit
from chatops.messages import Block, Button, Message, Paragraph
from chatops.views.format import headline
from chatops.views.trading import SAID, SIGNS, advice, told

_BUTTONS = ((Button("Positions", Positions()), Button("Status", Status())),)


@dataclass(frozen=True, slots=True)
class Learnt:
    """How an ask ended on one bot, after all."""

    #: The ask as people would type it.
    what: str
    bot: str
    said: str
    #: Of every bot that it went to, as is known by now.
    ends: Mapping[str, Outcome]
    #: And of all of them.
    together: Outcome


def card(learnt: Learnt) -> Message:
    """What the card says from now on."""
    if len(learnt.ends) == 1:
        note = Paragraph("Nobody knew that at first; it was learnt later.")
        said = f"{SIGNS[learnt.together]} {learnt.said or learnt.together}"
        return told(said, (note, *advice(learnt.together)), _BUTTONS)
    lines: list[Block] = [
        Paragraph(fit(f"{bot}: {SIGNS[end]} {learnt.said if bot == learnt.bot and learnt.said else end}", SAID))
        for bot, end in learnt.ends.items()
    ]
    if learnt.together is Outcome.UNKNOWN:
        title = f"“{learnt.what}” is known in part by now"
    else:
        title = f"{learnt.together.capitalize()}: “{learnt.what}”, which nobody knew at first"
    return Message(headline(title), (*lines, *advice(learnt.together)), _BUTTONS)


def news(learnt: Learnt) -> Message:
    """What makes a sound, since a card that is changed makes none."""
    where = f" on {learnt.bot}" if len(learnt.ends) > 1 else ""
    title = f"{learnt.ends[learnt.bot].capitalize()}{where}: “{learnt.what}”, which nobody knew until now."
    return Message(headline(title), (Paragraph(fit(learnt.said, SAID)),) if learnt.said else (), _BUTTONS)
