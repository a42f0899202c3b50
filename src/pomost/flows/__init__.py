"""Orders to documents: what is to be done (plan), doing one step of it (act), what was done (history)."""
