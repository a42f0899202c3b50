"""One module for each area of the panel; each has a ``router``."""
