"""The HTTP API for programs, under /api/v1: the same acts as on the command line and in the panel, signed with tokens."""
