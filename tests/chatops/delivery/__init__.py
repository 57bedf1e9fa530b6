"""What waits, who goes first, how fast, and what a failure means."""
