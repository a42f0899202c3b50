"""Sets a report with typst: a table as wide as its page, its totals, its remarks, and a plot."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import typst

from pomost.render.figures import printable

_HERE = Path(__file__).parent
_ROOT = _HERE / "reports"
_FONTS = _HERE / "fonts"


def set_report(data: Mapping[str, Any], picture: str, made: date) -> bytes:
    """The PDF. ``data``: title, about, made, language, columns (head, right), rows, totals, notes, empty, page; all texts.

    The same data give the same bytes.
    """
    clean = {**data, "picture": bool(picture)}
    for name in ("rows", "totals"):
        clean[name] = [[printable(cell) for cell in row] for row in data[name]]
    files = {
        "main.typ": b'#include "report.typ"',
        "data.json": json.dumps(clean, ensure_ascii=False).encode(),
    }
    if picture:
        files["plot.svg"] = picture.encode()
    # reports are rare: a compiler of its own for each keeps threads apart
    compiler: Any = typst.Compiler(
        root=_ROOT,
        font_paths=typst.Fonts(include_system_fonts=False, font_paths=[_FONTS]),
        ignore_system_fonts=True,
    )
    return bytes(
        compiler.compile(
            input=files, format="pdf", timestamp=datetime.combine(made, time(), UTC), pdf_tags=False
        )
    )
