"""Who is who in the panel, and what keeps others out."""
