"""Exchange rates of the National Bank of Poland, table A."""
