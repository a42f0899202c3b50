"""Outside systems that run on your machine."""
