"""Signatures of calls and of pushes; pure (reference, sections 3.2 and 3.8)."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any


def signature(app_id: str, secret: str, route: str, request: str, expires: str) -> str:
    """Over exactly the text that is sent; ``route`` ends with a slash."""
    text = f"{app_id}:{route}:{request}:{expires}"
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def compact(value: Any) -> str:
    """JSON as Apaczka signs it: no spaces, nothing escaped, the order of keys kept."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def pushed_order(body: bytes, app_id: str, secret: str) -> str | None:
    """The order number of a push whose signature is right; None for any other."""
    try:
        push = json.loads(body)
        response, signed = push["response"], push["signature"]
        number = response["orderNumber"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    right = signature(app_id, secret, "", compact(response), "")
    if not isinstance(signed, str) or not hmac.compare_digest(signed.encode(), right.encode()):
        return None
    return str(number) if str(number).isdecimal() else None
