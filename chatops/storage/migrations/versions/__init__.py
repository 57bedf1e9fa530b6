"""One file a step, named by its revision: so the newest is known without importing any."""
