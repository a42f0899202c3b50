"""E-receipts: a fiscal printer makes the e-document, and Pomost keeps a copy of it for the buyer."""
