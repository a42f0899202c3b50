"""A BaseLinker that runs on your machine, with buyers who order, pay, cancel and return."""

from pomost.sandbox.baselinker.remote import RemoteSandbox
from pomost.sandbox.baselinker.sandbox import Call, Sandbox, Write
from pomost.sandbox.baselinker.settings import Settings

__all__ = ["Call", "RemoteSandbox", "Sandbox", "Settings", "Write"]
