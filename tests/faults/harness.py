"""Kills a Pomost at every point of every step of a flow, one point after the other, and counts at the destinations.

Alone: one order, one process at a time, each killed at the next point. In pairs: two processes alive and an order for
each point; whichever comes to the point is killed, and the other has to go on alone.
"""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from pomost.config.flow import Flow
from pomost.flows.catalogue import resolve
from pomost.flows.undoing import making_flow, undoing_flow
from pomost.ledger import receive_draft
from pomost.sandbox.baselinker import Sandbox
from pomost.sandbox.baselinker.defaults import STATUSES
from pomost.trade.documents import Draft, DraftLine
from pomost.trade.order import Address, Party
from pomost.trade.vat import VatRate
from tests.edges import fiscal_printer, inpost_office, posnet, post_office, shipx
from tests.faults.processes import end_child, start_child
from tests.house import TODAY, House, config_for, stock_up
from tests.nursery import Child

COMPANIES = [
    {"code": "main", "name": "Sklep Przykładowy sp. z o.o.", "nip": "1234563218"},
    {"code": "hurt", "name": "Hurtownia Przykładowa sp. z o.o.", "nip": "5252248481"},
]
STAFF = (("W realizacji", "Spakowane"),)
RETURNS = {"returns": "Przyjęte", "exchange": "Wymiana"}
"""Presets of returns -> the status in which goods came back."""
GIFT_BOX = {"sku": "ZESTAW", "name": "Zestaw", "quantity": 2, "price_brutto": 59.90}
"""What is ordered in the preset that makes products; it is made of two mugs."""
_MUGS = [{"sku": "KUBEK-1", "quantity": 2}]
_PAID_AT_HOME = {"lines": _MUGS, "paid": True, "country": "PL", "currency": "PLN", "cod": False}
ORDERS: dict[str, dict[str, Any]] = {
    "fpf-fzal-fs": {"lines": _MUGS, "paid": False, "delivery_price": "14.99"},
    "ro-fzal-fs": {"lines": _MUGS, "paid": False, "delivery_price": "14.99"},
    "special": {"lines": [*_MUGS, {"sku": "USL-MONTAZ", "quantity": 1}], "paid": False},
    "paid-fs-wz-ship": _PAID_AT_HOME,
    "ro-pa-fiscal-wz-ship": _PAID_AT_HOME,
}
"""Presets whose every step is reached by some orders only -> such an order. Advances: 30.00 of it are paid later."""
REACHED = {"exchange": ("received", "issued", "exchanged")}
"""Steps of a preset that one case goes through, where it does not go through all."""
PARTS = {"gather-ro-fs-wz": {"mm": 2}, "shortage": {"stock": 3}}
"""Steps of a preset that are done in several parts, each of which is killed."""
TWICE = dict.fromkeys(("fpf-fzal-fs", "ro-fzal-fs"), ("fzal", "fzal-back"))
"""Steps of a preset that are done once more, one after the other, when 50.00 are paid; each time they are killed."""
PERSON_NEEDED = frozenset({"person", "doubt", "stopped"})


def points_of(preset: str) -> list[str]:
    """Before the call, after it and before its answer is stored, and after; for status changes also between."""
    return _points(making_flow(resolve(_flow({"preset": preset}))))


def undoing_points_of(flow: dict[str, Any]) -> list[str]:
    """The same of the steps that undo, and after each shipment and document that is undone: shipments come before the
    intention, for cancelling them can be repeated."""
    whole = resolve(_flow(flow))
    ships = {step.id for step in whole.step if step.ship}
    points = _points(undoing_flow(whole, gone=False))
    first = [point for point in points if point.split(":")[1] in ships]
    return [*first, *(point for point in points if point not in first)]


def _flow(wanted: dict[str, Any]) -> Flow:
    return Flow.model_validate({"name": "sklep", "source": "baselinker", "company": "main", **wanted})


