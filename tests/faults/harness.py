"""Kills a Pomost at every point of every step of a flow, one point after the other, and counts at the destinations."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from pomost.config.model import Config, Flow
from pomost.flows.catalogue import resolve
from pomost.sandbox.baselinker import Sandbox
from pomost.trade.documents import Draft, DraftLine
from pomost.trade.order import Address, Party
from pomost.trade.vat import VatRate
from tests.house import TODAY, House, config_for

REPO = Path(__file__).resolve().parents[2]
STAFF = (("W realizacji", "Spakowane"),)


def points_of(flow: Flow) -> list[str]:
    """Before the call, after it and before its answer is stored, and after; for status changes also between."""
    points: list[str] = []
    for step in resolve(flow).step:
        names = ["intended", "made", "moved", "stored"] if step.write else ["intended", "made", "stored"]
        points += [f"{step.id}:{name}" for name in names]
    return points


@dataclass
class Trial:
    """One order through one flow with kills; what was found at the end."""

    folder: Path
    shop: Sandbox
    preset: str
    wanted: dict[str, Any] = field(default_factory=dict)
    guards_off: bool = False
    kills: list[str] = field(default_factory=list)
    points: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.b2b = self.preset.startswith("b2b")
        flow = {"preset": self.preset}
        if self.b2b:
            flow |= {"source": "ledger", "channel": "baselinker"}
        self.config: Config = config_for(
            self.folder, self.shop.url, flow=flow, engine={"lease_s": 0.3, "workers": 2}, **self.wanted
        )
        self.house = House(
            self.folder, self.shop, flow=flow, engine={"lease_s": 0.3, "workers": 2}, **self.wanted
        )
        self.file = self.folder / "config.json"
        self.file.write_text(self.config.model_dump_json())
        self.order = self._begin()

    def _begin(self) -> int:
        if not self.b2b:
            return self.shop.place(paid=True)[0]
        draft = Draft(
            kind="RO",
            company="main",
            key="by-hand",
            issued_on=TODAY,
            buyer=Party(
                name="Jan Testowy",
                email="jan@example.com",
                address=Address("ul. Próbna 1", "00-001", "Warszawa", "", "PL"),
            ),
            lines=(DraftLine("KUBEK-1", "Kubek", Decimal(2), Decimal("10.00"), VatRate.of("23")),),
            attributes={"DO_BASELINKERA": "TAK"},
        )
        return int(self.house.ledger.issue(draft).id)

    def run(self, points: list[str], seconds: float = 30.0) -> None:
        """Kills at each of the points that comes, then lets it finish."""
        self.points = points
        for point in [*points, "-"]:
            self._live(point, seconds)

    def _live(self, point: str, seconds: float) -> None:
        command = [sys.executable, "-m", "tests.faults.child", str(self.file), point]
        child = subprocess.Popen(
            command + (["guards-off"] if self.guards_off else []), cwd=REPO, env=_environment()
        )
        end = time.monotonic() + seconds
        try:
            while child.poll() is None:
                self._staff()
                if self._finished():
                    break
                if time.monotonic() > end:
                    raise AssertionError(
                        f"not finished {seconds} s after a kill at {self.kills}: {self.house.waits()}; "
                        f"in the channel: {[o['status'] for o in self.shop.orders()]}; "
                        f"{[line.status for line in self.house.pomost.store.queries.all(5)]}; "
                        f"{self.house.pomost.store.looks.all()}"
                    )
                time.sleep(0.02)
        finally:
            if child.poll() is None:
                child.terminate()
            code = child.wait(20)
        if code == -signal.SIGKILL:
            self.kills.append(point)

    def _staff(self) -> None:
        """Staff wait until the kills of the step before are over: quicker ones would let later steps run unkilled."""
        if self._passed("ro-back") and self._passed("zs-back"):
            for before, after in STAFF:
                self.shop.move_all(before, after)
        if self.preset == "b2b-ro-wz-fs" and self._passed("wz-back"):
            for order in self.shop.orders():
                if "51003" in str(self.shop.order(order["order_id"])["custom_extra_fields"]):
                    self.shop.move_all("Spakowane", "Wysłane")

    def _passed(self, step: str) -> bool:
        last = f"{step}:stored"
        return last not in self.points or last in self.kills

    def _finished(self) -> bool:
        lines = self.house.pomost.store.queries.all()
        return bool(lines) and all(line.state == "done" for line in lines)

    def close(self) -> None:
        self.house.pomost.close()

    # --- the truth at the destinations ---------------------------------------------------------------------------

    def documents(self) -> Counter[str]:
        return Counter(document.kind for document in self.house.ledger.documents() if document.kind != "PW")

    def channel_order(self) -> int:
        orders = self.shop.orders()
        assert len(orders) == 1, f"{len(orders)} orders in the channel"
        return int(orders[0]["order_id"])

    def field_writes(self) -> Counter[str]:
        """How many times each field was written."""
        found: Counter[str] = Counter()
        for write in self.shop.writes(self.channel_order()):
            if write.method == "setOrderFields":
                found.update(write.changed["custom_extra_fields"].keys())
        return found

    def status_writes(self) -> Counter[int]:
        return Counter(
            write.changed["status_id"]
            for write in self.shop.writes(self.channel_order())
            if "status_id" in write.changed
        )


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": f"{REPO / 'src'}{os.pathsep}{REPO}"}
