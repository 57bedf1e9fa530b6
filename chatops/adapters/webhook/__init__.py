"""Webhooks of our own: signed, to addresses that anybody may reach."""
