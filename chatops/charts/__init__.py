"""Facts to pictures, drawn in a process of its own. Who asks needs `facts`, `style`, `errors` and `studio` alone."""
