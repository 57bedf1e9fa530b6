"""Telegram, against a strict Bot API server."""
