"""One module for each repository of ``ports.store``, and the one way in which they list."""
