"""What a token may do: its scopes. One word each; an address of the HTTP API names the one that it needs."""

from __future__ import annotations

SCOPES = ("read", "orders", "stock", "print", "metrics", "ship")
"""read: look at orders, documents, stock and health. orders: retry, skip, resolve, spread. stock: push. print: mark as printed.
metrics: /metrics and the whole of /health. ship: carriers are asked and called, which costs money. None contains another."""
