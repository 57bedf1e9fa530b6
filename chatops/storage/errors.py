"""What can go wrong with the database, said so that the reader knows what to do next.

StorageError
├── DatabaseAway      PostgreSQL does not answer; trying again later may help
├── DatabaseTooNew    a newer program has changed the database; this one must not touch it
├── DatabaseInUse     another living desk uses the database
├── DataDirInUse      another living desk keeps its database there
└── ServerFailed      the embedded PostgreSQL could not be created, started or stopped
"""


class StorageError(Exception):
    """Something that was to be kept or read was not."""


class DatabaseAway(StorageError):
    """PostgreSQL cannot be reached, or was lost: what was under way may have happened, or not."""


class DatabaseTooNew(StorageError):
    """The database has a shape that this program does not know."""


class DatabaseInUse(StorageError):
    """Another living desk uses the database."""


class DataDirInUse(StorageError):
    """Another living desk keeps its database in this directory."""


class ServerFailed(StorageError):
    """The embedded PostgreSQL could not be created, started or stopped."""
