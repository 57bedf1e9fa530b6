"""The wing that owes and sends: what waits, who goes first, how fast, and what a failure means."""
