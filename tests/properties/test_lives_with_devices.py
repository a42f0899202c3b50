"""Random lives of orders whose receipts are printed and whose documents are mailed, with a printer and a post office that
fail now and then: one receipt in the fiscal memory and one mail in the inbox for each order, never two, none lost."""

from __future__ import annotations

import random
import time
from collections import Counter
from typing import Any

import pytest

from pomost.cli.decisions import resolve_step
from tests.edges import fiscal_printer, posnet, post_office
from tests.faults.harness import points_of
from tests.properties.life import CANCELLED, SENT, Life, live, owed_for, rows_of, seeds

SKUS = ("KUBEK-1", "SYROP-MAL", "KOLKI-08", "MIOD-LIP")
PRINTER_TROUBLES = [
    ("answer-lost", "trend"),
    ("answer-withheld", "trend"),
    ("command-lost", "trend"),
    ("command-lost", "trline"),
    ("answer-lost", "trline"),
    ("busy", "trinit"),
]


class Devices(Life):
    """Each buyer has an address of his own, so that the inbox tells whose mail it is."""

    preset = "ro-pa-fiscal-wz"
    acts = {
        "order": 7, "pack": 5, "edit": 1, "more": 1, "no_paper": 1, "printer_trouble": 2, "post_is_busy": 2,
        "settle": 2, "pause": 3,
    }  # fmt: skip

    def wanted(self) -> dict[str, Any]:
        self.printer = self.stack.enter_context(fiscal_printer(self.folder))
        self.post, account = self.stack.enter_context(post_office())
        mail = {"id": "mail", "mail": {"pdf": ["sale", "wz"], "account": "smtp"}}
        return {
            "flow": {"preset": self.preset, "step": [mail]},
            "posnet": [posnet(self.printer)],
            "smtp": [account],
        }

    def opening(self) -> None:
        super().opening()
        for sku in SKUS:
            self.bring(sku, 500)

    def points(self) -> list[str]:
        return [*points_of(self.preset), "mail:intended", "mail:made", "mail:stored"]

    # --- what people do -----------------------------------------------------------------------------------------------

    def order(self, chance: random.Random) -> str:
        skus = chance.sample(SKUS, chance.randint(1, 3))
        nip = chance.choice(["", "", "123-456-32-18"])
        lines = [{"sku": sku, "quantity": chance.randint(1, 5)} for sku in skus]
        email = f"klient{len(self.orders) + 1}@example.com"
        return self.place(lines=lines, nip=nip, paid=True, delivery_price="0", email=email)

    def no_paper(self, _chance: random.Random) -> str:
        self.printer.take_paper()
        return ""

    def printer_trouble(self, chance: random.Random) -> str:
        fault, command = chance.choice(PRINTER_TROUBLES)
        self.printer.faults.add(fault, command)
        return f"{fault} at {command}"

    def post_is_busy(self, chance: random.Random) -> str:
        command = chance.choice(["MAIL", "RCPT", "DATA"])
        self.post.say[command] = "451 try again later"
        return f"at {command}"

    def calm(self) -> None:
        super().calm()
        self.printer.faults.clear()
        self.post.say.clear()
        self.printer.put_paper_in()
        self.wake()

    def end(self) -> None:
        def sent() -> bool:
            self.pack_all()
            self._look_at_doubts()
            return all(self.status(order) in (SENT, CANCELLED) for order in self.orders)

        self.until(sent, "every order is sent once printer and post work", 90.0)

    def _look_at_doubts(self) -> None:
        """A mail in doubt is looked for in the inbox, and what is found there is said."""
        for line in self.house.pomost.store.queries.in_state(("doubt",)):
            assert self.hands, ("nothing is in doubt where nobody was killed", line)
            assert line.waits.get("step") == "mail", line
            arrived = self.mails()[self._address(int(line.number))] > 0
            resolve_step(self.house.pomost, line, "mail", arrived, "", "ola")
        for line in self.house.pomost.store.queries.in_state(("person",)):
            # the paper was put in again
            assert line.waits.get("code") in ("posnet.no-paper", "posnet.cannot-ask"), line
            self.house.pomost.store.cases.wake([line.id], time.time(), reset=True)

    # --- the truth at the destinations --------------------------------------------------------------------------------

    def _address(self, order: int) -> str:
        return str(self.shop.order(order)["email"])

    def mails(self) -> Counter[str]:
        return Counter(address for mail in list(self.post.taken) for address in mail.recipients)

    def check_at_rest(self) -> None:
        """Whatever is going on: no receipt without its PA, none twice; no mail twice."""
        totals = Counter(one.total for one in self.printer.receipts())
        sales = Counter(int(one.gross * 100) for one in self.house.ledger.documents("main", kind="PA"))
        assert totals <= sales, (totals, sales)
        assert max(self.mails().values(), default=0) <= 1, self.mails()

    def check(self) -> None:
        printed = self.printer.receipts()
        numbered = {f"{one.report + 1}/{one.number}": one for one in printed}
        assert len(numbered) == len(printed)
        told = Counter[str]()
        for order in self.orders:
            self.at_most_one(order, "RO", "SALE", "WZ")
            (sale,) = self.made(order, "FS", "PA")
            assert rows_of([sale]) == owed_for(self.worth(order)), order
            if sale.kind == "PA":
                number = sale.attributes["FISCAL_NUMBER"]
                told[number] += 1
                assert numbered[number].total == sale.gross * 100, (order, number)
                assert self.shop.order(order)["extra_field_1"] == number, order
            else:
                assert "FISCAL_NUMBER" not in sale.attributes, order
        assert told == Counter(list(numbered)), (
            "each receipt in the memory belongs to one PA, and each PA has one"
        )
        assert self.mails() == Counter(self._address(order) for order in self.orders), (
            "one mail for each order"
        )
        self.stock_agrees("main", SKUS)
        self.reserved_agrees("main", SKUS)


@seeds(1, 1)
def test_a_few_lives_with_devices(seed: int, request: pytest.FixtureRequest) -> None:
    live(Devices, seed, request)


@pytest.mark.slow
@seeds(100, 25)
def test_many_lives_with_devices(seed: int, request: pytest.FixtureRequest) -> None:
    live(Devices, seed, request)


@pytest.mark.slow
@seeds(200, 6)
def test_hard_lives_with_devices(seed: int, request: pytest.FixtureRequest) -> None:
    live(Devices, seed, request, hard=True)
