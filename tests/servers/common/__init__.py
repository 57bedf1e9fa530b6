"""What the strict servers of all platforms have in common."""
