"""What became of what a restart cut off."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot_integration import Outcome
from chatops.asks import Positions, Status
from chatops.layout import fit
from chatops.messages import Button, Message, Paragraph, Posting
from chatops.views.format import headline


def settled(word: str, arguments: Mapping[str, Any], outcome: Outcome, said: str) -> Message:
    """The end of an ask that was running when the program stopped."""
    what = " ".join([word, *(str(value) for key, value in arguments.items() if key not in ("bot", "reason"))])
    return Message(
        headline(f"{outcome.capitalize()}: “{what}”, which ran while I was restarted."),
        (Paragraph(fit(said, 600)),),
        ((Button("Positions", Positions()), Button("Status", Status())),),
    )


def again(posting: Posting) -> Posting:
    """An answer that may have been shown before the restart, marked as such."""
    note = Paragraph("I was restarted while I sent this; you may have it already.")
    return replace(posting, message=replace(posting.message, blocks=(*posting.message.blocks, note)))