def _points(flow: Flow) -> list[str]:
    points: list[str] = []
    for step in flow.step:
        if step.id not in REACHED.get(flow.preset, (step.id,)):
            continue
        between = ["moved"] if step.write or step.check else ["labelled"] if step.ship else []
        # a mail that was sent and is found in the inbox is written down by a person, and its step not done again
        last = [] if step.mail else ["stored"]
        names = ["intended", *reversed(step.cancel), "made", *between, *last]
        # a check that finds everything there at once writes its status all the same
        for part in range(1, PARTS.get(flow.preset, {}).get(step.id, 1) + 1):
            name_of_part = step.id if part == 1 else f"{step.id}#{part}"
            at = name_of_part if step.check else step.id
            points += [f"{name_of_part if name == 'stored' else at}:{name}" for name in names]
        if step.id == TWICE.get(flow.preset, ("",))[-1]:
            points += [_again(point) for point in points if point.split(":")[0] in TWICE[flow.preset]]
    return points


def _again(point: str) -> str:
    """The point when its step is done for the second time: acts that make documents say the step, others its part."""
    step, _, name = point.partition(":")
    return f"{step}#2:{name}" if name == "stored" or step.endswith("-back") else point


@dataclass
class Trial:
    """Orders through one flow with kills; what was found at the end. ``database``: a URL; empty: files of SQLite."""

    folder: Path
    shop: Sandbox
    preset: str = "ro-fs-wz"
    flow: dict[str, Any] = field(default_factory=dict)
    """A flow of its own instead of a preset."""
    catalogue: dict[str, Any] = field(default_factory=dict)
    """A catalogue of the channel that is kept up to date beside the flow."""
    cancels: bool = False
    """Whether staff cancel the order once all its documents are made, instead of leaving it."""
    database: str = ""
    sell: Callable[[House, str], tuple[int, int]] = field(default_factory=lambda: sold_and_returned)
    """How an order was sold and came back, for presets of returns."""
    lease_s: float = 0.3
    guards_off: bool = False
    modes: tuple[str, ...] = ()
    """More arguments of its processes."""
    points: list[str] = field(default_factory=list)
    kills: list[str] = field(default_factory=list)
    take_overs: list[float] = field(default_factory=list)
    """Seconds from each kill until the survivor had finished the step."""

    def __post_init__(self) -> None:
        self._children: list[Child] = []
        self._devices = ExitStack()
        flow: dict[str, Any] = {"preset": self.preset} | self.flow
        if self.preset.startswith("b2b"):
            flow |= {"source": "ledger", "channel": "baselinker"}
        two = self.preset.startswith("two-companies")
        wanted: dict[str, Any] = {"company": COMPANIES} if two else {}
        if self.preset == "gather-ro-fs-wz":
            flow |= {"warehouse": "MAG"}
            wanted["warehouses"] = [{"company": "main", "code": code} for code in ("MAG", "SKLEP", "ZAPAS")]
        wanted |= {
            "flow": flow,
            "engine": {"lease_s": self.lease_s, "workers": 2},
            "baselinker": {"returns_s": 0.1},
        }
        if self.catalogue:
            wanted["catalogue"] = [self.catalogue]
        if "fiscal" in self.preset:
            self.printer = self._devices.enter_context(fiscal_printer(self.folder))
            wanted["posnet"] = [posnet(self.printer)]
            flow["rules"] = {"sale": "always-pa"}
        if "ship" in self.preset:
            self.inpost = self._devices.enter_context(inpost_office())
            wanted["shipx"] = [shipx(self.inpost)]
            flow["words"] = {"track_s": "0.2"}
        if "mail" in self.preset or "ship" in self.preset:
            self.post, account = self._devices.enter_context(post_office())
            wanted["smtp"] = [account]
        if self.database:
            wanted |= {"database": self.database, "ledger": self.database}
        self.house = House(self.folder, self.shop, **wanted)
        if self.preset == "kits":
            box = {"sku": "ZESTAW", "name": "Zestaw", "vat": "23", "recipe": {"KUBEK-1": 2}}
            self.house.ledger.setup.put_items("main", [box])
        if self.preset in PARTS:
            self.bring_nearly_enough()
        if two:
            stock_up(self.house.pomost, company="hurt", level="HURT")
        self.config = config_for(self.folder, self.shop.url, **wanted)
        (self.folder / "config.json").write_text(self.config.model_dump_json())

    def bring_nearly_enough(self) -> None:
        """In other warehouses of a flow that gathers there is the rest, half in each."""
        if self.preset == "gather-ro-fs-wz":
            self._bring("SKLEP", 5)
            self._bring("ZAPAS", 5)

    def _bring(self, warehouse: str, quantity: int) -> None:
        goods = {"KUBEK-1": (Decimal(quantity), Decimal("5.00"))}
        self.house.ledger.issue(receive_draft("main", warehouse, f"opening-{warehouse}", TODAY, goods))

    def _supply(self) -> None:
        """What is short is ordered, and once the order says until when it waits, it comes."""
        for order in self.shop.orders():
            if order["status"] == "Braki" and self._passed("stock"):
                line = DraftLine("KUBEK-1", "Kubek", Decimal(10), Decimal("5.00"), VatRate.of("23"))
                self.house.ledger.issue(
                    Draft("ZD", "main", "opening-zd", TODAY, due_on=TODAY, basis="net", lines=(line,))
                )
            if order["status"] == "Oczekuje na dostawę" and self._passed("stock#2"):
                (supplier,) = self.house.ledger.documents(kind="ZD")
                self.house.ledger.issue(Draft("PZ", "main", "opening-pz", TODAY, sources=(supplier.id,)))

    def close(self) -> None:
        """Ends every process of the trial that is left."""
        for child in self._children:
            if child.poll() is None:
                child.kill()
                child.wait(20)
        self.house.pomost.close()
        self._devices.close()

    # --- one order, one process at a time ------------------------------------------------------------------------

    def run(self, points: list[str]) -> None:
        """Kills at each of the points in its turn, then lets it finish."""
        self.points = points
        self._begin()
        for point in [*points, ""]:
            self.arm("SIGKILL", point)
            child = self.start()
            self.until(lambda child=child: child.poll() is not None or self._finished())  # type: ignore[misc]
            if self.end(child) == -signal.SIGKILL:
                self.kills.append(point)

    def _begin(self) -> None:
        if self.preset in RETURNS:
            self.sold_and_returned()
            return
        if self.preset in PARTS:
            self.shop.place(lines=[{"sku": "KUBEK-1", "quantity": 10_010}], paid=True)
            return
        if self.preset in ORDERS:
            self.shop.place(**ORDERS[self.preset])
            return
        if not self.preset.startswith("b2b"):
            self._place_one()
            return
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
        self.house.ledger.issue(draft)

    def _place_one(self) -> int:
        if self.preset == "paid-fs-wz-ship":
            return self.shop.place(**_PAID_AT_HOME)[0]
        return self.shop.place(paid=True, **({"lines": [GIFT_BOX]} if self.preset == "kits" else {}))[0]

    def sold_and_returned(self) -> tuple[int, int]:
        """Two mugs were sold and sent; one came back and is there. Gives the order and the return."""
        return self.sell(self.house, RETURNS[self.preset])

    def _finished(self) -> bool:
        lines = self.house.pomost.store.queries.all()
        if self.cancels and any(line.waits.get("code") != "flow.undone" for line in lines):
            return False
        return bool(lines) and all(line.state == "done" for line in lines)

    # --- two processes alive -------------------------------------------------------------------------------------

    def run_in_pairs(self, points: list[str]) -> list[int]:
        """Kills one of two at each of the points, each time with an order of its own; gives the orders."""
        orders = []
        pair = [self.start(), self.start()]
        for point in points:
            self.until(lambda pair=pair: all(map(self._ready, pair)))  # type: ignore[misc]
            self.arm("SIGKILL", point)
            order = self._place_one()
            orders.append(order)
            self.until(lambda pair=pair: any(child.poll() is not None for child in pair))  # type: ignore[misc]
            self.kills += [point for child in pair if child.poll() == -signal.SIGKILL]
            survivors = [child for child in pair if child.poll() is None]
            self.until(lambda order=order: self.house.state(order) == "done")  # type: ignore[misc]
            assert [child.poll() for child in survivors] == [None], "the other one lives and did it alone"
            if not point.endswith(":stored"):
                self.take_overs.append(self._finished_at(order, point) - self._struck_at(point))
            pair = [*survivors, self.start()]
        self.until(lambda: all(map(self._ready, pair)))
        assert [self.end(child) for child in pair] == [0, 0]
        return orders

    def freeze_beyond_lease(self, point: str) -> tuple[int, int]:
        """One process is frozen at ``point``, another finishes the order, the first wakes and does one more; gives both."""
        self.arm("SIGSTOP", point)
        frozen = self.start()
        order = self._place_one()
        self.until(lambda: self.struck(point))
        other = self.start()
        self.until(lambda: self.house.state(order) == "done")
        assert self.end(other) == 0
        frozen.send_signal(signal.SIGCONT)
        later = self._place_one()
        self.until(lambda: self.house.state(later) == "done")
        assert self.end(frozen) == 0
        return order, later

    def _struck_at(self, point: str) -> float:
        return (self.folder / f"struck-{point}").stat().st_ctime

    def _finished_at(self, order: int, point: str) -> float:
        step = point.split(":")[0]
        history = self.house.pomost.store.steps.history(self.house.line(order).id)
        return next(event.at for event in history if event.what == "done" and event.step == step)

    # --- processes -----------------------------------------------------------------------------------------------

    def arm(self, stroke: str, point: str) -> None:
        """The next process that comes to ``point`` gets the signal named ``stroke``."""
        (self.folder / "arming").write_text(f"{stroke} {point}")
        (self.folder / "arming").rename(self.folder / "armed")

    def struck(self, point: str) -> bool:
        return (self.folder / f"struck-{point}").exists()

    def start(self) -> Child:
        child = start_child(self.folder, *(["guards-off"] if self.guards_off else []), *self.modes)
        self._children.append(child)
        return child

    def _ready(self, child: Child) -> bool:
        return (self.folder / f"ready-{child.pid}").exists()

    def end(self, child: Child) -> int:
        """See ``end_child``."""
        return end_child(child, 40)

    def until(self, true: Callable[[], bool], seconds: float = 30.0) -> None:
        """The shop's staff work on meanwhile."""
        end = time.monotonic() + seconds
        while not true():
            self._staff()
            if time.monotonic() > end:
                raise AssertionError(
                    f"not so after {seconds} s, killed at {self.kills}: {self.house.waits()}; "
                    f"in the channel: {[order['status'] for order in self.shop.orders()]}; "
                    f"{self.house.pomost.store.looks.all()}"
                )
            time.sleep(0.02)

    def settle_mails(self) -> None:
        """A mail in doubt is looked for in the buyer's inbox, and what is found there is said, as `pomost resolve` does."""
        store = self.house.pomost.store
        for line in store.queries.in_state(("doubt",)):
            arrived = bool(self.post.taken)
            for name, record in store.steps.of_case(line.id).items():
                if record.state == "doubt":
                    store.steps.decide(line.id, name, "done" if arrived else "failed", "staff", time.time())
            store.cases.wake([line.id], time.time(), reset=True)

    def _staff(self) -> None:
        """Staff wait until the kills of the step before are over: quicker ones would let later steps run unkilled."""
        if "mail" in self.preset or "ship" in self.preset:
            self.settle_mails()
        if "ship" in self.preset:
            if self._passed("sale-back"):
                for parcel in self.inpost.bought:
                    if parcel["status"] == "confirmed":
                        self.inpost.move(parcel["id"], "adopted_at_source_branch")
            return
        if self.cancels:
            for order in self.shop.orders():
                if self.house.state(order["order_id"]) == "done" and order["status"] == "Spakowane":
                    self.shop.cancel(order["order_id"])
            self.shop.move_all("Nowe zamówienia", "Spakowane")
            return
        if self.preset == "shortage":
            self._supply()
        if "fzal:intended" in self.points and self._passed("ro-back") and self._passed("fpf-back"):
            for order in self.shop.orders():
                if not order["payment_done"]:
                    self.shop.pay(order["order_id"], "30.00")
                elif order["payment_done"] < 50 and "fzal-back:stored" in self.kills:
                    self.shop.pay(order["order_id"], "50.00")
        last = f"stock#{PARTS.get(self.preset, {}).get('stock', 1)}".removesuffix("#1")
        if all(
            self._passed(step)
            for step in ("ro-back", "zs-back", "fpf-back", "fzal-back", "fzal-back#2", "mm-back", last)
        ):
            for before, after in STAFF:
                self.shop.move_all(before, after)
        if self.preset == "b2b-ro-wz-fs" and self._passed("wz-back"):
            for order in self.shop.orders():
                if "51003" in str(self.shop.order(order["order_id"])["custom_extra_fields"]):
                    self.shop.move_all("Spakowane", "Wysłane")

    def _passed(self, step: str) -> bool:
        last = f"{step}:stored"
        return last not in self.points or last in self.kills

    # --- the truth at the destinations ---------------------------------------------------------------------------

    def documents(self, order: int | None = None) -> Counter[str]:
        """How many of each kind are in the ledger; an FS or a PA counts as SALE, another company's stand with its name."""
        found = self.house.ledger.documents() if order is None else self.house.documents(order)
        if order is not None:
            # a purchase invoice has the supplier's number in the place of the order's
            found = found + [
                one
                for one in self.house.ledger.documents(kind="FZ")
                if one.attributes["ORDER_ID"] == str(order)
            ]
        return Counter(
            ("SALE" if one.kind in ("FS", "PA") else one.kind)
            + (f" {one.company}" if one.company != "main" else "")
            for one in found
            if not one.key.startswith("opening")
        )

    def channel_order(self) -> int:
        orders = self.shop.orders()
        assert len(orders) == 1, f"{len(orders)} orders in the channel"
        return int(orders[0]["order_id"])

    def field_writes(self, order: int) -> Counter[str]:
        """How many times each field was written."""
        found: Counter[str] = Counter()
        for write in self.shop.writes(order):
            if write.method == "setOrderFields":
                found.update(write.changed["custom_extra_fields"].keys())
        return found

    def status_writes(self, order: int) -> Counter[str]:
        """How many times the order was moved to each status by a call, not by staff."""
        names = {number: name for number, name, *_ in STATUSES}
        return Counter(
            names[int(write.changed["order_status_id"])]
            for write in self.shop.writes(order)
            if "order_status_id" in write.changed
        )

    def asked_a_person(self) -> list[str]:
        """Every moment at which somebody would have had to act."""
        store = self.house.pomost.store
        return [
            f"{line.number}: {event.what} {event.data.get('code', '')}"
            for line in store.queries.all()
            for event in store.steps.history(line.id)
            if event.what in PERSON_NEEDED
        ]


