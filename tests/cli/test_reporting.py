"""``pomost report``: in the terminal and as a file, with what is wrong said."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pomost.cli import app
from pomost.ledger import open_ledger
from pomost.trade.documents import Draft, DraftLine
from pomost.trade.order import Party
from pomost.trade.vat import VatRate

DAYS = ["--from", "2026-11-01", "--to", "2026-11-30"]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A company that sold two mugs for 10.00 net each."""
    path = tmp_path / "pomost.toml"
    path.write_text(
        f"""
data_dir = {str(tmp_path)!r}
[database]
url = "sqlite:///{tmp_path}/pomost.db"
[ledger]
url = "sqlite:///{tmp_path}/ledger.db"
[[company]]
code = "main"
name = "Sklep"
nip = "1234563218"
[[baselinker]]
token = "x"
[[flow]]
name = "f"
source = "baselinker"
company = "main"
preset = "ro-fs-wz"
""",
        encoding="utf-8",
    )
    ledger = open_ledger(f"sqlite:///{tmp_path}/ledger.db", durable=False)
    ledger.setup.add_company("main", "Sklep", "1234563218")
    ledger.setup.add_warehouse("main", "MAG")
    ledger.setup.put_items("main", [{"sku": "KUBEK", "name": "Kubek", "vat": "23"}])
    mugs = DraftLine("KUBEK", "Kubek", Decimal(2), Decimal("10.00"), VatRate.of("23"))
    day = date(2026, 11, 20)
    ledger.issue(Draft("FS", "main", "one", day, buyer=Party(name="Anna"), basis="net", lines=(mugs,)))
    ledger.close()
    return path


def run(config: Path, *words: str) -> tuple[int, str]:
    found = CliRunner().invoke(app, ["report", *words, "--config", str(config)])
    return found.exit_code, found.output


def test_a_report_is_shown_in_the_terminal(config: Path) -> None:
    code, said = run(config, "sales", "--by", "item", *DAYS)

    assert code == 0, said
    assert "KUBEK" in said
    assert "20,00" in said


@pytest.mark.parametrize("ending", ["csv", "xlsx", "pdf"])
def test_a_report_is_written_as_a_file(config: Path, tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"report.{ending}"

    code, said = run(config, "margin", *DAYS, "--company", "main", "--out", str(out))

    assert code == 0, said
    assert out.stat().st_size > 50


@pytest.mark.parametrize(
    ("words", "code"),
    [(["moon"], "report.unknown"), (["sales", "--by", "moon"], "report.unknown-by"), (["sales", "--from", "x"], "report.day"),
     (["sales", "--from", "2026-11-02", "--to", "2026-11-01"], "report.days"), (["sales", "--out", "a.doc"], "report.unknown-format"),
     (["sales", "--out", "/nowhere/at/all.csv"], "export.not-written")],
)  # fmt: skip
def test_what_makes_no_sense_is_said_with_its_code(config: Path, words: list[str], code: str) -> None:
    status, said = run(config, *words)

    assert status != 0
    assert code in said
