"""Steps of alerts as they wait on disk while the database is away, and their way into the tables."""

import logging
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from alerts.model import Advance, Target, TargetKind
from alerts.store import Overtaken
from chatops.storage.alerts import AlertTables, Steps
from chatops.storage.database import REFUSED, Database
from chatops.storage.delivery_rows import owed_of_json, row_of
from chatops.storage.entry_rows import Row

log = logging.getLogger(__name__)

_ADVANCES = TypeAdapter(tuple[Advance, ...])


def waiting_steps(fence: int, steps: Steps) -> Row:
    """Steps as they wait, with the messages that tell of them: one line, so that neither is there without the other."""
    carriers = [
        [str(alert), target.kind, target.name, [str(one) for one in ids]]
        for (alert, target), ids in steps.carriers.items()
    ]
    return {
        "alerts": {
            "fence": fence,
            "advances": _ADVANCES.dump_python(tuple(steps.advances), mode="json"),
            "owed": [row_of(one) for one in steps.owed],
            "minted": list(steps.minted),
            "carriers": carriers,
        }
    }


async def carry_steps(database: Database, waiting: dict[str, Any]) -> bool:
    """Write what waited; again changes nothing. False where the tables refuse it, or another worker was faster.

    Raises `DatabaseAway`, and `KeyError` or `ValueError` where it is no such row.
    """
    steps = Steps(
        _ADVANCES.validate_python(waiting["advances"]),
        [owed_of_json(row) for row in waiting["owed"]],
        waiting["minted"],
        {
            (UUID(alert), Target(TargetKind(kind), name)): [UUID(one) for one in ids]
            for alert, kind, name, ids in waiting["carriers"]
        },
    )
    try:
        # One that never could take over has the fence 0, and is held to what the alerts have come to alone.
        await AlertTables(database).store(waiting["fence"] or None, steps)
    except Overtaken as error:
        log.warning("steps of alerts that waited are not stored: %s", error)
        return False
    except REFUSED:
        log.exception("steps of alerts that waited are refused")
        return False
    return True
