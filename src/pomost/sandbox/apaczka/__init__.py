"""Apaczka's Web API v2 as a server on loopback, written from the reference (carriers.md, section 3)."""

from pomost.sandbox.apaczka.sandbox import Apaczka
from pomost.sandbox.apaczka.settings import Settings
from pomost.sandbox.apaczka.signing import push_signature, signature

__all__ = ["Apaczka", "Settings", "push_signature", "signature"]
