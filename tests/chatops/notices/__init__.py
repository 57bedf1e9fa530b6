"""What happens in the bots, found and told."""
