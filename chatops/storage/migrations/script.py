"""A migration's SQL, sent to PostgreSQL as it is written: many statements, nothing to escape."""

from alembic import op


def run_script(sql: str) -> None:
    """Run the statements in the migration's own transaction."""
    # SQLAlchemy would prepare it, which takes one statement only, and read colons as parameters.
    adapted = op.get_bind().connection.dbapi_connection
    assert adapted is not None
    adapted.run_async(lambda driver: driver.execute(sql))
