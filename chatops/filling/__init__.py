"""Forms: what a word still needs, to be filled in at once where the platform has such."""
