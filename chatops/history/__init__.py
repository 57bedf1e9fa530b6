"""What bots made and how they stood, over time: recorded from their snapshots, read back by span."""
