"""A chat in this terminal; only this folder imports prompt_toolkit."""
