"""What the ledger holds as a sheet to be downloaded, written as ``pomost export`` writes it."""

from __future__ import annotations

import tempfile
from pathlib import Path

from fastapi.responses import Response

from pomost.imports.columns import Kind
from pomost.imports.export import export
from pomost.panel.web import Visit

_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


def sheet_of(visit: Visit, kind: Kind, company: str, ending: str) -> Response:
    """All of a kind that a company has (without one: the first company has). Raises what ``export`` raises."""
    if ending not in _TYPES:
        raise visit.missing()
    ledger = visit.pomost.ledger
    codes = [one.code for one in ledger.companies()]
    if (company and company not in codes) or not codes:
        raise visit.missing()
    company = company or codes[0]
    with tempfile.TemporaryDirectory(prefix="pomost-sheet-") as folder:
        path = Path(folder) / f"{kind}.{ending}"
        export(ledger, company, kind, path, visit.language)
        content = path.read_bytes()
    visit.audit("ledger.download", target=kind, company=company, ending=ending)
    return visit.download(f"{kind}-{company}.{ending}", content, _TYPES[ending])
