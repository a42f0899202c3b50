"""The one file of configuration as a typed model."""
