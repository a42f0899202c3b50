"""Pomost's own tables: cases, steps, cursors, and their migrations."""
