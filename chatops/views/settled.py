"""What became of what a restart cut off."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot_integration import Outcome
from chatops.asks import Positions, Status, stored_ask
from chatops.layout import fit
from chatops.messages import Button, Message, Paragraph, Posting
from chatops.views.answers import said_of
from chatops.views.format import headline


def settled(word: str, arguments: Mapping[str, Any], outcome: Outcome, said: str) -> Message:
    """The end of an ask that was running when the program stopped."""
    return Message(
        headline(f"{outcome.capitalize()}: “{_what(word, arguments)}”, which ran while I was restarted."),
        (Paragraph(fit(said, 600)),),
        ((Button("Positions", Positions()), Button("Status", Status())),),
    )


def void(word: str, arguments: Mapping[str, Any]) -> Message:
    """The end of a question that was not answered when the program stopped; a button asks anew."""
    ask = stored_ask(word, arguments)
    return Message(
        headline(f"I was restarted before “{_what(word, arguments)}” was confirmed. Nothing was done."),
        buttons=((Button(said_of(ask), ask),),) if ask else (),
    )


def again(posting: Posting, at: datetime) -> Posting:
    """An answer made at this moment that may have been shown before the restart, marked as such."""
    note = Paragraph(f"I was restarted while I sent this, at {at:%Y-%m-%d %H:%M} UTC; you may have it already.")
    return replace(posting, message=replace(posting.message, blocks=(*posting.message.blocks, note)))


def _what(word: str, arguments: Mapping[str, Any]) -> str:
    return " ".join([word, *(str(value) for key, value in arguments.items() if key not in ("bot", "reason"))])
