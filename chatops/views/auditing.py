"""What is said where alerts themselves do not work."""

from chatops.messages import Message, Paragraph
from chatops.views.format import headline


def stands_still(why: str) -> Message:
    """Nobody is told of anything; told past all that it would go through."""
    return Message(
        headline("ALERTS STAND STILL: nothing that goes wrong may be told."),
        (
            Paragraph(f"{why.capitalize()}." if why else "The alerts do not take in what is found."),
            Paragraph("Look after the bots by hand: /status shows them. Then see the log, and restart the desk."),
        ),
    )


def goes_on(lasted: str) -> Message:
    """They work again."""
    return Message(headline(f"Alerts go on: they stood still for {lasted}. What went wrong meanwhile is told now."))
