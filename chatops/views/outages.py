"""What is said of a platform that cannot be reached, in the rooms of the others."""

from datetime import datetime

from chatops.link import Away, Link
from chatops.messages import Message, Paragraph
from chatops.room import Room
from chatops.views.format import headline, when


def away(platform: str, link: Away, now: datetime) -> Message:
    """Nothing goes out there, and why. `now` is in the zone in which it is told."""
    return Message(
        headline(f"{platform.capitalize()} is away since {when(link.since, now)}."),
        (Paragraph(link.reason), Paragraph("What is owed there is kept, and goes out in order when it is back.")),
    )


def back(platform: str, link: Link, now: datetime) -> Message:
    """It takes messages again."""
    since = when(link.since, now)
    return Message(headline(f"{platform.capitalize()} is back since {since}: what was owed goes out."))


def deaf(platform: str, reason: str, room: Room) -> Message:
    """Nobody is heard there, and why: as it is said in this room, which may be there itself."""
    if room.platform == platform:
        title = "I can write here, and hear nobody: what you ask is not answered."
    else:
        title = f"I hear nobody on {platform.capitalize()}: what is asked there is not answered."
    return Message(headline(title), (Paragraph(reason),))


def hears(platform: str, room: Room) -> Message:
    """People there are heard again."""
    if room.platform == platform:
        return Message("I hear you again.")
    return Message(headline(f"I hear people on {platform.capitalize()} again."))


def database_away() -> Message:
    """What works without it, and what does not."""
    return Message(
        "My database is away: what adds risk has to wait until it is back.",
        (
            Paragraph("What reduces risk works, and what only looks at the bots: it is kept on disk until then."),
            Paragraph("What happens is told meanwhile, without buttons. Somebody has to look after PostgreSQL."),
        ),
    )


def database_back() -> Message:
    """All is on record."""
    return Message("My database is back: what was asked meanwhile is on record.")
