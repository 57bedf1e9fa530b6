"""Alerts in PostgreSQL: what stands, and each step of it with all that is told because of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from uuid import UUID

from alerts.model import Advance, Alert, Key
from alerts.silence import Silence
from alerts.store import Open, Overtaken
from chatops.guard.presses import StoredPress
from chatops.owed import Owed
from chatops.storage.alert_joining import epochs_between, joined
from chatops.storage.alert_rows import OPEN, Carriers, StepRows, alert_of, open_of, rows_of
from chatops.storage.database import Connection, Database, Record
from chatops.storage.delivery_rows import bare_row_of, file_of, press_row_of
from chatops.storage.entry_rows import Row
from chatops.storage.silences import SilenceTable

NOBODY: Carriers = MappingProxyType({})

_ADVANCE = "SELECT * FROM advance_alerts($1, $2, $3, $4, $5, $6, $7, $8)"
_STANDING = f"""
{OPEN} WHERE a.id IN (
    SELECT id FROM alerts WHERE resolved_at IS NULL
    UNION SELECT alert_id FROM alert_told WHERE severity IS NOT NULL)
ORDER BY a.began_at, a.number
"""  # noqa: S608 - put together from our own parts
# Where it joined before it goes on with that one, which may be resolved by now.
_MEETS = """
SELECT a.*, j.epochs FROM alert_joined AS j JOIN alerts AS a ON a.id = j.alert_id WHERE j.id = $1
UNION ALL
SELECT a.*, NULL FROM alerts AS a WHERE a.rule = $2 AND a.bot = $3 AND a.subject = $4 AND a.resolved_at IS NULL
LIMIT 1
"""
_AGAIN = """
SELECT j.id AS joined, a.* FROM alert_joined AS j JOIN alerts AS a ON a.id = j.alert_id WHERE j.id = ANY ($1)
UNION ALL
SELECT NULL, a.* FROM alerts AS a WHERE a.id = ANY ($1)
"""
_OVERTAKEN = "another worker has taken the alerts over, or they have changed: load them again"


@dataclass(frozen=True, slots=True)
class Steps:
    """Steps of alerts, with the messages that tell of them and what their buttons stand for."""

    advances: Sequence[Advance]
    #: The same step has the same messages, whenever it is stored.
    owed: Sequence[Owed] = ()
    #: As `press_row_of` makes them.
    minted: Sequence[Row] = ()
    carriers: Carriers = field(default_factory=dict)


class AlertTables:
    """What is on record of alerts. Every method raises `DatabaseAway` where the database is."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._silences = SilenceTable(database)

    async def take_over(self) -> int:
        """Be the worker from now on; gives the fence that `advance` wants. Whoever had it before is refused."""
        fence = await self._database.fetchval(
            "UPDATE alert_worker SET fence = fence + 1, taken_at = now() RETURNING fence"
        )
        return int(fence)

    async def load(self) -> list[Open]:
        """All that stand, and what is resolved and not told so everywhere, oldest first."""
        return [open_of(row) for row in await self._database.fetch(_STANDING)]

    async def last_number(self) -> int:
        """The highest number that an alert ever had; 0 where there was none."""
        return int(await self._database.fetchval("SELECT coalesce(max(number), 0) FROM alerts"))

    async def silences(self) -> list[Silence]:
        """Those in force and to come."""
        return await self._silences.load()

    async def advance(
        self,
        fence: int | None,
        advances: Sequence[Advance],
        owed: Sequence[Owed] = (),
        minted: Sequence[StoredPress] = (),
        carriers: Carriers = NOBODY,
    ) -> dict[UUID, Alert]:
        """Store these steps with what they owe, all or none, in one round trip; the same again changes nothing.

        Gives the alerts as they stand now, by the id that was handed in; where that id is another's, it has joined that
        one. A number that is taken is given anew. Without a `fence` it is not asked who the worker is; without
        `advances` only that is. Raises `Overtaken`.
        """
        return await self.store(fence, Steps(advances, owed, [press_row_of(press) for press in minted], carriers))

    async def store(self, fence: int | None, steps: Steps) -> dict[UUID, Alert]:
        """As `advance`."""
        *before, last = _one_of_each_key(steps.advances) or [[]]
        if not before:
            async with self._database.acquire() as connection:
                return await _advance(connection, fence, steps)
        async with self._database.transaction() as connection:
            # Whoever is stopped here holds up nobody who takes over.
            await connection.execute("SET LOCAL idle_in_transaction_session_timeout = '2s'")
            standing: dict[UUID, Alert] = {}
            for some in before:
                standing |= await _advance(connection, fence, Steps(some, carriers=steps.carriers))
            return standing | await _advance(connection, fence, replace(steps, advances=last))


