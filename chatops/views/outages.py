"""What is said of a platform that cannot be reached, in the rooms of the others."""

from chatops.link import Away, Link
from chatops.messages import Message, Paragraph
from chatops.views.format import headline


def away(platform: str, link: Away) -> Message:
    """Nothing goes out there, and why."""
    return Message(
        headline(f"{platform.capitalize()} is away since {link.since:%H:%M} UTC."),
        (Paragraph(link.reason), Paragraph("What is owed there is kept, and goes out in order when it is back.")),
    )


def back(platform: str, link: Link) -> Message:
    """It takes messages again."""
    return Message(headline(f"{platform.capitalize()} is back since {link.since:%H:%M} UTC: what was owed goes out."))


def deaf(platform: str, reason: str) -> Message:
    """Nobody is heard there, and why."""
    title = headline(f"I hear nobody on {platform.capitalize()}: what is asked there is not answered.")
    return Message(title, (Paragraph(reason),))


def hears(platform: str) -> Message:
    """People there are heard again."""
    return Message(headline(f"I hear people on {platform.capitalize()} again."))
