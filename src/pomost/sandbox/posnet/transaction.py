"""One open receipt: lines, discounts, packages, payments; and the printer's checks of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from pomost.sandbox.posnet.arithmetic import INACTIVE, SLOTS, line_value, percent_of, spread, tax_in
from pomost.sandbox.posnet.frames import BadFrame

LINES_MAX = 500
AMOUNT_MAX = 9_999_999_999
PAYMENT_KINDS = {0, 2, 3, 4, 5, 6, 7, 8}

_TRUE, _FALSE = "1tTYy", "0nN"


class Refused(Exception):
    """The command is answered with the error ``number``."""

    def __init__(self, number: int) -> None:
        super().__init__(f"error {number}")
        self.number = number


class Fields:
    """The fields of a command, read by their types; what can't be read is a bad frame."""

    def __init__(self, command: str, fields: Mapping[str, str], known: str) -> None:
        self._command = command
        self._fields = fields
        for name in fields:
            if name not in known.split():
                raise BadFrame(6, command, name)

    def has(self, name: str) -> bool:
        return name in self._fields

    def text(self, name: str, longest: int, *, must: bool = False) -> str:
        if must and not self.has(name):
            raise BadFrame(2, self._command, name)
        value = self._fields.get(name, "")
        if len(value) > longest:
            raise BadFrame(10, self._command, name)
        return value

    def number(self, name: str, usual: Decimal | None = None) -> Decimal:
        if not self.has(name):
            if usual is None:
                raise BadFrame(2, self._command, name)
            return usual
        try:
            value = Decimal(self._fields[name].replace(",", "."))
        except InvalidOperation:
            raise BadFrame(3, self._command, name) from None
        if not value.is_finite():
            raise BadFrame(3, self._command, name)
        return value

    def amount(self, name: str, usual: int | None = None) -> int:
        """Grosze without a separator."""
        if not self.has(name):
            if usual is None:
                raise BadFrame(2, self._command, name)
            return usual
        value = self._fields[name]
        if not value.isascii() or not value.isdigit() or int(value) > AMOUNT_MAX:
            raise BadFrame(3, self._command, name)
        return int(value)

    def percent(self, name: str) -> int:
        """Hundredths of a percent: "1000" and "10.00" are both 10%."""
        value = self.number(name)
        hundredths = value * 100 if "." in self._fields[name] or "," in self._fields[name] else value
        if hundredths != int(hundredths) or not 0 < hundredths <= 9999:
            raise BadFrame(3, self._command, name)
        return int(hundredths)

    def flag(self, name: str, usual: bool) -> bool:
        value = self._fields.get(name)
        if value is None:
            return usual
        if len(value) != 1 or value not in _TRUE + _FALSE:
            raise BadFrame(3, self._command, name)
        return value in _TRUE


