"""Telegram: what people write and press there, and what they are shown."""
