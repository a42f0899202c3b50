"""A random life of a shop: what every kind of life has in common.

A life is drawn from its seed: buyers order and pay, staff edit, pack and cancel, goods come in. The real program works on
the orders meanwhile, against the real ledger and the sandbox. In the end everything is counted where it arrived: the
documents of the ledger, the writes of the sandbox, the memory of the printer, the inbox; never our own tables.

In a hard life the program is a process of its own, or two, which are killed (SIGKILL) at points drawn from the seed, and
the other side misbehaves.
"""

from __future__ import annotations

import os
import random
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any, ClassVar

import pytest

from pomost.ledger import receive_draft
from pomost.sandbox.baselinker import Sandbox, Settings
from pomost.sandbox.baselinker.catalogue import as_dicts
from pomost.trade.documents import Document
from tests.faults.harness import Trial, points_of
from tests.house import TODAY, House, config_for

D = Decimal
RESTING = {"done", "waiting", "person", "doubt", "stopped"}
TROUBLES = (
    "http-502",
    "html-200",
    "empty-body",
    "cut-before",
    "cut-after",
    "timeout-but-done",
    "error-but-done",
    "error-not-done",
    "truncated-json",
    "journal-duplicates",
    "journal-out-of-order",
    "strings-for-numbers",
)
NEW, IN_PROGRESS, PACKED, SENT, CANCELLED = (
    "Nowe zamówienia",
    "W realizacji",
    "Spakowane",
    "Wysłane",
    "Anulowane",
)
SALES = ("FS", "PA")


def seeds(first: int, count: int) -> Any:
    """Marks a test to be run for each of these seeds; or for those in POMOST_SEEDS: "17", or "100-199"."""
    asked = os.environ.get("POMOST_SEEDS", "")
    start, _, last = asked.partition("-")
    found = range(int(start), int(last or start) + 1) if asked else range(first, first + count)
    return pytest.mark.parametrize("seed", list(found))


class Hands(Trial):
    """Processes that do the work of a house, and may be killed."""

    def __init__(self, life: Life, settings: dict[str, Any], processes: int) -> None:
        self.folder, self.house = life.folder, life.house
        self.guards_off = False
        self._children = []
        self._devices = ExitStack()
        self._wanted = processes
        self.killed = 0
        config = config_for(life.folder, life.shop.url, **settings)
        (self.folder / "config.json").write_text(config.model_dump_json())
        self.keep_alive()

    def keep_alive(self) -> None:
        """A process that was killed is started again."""
        dead = [child for child in self._children if child.poll() is not None]
        for child in dead:
            assert child.returncode == -signal.SIGKILL, f"a process ended by itself: {child.returncode}"
            self._children.remove(child)
            self.killed += 1
        while len(self._children) < self._wanted:
            self.start()

    def is_armed(self) -> bool:
        return (self.folder / "armed").exists()

    def are_ready(self) -> bool:
        return all(self._ready(child) for child in self._children)


