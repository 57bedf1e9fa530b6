"""Sessions of bots by themselves: which one is meant, and one in a file."""
