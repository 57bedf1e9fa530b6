"""What was changed of the rules from chat, over the settings: table `rule_changes`."""

from chatops.alert_record import RuleChange
from chatops.storage.database import Database, Record


class RuleChanges:
    """Every change ever made. Every method raises `DatabaseAway` where the database is."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def load(self) -> list[RuleChange]:
        """Those that hold over the settings: of each key the newest, in the order in which they were made."""
        rows = await self._database.fetch(
            """
            SELECT * FROM (SELECT DISTINCT ON (rule, key) * FROM rule_changes ORDER BY rule, key, seq DESC) AS newest
            WHERE value IS NOT NULL ORDER BY seq
            """
        )
        return [_change(row) for row in rows]

    async def add(self, change: RuleChange) -> None:
        """Have it hold from now on."""
        await self._database.execute(
            "INSERT INTO rule_changes (rule, key, value, by, at) VALUES ($1, $2, $3, $4, $5)",
            change.rule,
            change.key,
            change.value,
            change.by,
            change.at,
        )


def _change(row: Record) -> RuleChange:
    return RuleChange(row["rule"], row["key"], row["value"], row["by"], row["at"])
