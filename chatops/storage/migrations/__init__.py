"""The steps to the present shape of the database. Alembic runs them; each is plain SQL."""
