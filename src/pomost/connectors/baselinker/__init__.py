"""BaseLinker (Base.com): orders, statuses, invoices, receipts, files, journals and returns."""

from pomost.connectors.baselinker.client import ADDRESS
from pomost.connectors.baselinker.connector import BaseLinkerChannel, Health
from pomost.connectors.baselinker.methods import BaseLinkerClient
from pomost.connectors.baselinker.settings import Settings

__all__ = [
    "ADDRESS",
    "BaseLinkerChannel",
    "BaseLinkerClient",
    "Health",
    "Settings",
]
