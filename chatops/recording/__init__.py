"""Has what bots live through recorded while they do: `chatops.history` over the fleet."""
