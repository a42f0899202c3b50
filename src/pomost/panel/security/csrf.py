"""Forms that only our own pages can send: each carries a mark of its session.

The mark is different in each page (a random part and a keyed hash of it), so that compressing pages gives nothing away.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

FIELD = "csrf"


def mark_for(secret: str) -> str:
    """A mark for the session, or for the visit of somebody who is not signed in."""
    salt = secrets.token_hex(8)
    return f"{salt}.{_hash(secret, salt)}"


def is_mark(secret: str, mark: str) -> bool:
    salt, _, given = mark.partition(".")
    return bool(secret) and hmac.compare_digest(given.encode(), _hash(secret, salt).encode())


def _hash(secret: str, salt: str) -> str:
    return hmac.new(secret.encode(), salt.encode(), hashlib.sha256).hexdigest()
