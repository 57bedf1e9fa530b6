"""What rooms are owed, by whoever has the desk's database, and what they show of it."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from alerts.severity import Severity
from chatops.ids import uuid7
from chatops.messages import Message, Paragraph, Posting
from chatops.owed import Kind, Owed
from chatops.room import Room
from chatops.storage.database import Database, Record
from chatops.storage.deliveries import Deliveries
from tests.faults.program import PATIENCE_S, eventually
from tests.servers.slack import Channel, Post
from tests.servers.slack.block_kit import texts_of
from tests.servers.telegram import Chat
from tests.servers.telegram import Message as Sent

#: As `chatops.delivery.marks` words them; between the title and the rest.
_MARK = re.compile(
    r"\n\n(Possible repeat: nobody knows whether this arrived\. It is of|Late: this is of) [0-9: -]+ UTC\."
)
_BODY = "The rest of it."

#: Where something is owed, on either platform.
Destination = Chat | Channel


def owed(
    place: Destination,
    title: str,
    kind: Kind,
    severity: Severity = Severity.INFO,
    *,
    card: str | None = None,
    in_place: bool = False,
    ends: bool = False,
    age: timedelta = timedelta(),
    hangs_on: str | None = None,
) -> Owed:
    """A message that says this, and more below it."""
    posting = Posting(Message(title, (Paragraph(_BODY),)))
    at = datetime.now(UTC) - age
    return Owed(
        uuid7(), room_of(place), posting, at, kind, severity, card=card, in_place=in_place, ends=ends, hangs_on=hangs_on
    )


async def store(database: Database, *given: Owed) -> None:
    """Owe them, as any other process may: a desk that runs is woken by it."""
    await Deliveries(database, uuid7()).store(given)


def as_shown(title: str, mark: str = "") -> str:
    """The text of a message that was `owed`, as it is read."""
    return "\n\n".join([title, mark, _BODY] if mark else [title, _BODY])


def room_of(place: Destination) -> Room:
    """What the desk calls it."""
    return Room("slack", place.id) if isinstance(place, Channel) else Room("telegram", str(place.id))


def shown(place: Destination) -> list[str]:
    """Everything that the bot shows there now, in order. The moments of marks are left out."""
    said = place.from_app if isinstance(place, Channel) else place.from_bot
    return [_MARK.sub(lambda found: f"\n\n{found[1]} …", as_read(one)) for one in said]


def as_read(message: Sent | Post) -> str:
    """A message as people read it, whatever it is made of."""
    if isinstance(message, Post):
        return "\n\n".join(content for _, content in texts_of(list(message.blocks)))
    return message.text


#: Marks as `shown` gives them.
REPEAT = "Possible repeat: nobody knows whether this arrived. It is of …"
LATE = "Late: this is of …"


def without_mark(text: str) -> tuple[str, bool]:
    """What a message says by itself, and whether it is marked as a possible repeat."""
    found = _MARK.search(text)
    return _MARK.sub("", text), found is not None and found[1].startswith("Possible repeat")


async def states(database: Database, *given: Owed) -> list[str]:
    """What became of them, in their order."""
    return [(await row_of(database, one))["state"] for one in given]


async def row_of(database: Database, one: Owed) -> Record:
    """Its row."""
    row = await database.fetchrow("SELECT * FROM deliveries WHERE id = $1", one.id)
    assert row is not None
    return row


_OWED_STILL = "SELECT state, reason, attempts, payload FROM deliveries WHERE state IN ('pending', 'sending')"


async def wait_until_all_is_over(database: Database, *, within_s: float = PATIENCE_S) -> None:
    """Wait until nothing is owed any more."""

    async def look() -> bool:
        return not await database.fetch(_OWED_STILL)

    await eventually(look, "the end of all that is owed", within_s=within_s)


async def wait_for_state(database: Database, state: str, given: Iterable[Owed]) -> None:
    """Wait until these are all there."""
    ids = [one.id for one in given]

    async def look() -> bool:
        count = await database.fetchval(
            "SELECT count(*) FROM deliveries WHERE id = ANY ($1) AND state = $2", ids, state
        )
        return bool(count == len(ids))

    await eventually(look, state)
