"""Whether somebody can command the desk, and how."""

from contextlib import ExitStack

from chatops.checkup.findings import Finding, Level
from chatops.people import Role, StoredPeople
from chatops.settings import Settings
from chatops.storage.database import Database
from chatops.storage.errors import StorageError
from chatops.storage.people import PeopleTables
from chatops.storage.visiting import is_made, visiting

AREA = "people"


async def stored_people(settings: Settings) -> StoredPeople:
    """Whom the database knows; nobody where it cannot be asked now, which is a finding of its own."""
    try:
        with ExitStack() as stack:
            if settings.database.url is not None:
                url = settings.database.url.get_secret_value()
            elif is_made(settings.desk.data_dir):
                url = stack.enter_context(visiting(settings.desk.data_dir))
            else:
                return StoredPeople()
            async with Database.open(url, min_size=1, max_size=1) as database:
                await database.expect_newest()
                return await PeopleTables(database).load()
    except (StorageError, OSError):
        return StoredPeople()


def check_people(settings: Settings, stored: StoredPeople) -> list[Finding]:
    """Somebody has to be an admin, everybody needs an account where the desk is, and there has to be such a place."""
    directory = settings.directory().as_if(stored)
    there = {"telegram": settings.telegram, "slack": settings.slack}
    platforms = {name for name, part in there.items() if part is not None}
    if not platforms:
        return [
            Finding(
                AREA,
                Level.WARNING,
                "the desk is on no chat platform: nobody can ask it anything",
                "Add [telegram] with the token that @BotFather gave, or [slack] (docs/slack.md).",
            )
        ]
    reachable = {
        person.name: person.role
        for person in directory.people
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
                # Whoever runs the program can always claim a desk that has none at all.
                Level.ERROR if directory.admins else Level.WARNING,
                "nobody who can be heard is an admin",
                'Give somebody in [[people]] role = "admin" and the number of their account.'
                + ("" if directory.admins else " Or start it: it prints a code, and whoever says that to the bot is."),
            )
        )
    found += [
        Finding(AREA, Level.WARNING, clash, "quarterdeck users list shows who is who; revoke takes out what is stored.")
        for clash in directory.clashes
    ]
    return found
