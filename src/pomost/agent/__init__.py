"""A small program beside a printer: fetches what waits in the print queue and prints it. Knows nothing of Pomost but its HTTP API."""
