"""InPost ShipX as a server on loopback, written from the reference (carriers.md, section 2)."""

from pomost.sandbox.shipx.sandbox import ShipX
from pomost.sandbox.shipx.settings import Settings

__all__ = ["Settings", "ShipX"]
