"""What the gateway keeps in PostgreSQL, the embedded server included."""
