"""Signatures of calls and of pushes (reference, sections 3.2 and 3.8)."""

import hashlib
import hmac
import json
from typing import Any


def signature(app_id: str, secret: str, route: str, request: str, expires: str) -> str:
    """Over exactly the text that was sent."""
    text = f"{app_id}:{route}:{request}:{expires}"
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def compact(response: Any) -> str:
    return json.dumps(response, ensure_ascii=False, separators=(",", ":"))


def push_signature(app_id: str, secret: str, response: Any) -> str:
    """Route and expires are empty."""
    return signature(app_id, secret, "", compact(response), "")
