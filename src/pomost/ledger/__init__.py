"""The embedded ERP: items, contractors, warehouses, lots, documents and payments in SQL."""

from pomost.ledger.ledger import Ledger, open_ledger
from pomost.ledger.orders_out import LedgerOrders
from pomost.ledger.setup import receive_draft

__all__ = ["Ledger", "LedgerOrders", "open_ledger", "receive_draft"]