async def _advance(connection: Connection, fence: int | None, steps: Steps) -> dict[UUID, Alert]:
    verdicts = await _call(connection, fence, steps, rows_of(steps.advances, steps.carriers))
    own = {advance.alert.id: advance.alert.id for advance in steps.advances}
    if "joins" in {row["verdict"] for row in verdicts.values()}:
        steps, rows, own = await _all_joined(connection, steps, verdicts)
        verdicts = await _call(connection, fence, steps, rows)
    if not {row["verdict"] for row in verdicts.values()} <= {"begins", "goes on", "again"}:
        raise Overtaken(_OVERTAKEN)
    standing = {
        one.alert.id: replace(one.alert, number=verdicts[one.alert.id]["number"] or 0) for one in steps.advances
    }
    passed = [one.alert.id for one in steps.advances if verdicts[one.alert.id]["version"] != one.alert.version]
    if passed:
        for row in await connection.fetch(_AGAIN, passed):
            standing[row["joined"] or row["id"]] = alert_of(row)
    return {given: standing[now] for given, now in own.items()}


async def _call(connection: Connection, fence: int | None, steps: Steps, rows: StepRows) -> dict[UUID, Record]:
    """What is said of each step, by its alert."""
    found = await connection.fetch(
        _ADVANCE,
        fence,
        rows.steps,
        rows.events,
        rows.tellings,
        rows.told,
        [bare_row_of(one) for one in steps.owed] or None,
        list(steps.minted) or None,
        [file_of(one) for one in steps.owed],
    )
    verdicts = {row["id"]: row for row in found}
    if None in verdicts or "overtaken" in {row["verdict"] for row in found}:
        raise Overtaken(_OVERTAKEN)
    return verdicts


async def _all_joined(
    connection: Connection, steps: Steps, verdicts: Mapping[UUID, Record]
) -> tuple[Steps, StepRows, dict[UUID, UUID]]:
    """The same steps, those that join as ones of the alerts that stand; and by the ids as given those they are of."""
    advances: list[Advance] = []
    carriers = dict(steps.carriers)
    joins: dict[UUID, tuple[UUID, int, int]] = {}
    own: dict[UUID, UUID] = {}
    for advance in steps.advances:
        given, key = advance.alert, advance.alert.key
        own[given.id] = given.id
        if verdicts[given.id]["verdict"] != "joins":
            advances.append(advance)
            continue
        row = await connection.fetchrow(_MEETS, given.id, key.rule, key.bot, key.subject)
        if row is None or row["resolved_at"] is not None:
            raise Overtaken(_OVERTAKEN)
        standing = alert_of(row)
        epochs = epochs_between(standing, given) if row["epochs"] is None else row["epochs"]
        advances.append(joined(standing, advance, epochs))
        own[given.id] = standing.id
        joins[standing.id] = given.id, given.version, epochs
        carriers |= {(standing.id, target): ids for (alert, target), ids in steps.carriers.items() if alert == given.id}
    steps = replace(steps, advances=advances, carriers=carriers)
    rows = rows_of(advances, carriers)
    for step in rows.steps:
        if (of := joins.get(UUID(step["id"]))) is not None:
            step |= {"joined": str(of[0]), "joined_version": of[1], "joined_epochs": of[2]}
    return steps, rows, own


def _one_of_each_key(advances: Iterable[Advance]) -> list[list[Advance]]:
    """In their order, as few groups as have a key only once: one statement looks once, and writes a row once."""
    groups: list[list[Advance]] = []
    group_of: dict[Key, int] = {}
    for advance in advances:
        at = group_of[advance.alert.key] = group_of.get(advance.alert.key, -1) + 1
        if at == len(groups):
            groups.append([])
        groups[at].append(advance)
    return groups
