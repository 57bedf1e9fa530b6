"""Alerts at a desk: who is told of them in which room, what they read there, and what people say back."""
