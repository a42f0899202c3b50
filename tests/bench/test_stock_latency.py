"""The benchmark of stock in a tiny form: it says all that it must, and is discarded where a change does not arrive."""

from __future__ import annotations

import pytest

from bench import stock_latency


@pytest.mark.slow
def test_it_is_valid_where_each_change_arrives(capsys: pytest.CaptureFixture[str]) -> None:
    assert stock_latency.run("sqlite", changes=2, delay=0.0) in (0, 1)
    said = capsys.readouterr().out
    for part in ("Criteria", "Machine:", "Settings:", "p50", "p95", "2 of 2", "VALID", "Not established:"):
        assert part in said


@pytest.mark.slow
def test_it_is_discarded_where_a_change_does_not_arrive(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stock_latency, "PATIENCE_S", 3.0)
    monkeypatch.setattr(stock_latency, "WRITE", "noSuchMethod")
    assert stock_latency.run("same", changes=1, delay=0.0) == 2
    assert "DISCARDED" in capsys.readouterr().out
