"""A stored session shown once more: through a controller of its own, into the views that a living bot has."""
