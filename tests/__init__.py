"""Quarterdeck, told in stories."""
