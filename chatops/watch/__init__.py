"""A bot on a whole terminal: `quarterdeck watch`. What is shown is made by pure files; only `screen/` knows Textual."""
