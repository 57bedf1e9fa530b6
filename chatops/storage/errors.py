"""What can go wrong with the database, said so that the reader knows what to do next.

StorageError
├── DatabaseAway      PostgreSQL does not answer; trying again later may help
│   └── DiskRefuses   and the disk does not keep what was asked meanwhile
├── DatabaseTooNew    a newer program has changed the database; this one must not touch it
├── DatabaseTooOld    its shape is older than this program; it has to be migrated first
├── DatabaseInUse     another living desk uses the database
├── DataDirInUse      another living desk keeps its database there
├── CannotFind        no delivery that is meant, or several
├── CannotRetry       a delivery that cannot be sent again by hand
└── ServerFailed      the embedded PostgreSQL could not be created, started or stopped
"""


class StorageError(Exception):
    """Something that was to be kept or read was not."""


class DatabaseAway(StorageError):
    """PostgreSQL cannot be reached, or was lost: what was under way may have happened, or not."""


class DiskRefuses(DatabaseAway):
    """PostgreSQL is away, and the disk does not take what would wait for it."""


class DatabaseTooNew(StorageError):
    """The database has a shape that this program does not know."""


class DatabaseTooOld(StorageError):
    """The database has an older shape than this program, or none."""


class DatabaseInUse(StorageError):
    """Another living desk uses the database."""


class DataDirInUse(StorageError):
    """Another living desk keeps its database in this directory."""


class CannotFind(StorageError):
    """What was given of an id names no delivery, or several."""


class CannotRetry(StorageError):
    """A delivery cannot be sent again by hand, or needs no such thing."""


class ServerFailed(StorageError):
    """The embedded PostgreSQL could not be created, started or stopped."""
