"""What the catalogues show and why, and the acts on them: for the command line and the panel alike."""
