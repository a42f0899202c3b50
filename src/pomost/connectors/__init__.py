"""One folder per outside system, all alike inside."""
