"""The guard: who may act, once, on record."""
