"""The platforms, one folder each; only `adapters/<platform>/` imports that platform's library."""
