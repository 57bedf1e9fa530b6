"""History in PostgreSQL: what `chatops.history.port` asks for."""

from chatops.storage.database import Database
from chatops.storage.history.books import HistoryBooks
from chatops.storage.history.reading import HistoryReading
from chatops.storage.history.writing import HistoryWriting

__all__ = ["PostgresHistory"]


class PostgresHistory(HistoryWriting, HistoryBooks, HistoryReading):
    """A `Recording` and a `Reading`."""

    def __init__(self, database: Database) -> None:
        HistoryWriting.__init__(self, database)
        HistoryBooks.__init__(self, database)
        HistoryReading.__init__(self, database)