class Life:
    """A shop, and everything that was done in it. ``acts``: what may be done -> how often, compared with the others."""

    acts: ClassVar[dict[str, int]] = {}
    preset: str = ""
    length: ClassVar[tuple[int, int]] = (8, 14)
    engine: ClassVar[dict[str, Any]] = {}

    def __init__(self, folder: Path, shop: Sandbox, seed: int, *, hard: bool = False) -> None:
        self.folder, self.shop, self.seed = folder, shop, seed
        self.chance = random.Random(f"{type(self).__name__}/{seed}")
        self.told: list[str] = []
        self.orders: list[int] = []
        self.returns: list[tuple[int, int]] = []
        self.brought = Counter[tuple[str, str, str]]()
        """(company, warehouse, SKU) -> how many came in from outside."""
        self.hands: Hands | None = None
        self.stack = ExitStack()
        self.choose()
        wanted = {"baselinker": {"returns_s": 0.1}, **self.wanted()}
        wanted["engine"] = {
            "attempts": 60,
            **({"lease_s": 0.5, "workers": 2} if hard else {}),
            **wanted.get("engine", {}),
        }
        self.house = House(folder, shop, stocked=False, **wanted)
        self.opening()
        if hard:
            self.hands = Hands(self, wanted, 1 + seed % 2)
        else:
            self.house.run_until(lambda: True)

    # --- what a kind of life says -------------------------------------------------------------------------------------

    def choose(self) -> None:
        """Draws what the whole life has in common."""

    def wanted(self) -> dict[str, Any]:
        """Settings of the house."""
        return {"flow": {"preset": self.preset}}

    def opening(self) -> None:
        self.house.ledger.setup.add_items("main", as_dicts())

    def end(self) -> None:
        """What is done last, before everything is counted."""

    def check(self) -> None:
        """What must hold in the end."""
        raise NotImplementedError

    def check_at_rest(self) -> None:
        """What must hold whenever nothing moves."""

    def points(self) -> list[str]:
        return points_of(self.preset)

    def while_waiting(self) -> None:
        """What people do all the time."""

    # --- living -------------------------------------------------------------------------------------------------------

    def live(self) -> None:
        acts = {**self.acts, **({"trouble": 4} if self.hands else {})}
        left, tries = self.chance.randint(*self.length), 100
        name = "order"
        while left and tries:
            # each act draws from a chance of its own: how far the program has come does not change what comes later
            chance = random.Random(self.chance.random())
            done = getattr(self, name)(chance)
            if done is not None:
                self.told.append(f"{name} {done}".strip())
                left -= 1
            if self.hands:
                self.until(self.hands.are_ready, "the processes are up")
                self.pause(chance)
                if not self.hands.is_armed() or chance.random() < 0.3:
                    self.told.append(f"kill {self.kill(chance)}")
            tries -= 1
            name = self.chance.choices(list(acts), list(acts.values()))[0]
        self.calm()
        self.end()
        self.rest()
        self.check_at_rest()
        self.check()

    def calm(self) -> None:
        """The other side behaves from now on; what is armed may still strike, once."""
        if self.hands:
            self.shop.behave()

    def kill(self, chance: random.Random) -> str:
        assert self.hands is not None
        points = self.points()
        # most can go wrong where something was made and that is not written down yet
        made = [point for point in points if point.endswith(":made")]
        point = chance.choice(made if chance.random() < 0.6 else points)
        self.hands.arm("SIGKILL", point)
        return f"at {point}"

    def trouble(self, chance: random.Random) -> str:
        fault = chance.choice(TROUBLES)
        self.shop.misbehave(fault, times=chance.randint(1, 2), seconds=0.2)
        return fault

    def pause(self, chance: random.Random) -> str:
        seconds = round(chance.uniform(0.05, 0.8), 2)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._tick()
        return f"{seconds} s"

    def settle(self, _chance: random.Random) -> str:
        self.rest()
        self.check_at_rest()
        return ""

    def rest(self, quiet_s: float = 0.7, most_s: float = 90.0) -> None:
        """Until nothing moves any more."""
        last, since = self._picture(), time.monotonic()
        end = since + most_s
        quiet_s = quiet_s + 1.0 if self.hands else quiet_s
        while time.monotonic() - since < quiet_s:
            assert time.monotonic() < end, f"it never comes to rest: {last}"
            self._tick()
            now = self._picture()
            if now != last or not self._at_rest():
                last, since = now, time.monotonic()

    def until(self, true: Callable[[], bool], what: str, seconds: float = 60.0) -> None:
        end = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < end, f"not so after {seconds} s: {what}; {self._picture()}"
            self._tick()

    def _tick(self) -> None:
        time.sleep(0.05)
        if self.hands:
            self.hands.keep_alive()
        self.while_waiting()

    def wake(self) -> None:
        """Whatever waits is looked at again, as ``pomost wake`` does."""
        store = self.house.pomost.store
        store.cases.wake([line.id for line in store.queries.all()], time.time(), reset=True)

    def _picture(self) -> Any:
        lines = self.house.pomost.store.queries.all()
        return (
            [(line.number, line.state, str(line.waits)) for line in lines],
            [(order["order_id"], order["status"]) for order in self.shop.orders()],
            len(self.house.ledger.documents()),
        )

    def _at_rest(self) -> bool:
        lines = self.house.pomost.store.queries.all()
        return len(lines) >= len(self.orders) + len(self.returns) and all(
            line.state in RESTING for line in lines
        )

    def close(self) -> None:
        if self.hands:
            for child in self.hands._children:
                child.kill()
                child.wait(20)
        self.house.stop()
        self.stack.close()

    # --- what people do -----------------------------------------------------------------------------------------------

    def place(self, **wanted: Any) -> str:
        (order,) = self.shop.place(**wanted)
        self.orders.append(order)
        return f"{order}: {wanted}"

    def some(self, chance: random.Random, *statuses: str) -> int | None:
        """An order, in one of these statuses where some are named."""
        fitting = [one for one in self.orders if not statuses or self.status(one) in statuses]
        return chance.choice(fitting) if fitting else None

    def status(self, order: int) -> str:
        return str(self.shop.order(order)["status"])

    def bring(
        self,
        sku: str,
        quantity: int | str,
        cost: str = "5.00",
        *,
        company: str = "main",
        warehouse: str = "MAG",
    ) -> str:
        key = f"in-{sum(self.brought.values())}-{len(self.brought)}-{len(self.told)}-{sku}-{warehouse}"
        draft = receive_draft(company, warehouse, key, TODAY, {sku: (D(quantity), D(cost))})
        self.house.ledger.issue(draft)
        self.brought[company, warehouse, sku] += D(quantity)  # type: ignore[assignment]
        return f"{quantity} {sku} at {cost} to {company}/{warehouse}"

    def edit(self, chance: random.Random) -> str | None:
        order = self.some(chance)
        if order is None:
            return None
        self.shop.edit(order, admin_comments=f"uwaga {chance.randint(1, 999)}")
        return str(order)

    def more(self, chance: random.Random) -> str | None:
        """The buyer wants one more of the first line."""
        order = self.some(chance, NEW, IN_PROGRESS)
        if order is None:
            return None
        line = self.shop.order(order)["products"][0]
        self.shop.edit_line(order, line["order_product_id"], quantity=line["quantity"] + 1)
        return f"of {order}: {line['quantity'] + 1}"

    def pack(self, chance: random.Random) -> str | None:
        order = self.some(chance, IN_PROGRESS)
        if order is None:
            return None
        self.shop.move(order, PACKED)
        return str(order)

    def cancel(self, chance: random.Random) -> str | None:
        order = self.some(chance, NEW, IN_PROGRESS, PACKED, "Braki", "Oczekuje na dostawę")
        if order is None:
            return None
        self.shop.cancel(order)
        return str(order)

    def pack_all(self) -> None:
        for order in self.orders:
            if self.status(order) == IN_PROGRESS:
                self.shop.move(order, PACKED)

    # --- the truth at the destinations --------------------------------------------------------------------------------

    def made(self, order: int, *kinds: str) -> list[Document]:
        """Documents of the order that are in force, in any company."""
        return [one for one in self.house.documents(order) if one.kind in kinds and one.state != "cancelled"]

    def at_most_one(self, order: int, *kinds: str) -> None:
        """Of each kind one document and no more was ever made, also where it was cancelled; FS or PA is one SALE."""
        found = Counter(
            ("SALE" if one.kind in SALES else one.kind, one.company) for one in self.house.documents(order)
        )
        twice = {key: n for key, n in found.items() if key[0] in kinds and n > 1}
        assert not twice, (order, twice)

    def paid(self, order: int) -> Decimal:
        return D(str(self.shop.order(order)["payment_done"]))

    def worth(self, order: int) -> Counter[str]:
        """VAT rate -> gross of the order, as the shop has it; only of orders whose delivery costs nothing or is at 23 %."""
        raw = self.shop.order(order)
        rows = Counter[str]()
        for line in raw["products"]:
            value = D(str(line["price_brutto"])) * line["quantity"]
            rows[str(int(line["tax_rate"]))] += value  # type: ignore[assignment]
        if D(str(raw["delivery_price"])):
            rows["23"] += D(str(raw["delivery_price"]))  # type: ignore[assignment]
        return rows

    def names_what_it_waits_for(self, order: int) -> None:
        if self.house.state(order) != "done":
            waits = self.house.waits(order)
            assert waits.get("code"), (order, self.house.state(order), waits)
            assert waits.get("text"), (order, waits)

    def stock_agrees(self, company: str, skus: Iterable[str]) -> None:
        """What lies in each warehouse is what came in less what the documents say went out; nowhere below zero."""
        held = Counter(self.brought)
        for one in self.house.ledger.documents(company):
            if one.state != "approved" or one.key.startswith("in-"):
                continue
            sign = {"WZ": -1, "WZK": -1, "RW": -1, "RWS": -1, "MM": -1, "PZ": 1, "PWP": 1}.get(one.kind, 0)
            for line in one.lines:
                if line.service or not sign:
                    continue
                held[company, one.warehouse, line.sku] += sign * line.quantity  # type: ignore[assignment]
                if one.kind == "MM":
                    held[company, one.target, line.sku] += line.quantity  # type: ignore[assignment]
        for sku in skus:
            for warehouse, level in self.house.ledger.stock(company, sku).items():
                assert level.quantity == held[company, warehouse, sku], (sku, warehouse, level, held)
                assert level.quantity >= 0, (sku, warehouse, level)
                assert level.reserved >= 0, (sku, warehouse, level)
                assert (level.value == 0) == (level.quantity == 0), (sku, warehouse, level)

    def reserved_agrees(
        self, company: str, skus: Iterable[str], closed_by: tuple[str, ...] = ("WZ",)
    ) -> None:
        """Reserved is what the reservations in force still wait for, and nothing else: to be issued, invoiced or not, or where
        another company issues the goods, to be sold."""
        waiting = Counter[tuple[str, str]]()
        for one in self.house.ledger.documents(company):
            sign = {"RO": 1, **dict.fromkeys(closed_by, -1)}.get(one.kind, 0)
            order = one.attributes.get("ORDER_ID") or one.foreign_number
            for line in one.lines if sign and one.state == "approved" else ():
                waiting[order, line.sku] += sign * line.quantity  # type: ignore[assignment]
        for sku in skus:
            wanted = sum(max(n, 0) for (_, one), n in waiting.items() if one == sku)
            reserved = sum(level.reserved for level in self.house.ledger.stock(company, sku).values())
            assert reserved == wanted, (company, sku, reserved, wanted)


