"""What became of what a restart cut off."""

from collections.abc import Mapping
from typing import Any

from bot_integration import Outcome
from chatops.asks import Ask, Positions, Status
from chatops.asks.custom import said_value
from chatops.layout import fit
from chatops.messages import Button, Message, Paragraph
from chatops.views.answers import said_of
from chatops.views.format import headline


def settled(word: str, arguments: Mapping[str, Any], outcome: Outcome, said: str) -> Message:
    """The end of an ask that was running when the program stopped."""
    return Message(
        headline(f"{outcome.capitalize()}: “{what_was_asked(word, arguments)}”, which ran while I was restarted."),
        (Paragraph(fit(said, 600)),),
        ((Button("Positions", Positions()), Button("Status", Status())),),
    )


def see_below(word: str) -> Message:
    """What stays on the card of an act that was cut off, once its end is told in a message of its own."""
    return Message(headline(f"“{word}” was cut off by a restart: what became of it is told below."))


def void(word: str, arguments: Mapping[str, Any], ask: Ask | None, *, awaited: str = "confirmed") -> Message:
    """The end of a question that was not answered when the program stopped; a button asks anew, where it is known.

    `awaited` is what it was not yet.
    """
    return Message(
        headline(f"I was restarted before “{what_was_asked(word, arguments)}” was {awaited}. Nothing was done."),
        buttons=((Button(said_of(ask), ask),),) if ask else (),
    )


def what_was_asked(word: str, arguments: Mapping[str, Any]) -> str:
    """An ask of the log as people would type it."""
    return " ".join([word, *(said_value(value) for key, value in arguments.items() if key not in ("bot", "reason"))])
