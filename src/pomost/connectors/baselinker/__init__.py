"""BaseLinker (Base.com): orders, statuses, invoices, receipts, files, journals and returns."""
