"""Who belongs to the desk: how people come in, what they prove themselves with, and how they leave."""
