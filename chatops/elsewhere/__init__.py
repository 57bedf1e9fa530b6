"""What a bot itself has on record of the time before it was heard here: read once, and never written."""