@dataclass
class Transaction:
    """What was sent since trinit."""

    rates: list[Decimal]
    interface: int
    block_mode: bool
    lines: list[dict[str, Any]] = field(default_factory=list)
    slots: list[int] = field(default_factory=lambda: [0] * 7)
    packages_out: int = 0
    packages_back: int = 0
    payments: list[dict[str, Any]] = field(default_factory=list)
    change: int = 0
    nip: str = ""
    bill_discounted: bool = False
    footer: list[str] = field(default_factory=list)
    in_footer: bool = False
    e_document: int | None = None

    @property
    def total(self) -> int:
        return sum(self.slots)

    @property
    def due(self) -> int:
        return self.total + self.packages_out - self.packages_back

    @property
    def paid(self) -> int:
        return sum(one["wa"] for one in self.payments)

    def line(self, fields: Fields) -> None:
        """trline; the rate-step rule is the printer's, not checked here."""
        if self.payments or self.bill_discounted:
            raise Refused(2060)
        if len(self.lines) >= LINES_MAX:
            raise Refused(2052)
        name = fields.text("na", 80, must=True)
        slot = self._slot(fields)
        price = fields.amount("pr")
        if price < 1:
            raise Refused(2006)
        quantity = fields.number("il", Decimal(1))
        if quantity <= 0 or quantity != round(quantity, 8):
            raise Refused(2007)
        value = line_value(price, quantity)
        if fields.amount("wa", value) != value:
            raise Refused(2802)
        if value == 0:
            raise Refused(2009)
        after = value - self._discount(fields, value) if fields.has("rd") else value
        if after <= 0:
            raise Refused(1985)
        kept = {
            "name": name,
            "slot": SLOTS[slot],
            "price": price,
            "quantity": str(quantity),
            "unit": fields.text("jm", 4),
        }
        kept |= {"value": value, "after": after}
        fields.text("op", 50)
        fields.text("rn", 25)
        if fields.flag("st", False):
            self._reverse(kept, slot)
            return
        if self.slots[slot] + after > AMOUNT_MAX:
            raise Refused(1950)
        self.lines.append(kept)
        self.slots[slot] += after

    def _reverse(self, line: dict[str, Any], slot: int) -> None:
        same = [
            one for one in self.lines if all(one[name] == line[name] for name in ("name", "slot", "price"))
        ]
        if not same:
            raise Refused(1990)
        if same[-1]["quantity"] != line["quantity"]:
            raise Refused(2851)
        if same[-1]["after"] != line["after"]:
            raise Refused(2852)
        self.lines.remove(same[-1])
        self.slots[slot] -= line["after"]

    def bill_discount(self, fields: Fields) -> None:
        """trdiscntbill: spread over the slots."""
        if not self.lines or self.payments:
            raise Refused(1991)
        fields.text("na", 25)
        amount = self._discount(fields, self.total)
        if self.total - amount <= 0:
            raise Refused(1985)
        self.slots = spread(self.slots, amount)
        self.bill_discounted = True

    def package(self, fields: Fields) -> None:
        """trpack: outside the fiscal total."""
        fields.text("na", 10)
        value = line_value(fields.amount("pr"), fields.number("il", Decimal(1)))
        if fields.amount("wa", value) != value:
            raise Refused(2803)
        if fields.flag("ne", False):
            self.packages_back += value
        else:
            self.packages_out += value

    def payment(self, fields: Fields) -> None:
        kind = int(fields.number("ty"))
        if kind not in PAYMENT_KINDS:
            raise Refused(2705)
        amount = fields.amount("wa")
        name = fields.text("na", 25)
        if amount == 0:
            raise Refused(1962)
        if fields.flag("re", False):
            if amount > self.paid - self.due:
                raise Refused(1961)
            self.change += amount
            return
        if self.paid >= self.due:
            raise Refused(1953)
        self.payments.append({"ty": kind, "wa": amount, "na": name})

    def set_nip(self, fields: Fields) -> None:
        number = fields.text("ni", 30, must=True)
        fields.flag("dw", False)
        fields.text("ds", 40)
        if number.strip() and not (len(number) == 10 and number.isdigit()):
            raise Refused(2096)
        self.nip = number.strip()

    def check_end(self, fields: Fields) -> None:
        """trend: everything that is stated must agree; change that was not sent is computed."""
        if not self.lines:
            raise Refused(1992)
        if self.total == 0:
            raise Refused(2041)
        for name, stated, number in (
            ("to", self.total, 2805),
            ("op", self.packages_out, 2806),
            ("om", self.packages_back, 2807),
            ("fp", self.paid, 2808),
        ):
            if fields.amount(name, stated) != stated:
                raise Refused(number)
        if self.payments and self.paid < self.due:
            raise Refused(2054)
        change = max(self.paid - self.due, 0)
        if self.change not in (0, change):
            raise Refused(2054)
        if fields.amount("re", change) != change:
            raise Refused(2809)
        self.change = change
        if not self.payments:
            self.payments.append({"ty": 0, "wa": self.due, "na": ""})

    def footer_line(self, fields: Fields) -> None:
        if not 0 <= fields.number("id") <= 60:
            raise Refused(2702)
        self.footer.append(fields.text("na", 56, must=True))
        fields.flag("sw", False)
        fields.flag("sh", False)

    def content(self) -> dict[str, Any]:
        """As the fiscal memory keeps it."""
        used = [n for n in range(7) if self.slots[n]]
        return {
            "lines": self.lines,
            "slots": {SLOTS[n]: self.slots[n] for n in used},
            "taxes": {SLOTS[n]: tax_in(self.slots[n], self.rates[n]) for n in used},
            "total": self.total,
            "payments": self.payments,
            "change": self.change,
            "nip": self.nip,
            "footer": self.footer,
            "e_document": self.e_document,
            "interface": self.interface,
        }

    def _slot(self, fields: Fields) -> int:
        slot = fields.number("vt")
        if slot not in range(7) or self.rates[int(slot)] == INACTIVE:
            raise Refused(2000)
        return int(slot)

    def _discount(self, fields: Fields, value: int) -> int:
        """What is taken off; below zero for a surcharge."""
        if fields.has("rp"):
            amount = percent_of(value, fields.percent("rp"))
            if fields.amount("rw", amount) != amount:
                raise Refused(2801)
        elif fields.has("rw"):
            amount = fields.amount("rw")
        else:
            raise Refused(2600)
        if amount == 0:
            raise Refused(1984)
        return amount if fields.flag("rd", True) else -amount
