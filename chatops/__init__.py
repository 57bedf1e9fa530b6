"""The gateway: people, rooms, words, permissions, the command log and delivery."""
