"""Desired state: a pause or kill switch that people asked for holds until a person takes it back."""
