"""Slack: messages out, and what people write and press in."""
