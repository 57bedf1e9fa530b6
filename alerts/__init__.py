"""Readings, severities and who has been told. It knows no chat and no database."""
