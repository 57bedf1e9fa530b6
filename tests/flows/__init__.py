"""Whole journeys, from what a person types to what they see, on a real PostgreSQL."""
