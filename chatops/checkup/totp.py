"""Whether the key is there from which the codes of those who enrolled follow."""

from chatops.checkup.findings import Finding, Level
from chatops.settings import Settings
from chatops.storage.database import Database
from chatops.storage.errors import StorageError
from chatops.storage.totp import Enrolments
from chatops.storage.totp_key import TotpKey
from chatops.storage.visiting import is_made, visiting

AREA = "totp"


async def check_totp(settings: Settings) -> list[Finding]:
    """What is found where anybody has enrolled; nothing where nobody has, or the database does not say."""
    enrolled = await _enrolled(settings)
    if not enrolled:
        return []
    key = TotpKey.under(settings.desk.data_dir, settings.totp.given)
    try:
        is_there = key.read() is not None
    except OSError as error:
        return [
            Finding(
                AREA,
                Level.ERROR,
                f"{key.path} cannot be read ({error.strerror or type(error).__name__}): no code can be checked",
                "Give it to the user that the desk runs as: it is for them alone.",
            )
        ]
    if is_there:
        return [Finding(AREA, Level.OK, f"{enrolled} prove themselves with codes, and the key for these is there")]
    return [
        Finding(
            AREA,
            Level.ERROR,
            f"{enrolled} have enrolled for codes, and the key for these is gone: no code is right any more",
            f"Put {key.path} back from your copy of it. Without one: /totp NAME off for each, and they enrol again.",
        )
    ]


async def _enrolled(settings: Settings) -> int:
    try:
        if settings.database.url is not None:
            return await _count(settings.database.url.get_secret_value())
        if not is_made(settings.desk.data_dir):
            return 0
        with visiting(settings.desk.data_dir) as url:
            return await _count(url)
    except (StorageError, OSError):
        # What is wrong with the database is told by those who look into it.
        return 0


async def _count(url: str) -> int:
    async with Database.open(url, min_size=1, max_size=1) as database:
        if await database.fetchval("SELECT to_regclass('totp') IS NULL"):
            return 0
        return await Enrolments(database).count()
