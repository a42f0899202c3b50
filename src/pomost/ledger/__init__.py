"""The embedded ERP: items, contractors, warehouses, lots, documents and payments in SQL."""
