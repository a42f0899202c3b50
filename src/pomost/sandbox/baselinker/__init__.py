"""A BaseLinker that runs on your machine, with buyers who order, pay, cancel and return."""
