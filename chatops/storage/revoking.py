"""What was somebody's and waits, ended when they are nobody any more."""

from datetime import datetime

from chatops.guard.audit import State, Step, StepName
from chatops.storage.database import Connection
from chatops.storage.entry_rows import step_row_of


async def end_what_waits(connection: Connection, person: str, by: str, at: datetime, *, because: str) -> int:
    """Void every button that is this person's, and end what they asked and what waits for a second press.

    `because` is what is answered of each. Inside the caller's transaction; gives how many asks it ended.
    """
    # The rows first and the chain after them, in the order in which a press takes them.
    waiting = await connection.fetch(
        """
        SELECT id FROM command_log
        WHERE principal = $1 AND state IN ('awaiting_confirmation', 'awaiting_approval') ORDER BY id FOR UPDATE
        """,
        person,
    )
    ids = [row["id"] for row in waiting]
    await connection.execute(
        "UPDATE presses SET state = 'void' WHERE state = 'open' AND (principal = $1 OR command_id = ANY($2))",
        person,
        ids,
    )
    if not ids:
        return 0
    answer = f"{because}. Nothing was done."
    await connection.execute(
        "UPDATE command_log SET state = $2, answer = $3 WHERE id = ANY($1)", ids, State.CANCELLED, answer
    )
    steps = [Step(id_, at, StepName.CANCELLED, by, {"answer": answer, "reason": "revoked"}) for id_ in ids]
    await connection.execute("SELECT append_command_events($1)", [step_row_of(step) for step in steps])
    return len(ids)
