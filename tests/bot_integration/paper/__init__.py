"""Tests of the paper bot."""
