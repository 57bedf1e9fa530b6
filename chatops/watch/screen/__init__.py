"""The dashboard on a terminal. Nothing but these files knows Textual."""
