"""Whether somebody can command the desk, and how."""

from chatops.checkup.findings import Finding, Level
from chatops.people import Role
from chatops.settings import Settings

AREA = "people"


def check_people(settings: Settings) -> list[Finding]:
    """Somebody has to be an admin, everybody needs an account where the desk is, and there has to be such a place."""
    platforms = {"telegram"} if settings.telegram else set()
    if not platforms:
        return [
            Finding(
                AREA,
                Level.WARNING,
                "the desk is on no chat platform: nobody can ask it anything",
                "Add [telegram] with the token that @BotFather gave.",
            )
        ]
    reachable = {
        person.name: person.role
        for person in settings.directory().people
        if any(identity.platform in platforms for identity in person.identities)
    }
    found = [
        Finding(
            AREA,
            Level.WARNING,
            f"{person.name} has no account on {' or '.join(sorted(platforms))}: nothing that they say there is heard",
            "Give them one in [[people]]; whoami, said to the bot, tells its number.",
        )
        for person in settings.people
        if person.name not in reachable
    ]
    admins = [name for name, role in reachable.items() if role is Role.ADMIN]
    if admins:
        found.append(Finding(AREA, Level.OK, f"{len(reachable)} can ask, of them as admin: {', '.join(admins)}"))
    else:
        found.append(
            Finding(
                AREA,
                Level.ERROR,
                "nobody who can be heard is an admin",
                'Give somebody in [[people]] role = "admin" and the number of their account.',
            )
        )
    return found