def tax_in(gross: Decimal, rate: str) -> Decimal:
    """VAT that is in an amount, counted from gross to the grosz (VAT Act, art. 106e sec. 7)."""
    percent = D(rate)
    return (gross * percent / (100 + percent)).quantize(D("0.01"), ROUND_HALF_UP)


def rows_of(documents: Iterable[Document]) -> dict[str, tuple[Decimal, Decimal, Decimal]]:
    """VAT rate -> net, tax and gross of these documents together; without rates that come to nothing."""
    found: dict[str, tuple[Decimal, Decimal, Decimal]] = {}
    for one in documents:
        for row in one.vat_rows:
            net, tax, gross = found.get(row.vat.code, (D(0), D(0), D(0)))
            found[row.vat.code] = (net + row.net, tax + row.tax, gross + row.gross)
    return {rate: sums for rate, sums in found.items() if any(sums)}


def owed_for(worth: Counter[str]) -> dict[str, tuple[Decimal, Decimal, Decimal]]:
    """VAT rate -> net, tax and gross of a sale that is worth this gross."""
    rows = {rate: (D(gross), tax_in(D(gross), rate)) for rate, gross in worth.items() if gross}
    return {rate: (gross - tax, tax, gross) for rate, (gross, tax) in rows.items()}


def live(
    kind: type[Life],
    seed: int,
    request: pytest.FixtureRequest,
    *,
    hard: bool = False,
) -> Life:
    """Lives one life; a failure says which it was and how it is lived again."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Sandbox(settings=Settings(limit=0), seed=0) as shop,
    ):
        life = kind(Path(folder), shop, seed, hard=hard)
        try:
            life.live()
            if life.hands:
                request.node.add_report_section("call", "lives", f"killed {life.hands.killed} times")
        except Exception as error:
            test = request.node.originalname
            story = "\n  ".join(life.told)
            raise AssertionError(
                f"{error}\n\nThe life of seed {seed}:\n  {story}\n\n"
                f"Once more: POMOST_SEEDS={seed} python3 run.py prove -k {test}"
            ) from error
        finally:
            life.close()
        return life
