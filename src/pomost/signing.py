"""Signed calls between programs: ``Pomost-Signature: t=SECONDS,v1=HMAC``, of the time and the body with a shared secret."""

from __future__ import annotations

import hashlib
import hmac
import re

HEADER = "Pomost-Signature"
TOLERANCE_S = 300.0
"""A signature is good for so long: whoever wrote a call down can't send it again later."""
_FORM = re.compile(r"t=([0-9]{1,12}),v1=([0-9a-f]{64})")


def signature(secret: str, moment: int, body: bytes) -> str:
    """The header for a body that is sent at ``moment`` (Unix seconds)."""
    return f"t={moment},v1={_mac(secret, str(moment), body)}"


def is_signed(secret: str, header: str, body: bytes, now: float) -> bool:
    """Whether the body was signed with the secret within the last five minutes."""
    found = _FORM.fullmatch(header)
    if found is None:
        return False
    right = hmac.compare_digest(found[2], _mac(secret, found[1], body))
    return right and abs(now - int(found[1])) <= TOLERANCE_S


def _mac(secret: str, moment: str, body: bytes) -> str:
    return hmac.new(secret.encode(), moment.encode() + b"." + body, hashlib.sha256).hexdigest()
