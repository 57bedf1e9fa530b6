"""The stories of the gateway."""
