"""Facts made into messages, by subject: pure, of no platform, for a phone first."""
