"""A bot behind its control API, on real sockets."""
