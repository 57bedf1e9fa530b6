"""The stories of what is kept."""
