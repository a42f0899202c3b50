"""Pomost's own tables: cases, steps, cursors, links and limits."""
