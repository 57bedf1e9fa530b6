"""Local servers that answer as the platforms do, so that no test needs the network."""
