"""What was made over time: facts of the past in, figures out. Pure; each figure has its one definition here."""