def sold_and_returned(
    house: House, status: str, lines: Callable[[str], tuple[DraftLine, ...]] | None = None, *paid: str
) -> tuple[int, int]:
    """Two mugs were sold and sent by hand; one came back, and its return is in ``status``. Gives the order and the return.

    ``lines``: what was invoiced instead, for the line of the order; ``paid``: an advance invoice over each, and a final one
    where they do not cover the 52.00.
    """
    shop = house.shop
    order = shop.place(lines=[{"sku": "KUBEK-1", "quantity": 2}], status="Do wyjaśnienia", paid=True)[0]
    line = shop.order(order)["products"][0]["order_product_id"]
    mugs = (
        DraftLine("KUBEK-1", "Kubek", Decimal(2), Decimal("26.00"), VatRate.of("23"), order_line=str(line)),
    )
    sold = Draft(
        kind="FS",
        company="main",
        key=f"sold-{order}",
        issued_on=TODAY,
        buyer=Party(company="Przykład sp. z o.o.", tax_id="1234563218"),
        lines=lines(str(line)) if lines else mugs,
        foreign_number=str(order),
    )
    advances = [
        house.ledger.issue(
            replace(
                sold,
                kind="FZAL",
                key=f"paid-{order}-{count}",
                lines=(DraftLine("", "Zaliczka", Decimal(1), Decimal(each), VatRate.of("23"), service=True),),
                ordered=mugs,
                paid=Decimal(each),
            )
        )
        for count, each in enumerate(paid)
    ]
    if sum(one.gross for one in advances) < 52:
        sale = house.ledger.issue(replace(sold, settles=tuple(one.id for one in advances)))
        house.ledger.issue(Draft("WZ", "main", f"sent-{order}", TODAY, sources=(sale.id,)))
    else:
        house.ledger.issue(replace(sold, kind="WZ", key=f"sent-{order}"))
    found = shop.return_goods(order, {line: 1})
    shop.move_return(found, status)
    return order, found
