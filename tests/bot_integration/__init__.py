"""Tests of the bot side."""
