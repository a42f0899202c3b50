"""A BaseLinker that runs on your machine, with buyers who order, pay, cancel and return."""

from pomost.sandbox.baselinker.engine import Settings
from pomost.sandbox.baselinker.sandbox import RemoteSandbox, Sandbox, Write

__all__ = ["RemoteSandbox", "Sandbox", "Settings", "Write"]
