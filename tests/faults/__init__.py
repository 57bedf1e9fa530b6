"""Real processes, stopped and killed where it hurts: what is on record and what people see afterwards."""
