"""The answers to asks, by subject: they take what is asked and give what is shown."""
