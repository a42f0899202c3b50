"""The web panel and the HTTP API."""
