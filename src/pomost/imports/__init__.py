"""Items, prices, stock and contractors from a spreadsheet into the ledger, and back into a spreadsheet.

``reading`` a file into rows of cells, ``columns`` what a heading means, ``cells`` what a cell may hold, ``rows`` checked
rows or what is wrong in them, ``preview`` what would change (pure), ``apply`` the same against the ledger and written,
``export`` the same columns out again.
"""
