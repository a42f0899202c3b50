"""Orders from where people buy become documents in the ERP, exactly once."""

__version__ = "0.1.0"
