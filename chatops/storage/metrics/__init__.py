"""What is measured every minute, in PostgreSQL: written by the minute, rolled up, read back by span, forgotten."""

from chatops.storage.metrics.reading import Metrics
from chatops.storage.metrics.writing import copy_measured

__all__ = ["Metrics", "copy_measured"]
