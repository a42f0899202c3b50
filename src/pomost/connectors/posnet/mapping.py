"""A receipt as the printer's commands: names, VAT letters, amounts in grosze, payments. Pure.

What the printer would refuse is refused here first, before anything is printed, with NeedsPerson.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

from pomost.connectors.posnet.client import CODE_PAGE
from pomost.connectors.posnet.errors import EMPTY, NIP, RATE_STEP, failure_of
from pomost.ports import NeedsPerson, ReceiptLine, ReceiptToPrint
from pomost.trade.nip import clean_tax_id
from pomost.trade.vat import VatRate

LINES_MAX = 500
NAME_MAX = 80
UNIT_MAX = 4
FOOTER_MAX = 40
PRICE_MAX = 499_999_999_999
AMOUNT_MAX = 9_999_999_999
QUANTITY_MAX = 9_999_999_999
SLOTS = "ABCDEFG"

_EXEMPT, _UNUSED = Decimal(100), Decimal(101)
_FOOTER_ORDER_NUMBER = "13"

PAYMENT_TYPES: Mapping[str, int] = {
    "cash": 0,
    "card": 2,
    "cheque": 3,
    "bon": 4,
    "credit": 5,
    "other": 6,
    "voucher": 7,
    "transfer": 8,
}
"""Form of payment -> field ``ty`` of trpayment."""

_IN_WORDS = {
    "Ł": "L",
    "ł": "l",
    "ø": "o",
    "Ø": "O",
    "æ": "ae",
    "Æ": "AE",
    "€": "EUR",
    "²": "2",
    "³": "3",
    "×": "x",
}


@dataclass(frozen=True, slots=True)
class Naming:
    """How goods are named on receipts.

    ``longest``: of the whole name, at most 80 (a narrow printer shows fewer). ``services``: SKUs whose name gets the
    VAT rate added, since they are sold at several (delivery); lines without a SKU always do.
    """

    longest: int = NAME_MAX
    services: Collection[str] = ("TRANSPORT",)


@dataclass(frozen=True, slots=True)
class Command:
    """A command with its fields; ``what`` says which line it is, for messages."""

    name: str
    fields: Mapping[str, str] = field(default_factory=dict)
    what: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """The commands before ``trend``, ``trend`` itself, those after it; and each compared name with its rate's step."""

    before: tuple[Command, ...]
    end: Command
    after: tuple[Command, ...]
    steps: Mapping[str, Decimal]


def check(receipt: ReceiptToPrint) -> None:
    """What can be said about a receipt without the printer. Raises NeedsPerson."""
    if receipt.total == 0:
        raise failure_of(EMPTY, _of(receipt))
    lines = sold_lines(receipt)
    if len(lines) > LINES_MAX:
        raise NeedsPerson(
            "posnet.too-many-lines",
            f"The receipt has {len(lines)} lines, a printer takes {LINES_MAX}. {_of(receipt)}",
            "Split the order into several, or issue an FS.",
        )
    for line in lines:
        _check_line(line)
    total = sum((line.gross for line in lines), Decimal(0))
    if total != receipt.total or receipt.total < 0 or _grosze(receipt.total) > AMOUNT_MAX:
        raise NeedsPerson(
            "posnet.totals-differ",
            f"The lines add up to {total} PLN and the document says {receipt.total} PLN. {_of(receipt)}",
            "Compare the document's lines with its total, correct it, then retry.",
        )
    _check_payments(receipt)
    if receipt.nip:
        _nip(receipt.nip)


def sold_lines(receipt: ReceiptToPrint) -> list[ReceiptLine]:
    """The lines that go on the receipt: without those of 0.00 (gifts, free delivery), which a printer refuses."""
    return [line for line in receipt.lines if line.gross != 0]


def slots_from(answer: Mapping[str, str]) -> dict[VatRate, int]:
    """The VAT rates that the printer has, each with its slot, from the answer to vatget."""
    found: dict[VatRate, int] = {}
    for slot, letter in enumerate(SLOTS):
        text = answer.get(f"v{letter.lower()}", "101").replace(",", ".")
        value = Decimal(text)
        if value == _UNUSED:
            continue
        rate = VatRate.of("zw") if value == _EXEMPT else VatRate.of(value)
        found.setdefault(rate, slot)
    return found


def compose(
    receipt: ReceiptToPrint, slots: Mapping[VatRate, int], naming: Naming = Naming(), *, footer: bool = False
) -> Job:
    """The commands of a receipt that ``check`` let pass. Raises NeedsPerson for rates and names.

    ``footer``: the order number is printed under the receipt, by commands after trend.
    """
    before = [Command("trinit", {"bm": "1"})]
    steps: dict[str, Decimal] = {}
    for line in sold_lines(receipt):
        name = printed_name(line, naming)
        key, step = compared_name(name), rate_step(line.vat)
        if steps.setdefault(key, step) != step:
            raise failure_of(RATE_STEP, f"{name!r} stands on this receipt at two rates.", name=name)
        before.append(_line(line, name, slots))
    if receipt.nip:
        before.append(Command("trnipset", {"ni": _nip(receipt.nip)}, "the buyer's NIP"))
    paid = Decimal(0)
    for form, amount in receipt.payments.items():
        if amount:
            before.append(_payment(form, amount))
            paid += amount
    change = paid - receipt.total
    if change:
        before.append(Command("trpayment", {"ty": "0", "wa": _amount(change), "re": "1"}, "the change"))
    end = {"to": _amount(receipt.total), "fp": _amount(paid), "re": _amount(change)}
    after: tuple[Command, ...] = ()
    if footer and receipt.order_number:
        end["fe"] = "0"
        number = printable(receipt.order_number)[:FOOTER_MAX]
        after = (
            Command("trftrln", {"id": _FOOTER_ORDER_NUMBER, "na": number}, "the order number"),
            Command("trftrend"),
        )
    return Job(tuple(before), Command("trend", end, "the end of the receipt"), after, steps)


def printed_name(line: ReceiptLine, naming: Naming) -> str:
    """The goods' name on receipts: its own name, shortened, and its SKU; with the rate where sold at several.

    The end is never cut, so that names stay apart. Raises NeedsPerson when nothing of it can be printed.
    """
    ends = []
    if line.sku:
        ends.append(printable(line.sku))
    if not line.sku or line.sku in naming.services:
        ends.append("zw" if line.vat.special else f"{line.vat.code}%")
    end = " ".join(ends)
    room = min(naming.longest, NAME_MAX) - len(end) - 1
    name = f"{printable(line.name)[: max(room, 0)].strip()} {end}".strip()
    if len(name) > NAME_MAX or not compared_name(printable(line.sku or line.name)):
        raise NeedsPerson(
            "posnet.goods-name",
            f"{line.sku or line.name!r} can't be printed as a name of goods.",
            "Give the item a name or SKU with letters or digits, of at most 70 characters, then retry.",
        )
    return name


def printable(text: str) -> str:
    """``text`` in the characters of windows-1250: others lose their accents, or become "?"; spaces are made single."""
    found = []
    for sign in text:
        if _in_page(sign):
            found.append(sign if sign.isprintable() else " ")
            continue
        plain = _IN_WORDS.get(sign) or unicodedata.normalize("NFKD", sign)
        found.append("".join(one for one in plain if _in_page(one) and one.isprintable()) or "?")
    return " ".join("".join(found).split())


def compared_name(name: str) -> str:
    """What the printer compares of a name: letters, digits and ``, . / \\ %``, without case."""
    return "".join(sign for sign in name.casefold() if sign.isalnum() or sign in ",./\\%")


def rate_step(rate: VatRate) -> Decimal:
    """The place of a rate in the rate-step rule. Exempt counts as the lowest: the stricter reading."""
    return Decimal(-1) if rate.special == "zw" else rate.percent


def _line(line: ReceiptLine, name: str, slots: Mapping[VatRate, int]) -> Command:
    slot = slots.get(line.vat)
    if slot is None:
        raise NeedsPerson(
            "posnet.no-vat-slot",
            f"The printer has no letter for VAT {line.vat.code} ({name}); it has {_rates(slots)}.",
            "Have the rate programmed in the printer, or correct it on the document, then retry.",
            vat=line.vat.code,
        )
    price = unit_price(line)
    value = _grosze((Decimal(price) * line.quantity / 100).quantize(Decimal("0.01"), ROUND_HALF_UP))
    fields = {
        "na": name,
        "vt": str(slot),
        "pr": str(price),
        "il": format(line.quantity.normalize(), "f"),
        "wa": str(value),
    }
    if unit := printable(line.unit)[:UNIT_MAX]:
        fields["jm"] = unit
    discount = value - _grosze(line.gross)
    if discount:
        # As an amount: percentages are rounded by a setting of the printer that we can't see.
        fields |= {"rd": "1" if discount > 0 else "0", "rw": str(abs(discount))}
    return Command("trline", fields, name)


def unit_price(line: ReceiptLine) -> int:
    """In grosze. A price with fractions of a grosz is rounded up, so that what is left over is a discount."""
    return int((line.price * 100).to_integral_value(ROUND_CEILING))


def _check_line(line: ReceiptLine) -> None:
    wrong = ""
    if line.gross < 0 or line.price <= 0:
        wrong = "its value or price is not above zero"
    elif line.gross != line.gross.quantize(Decimal("0.01")):
        wrong = "its value has more than two decimals"
    elif not 0 < line.quantity <= QUANTITY_MAX or line.quantity != round(line.quantity, 8):
        wrong = "its quantity is not between 0 and 9999999999, or has more than eight decimals"
    else:
        value = Decimal(unit_price(line)) * line.quantity
        if unit_price(line) > PRICE_MAX or value > AMOUNT_MAX or _grosze(line.gross) > AMOUNT_MAX:
            wrong = "its value is too large"
        elif value < Decimal("0.5"):
            wrong = "its price times quantity is below one grosz"
    if wrong:
        raise NeedsPerson(
            "posnet.bad-line",
            f"The line {line.sku or line.name!r} can't be printed: {wrong}.",
            "Correct the line on the document, then retry.",
        )


def _check_payments(receipt: ReceiptToPrint) -> None:
    unknown = sorted(set(receipt.payments) - set(PAYMENT_TYPES))
    if unknown:
        raise NeedsPerson(
            "posnet.unknown-payment",
            f"The printer knows no form of payment {', '.join(unknown)}. {_of(receipt)}",
            f"Map it to one of {', '.join(PAYMENT_TYPES)}, then retry.",
        )
    paid = sum(receipt.payments.values(), Decimal(0))
    wrong = ""
    if any(amount < 0 or amount != amount.quantize(Decimal("0.01")) for amount in receipt.payments.values()):
        wrong = "an amount is below zero or has more than two decimals"
    elif paid < receipt.total:
        wrong = f"{paid} PLN are paid of {receipt.total} PLN"
    elif paid - receipt.total > receipt.payments.get("cash", Decimal(0)):
        wrong = f"{paid} PLN are paid of {receipt.total} PLN, and change is given from cash only"
    elif not _needed(receipt):
        wrong = "a form of payment comes on top of what is paid already"
    if wrong:
        raise NeedsPerson(
            "posnet.payments-differ",
            f"The payments don't fit the total: {wrong}. {_of(receipt)}",
            "Correct the document's payments, then retry.",
        )


def _needed(receipt: ReceiptToPrint) -> bool:
    """The printer refuses a payment once the amount due is covered."""
    paid = Decimal(0)
    for amount in filter(None, receipt.payments.values()):
        if paid >= receipt.total:
            return False
        paid += amount
    return True


def _payment(form: str, amount: Decimal) -> Command:
    fields = {"ty": str(PAYMENT_TYPES[form]), "wa": _amount(amount), "re": "0"}
    return Command("trpayment", fields, f"the payment {form}")


def _nip(text: str) -> str:
    tax_id = clean_tax_id(text)
    if tax_id.country != "PL" or not tax_id.valid:
        raise failure_of(NIP, "Only a Polish NIP with right check digits goes on a receipt.")
    return tax_id.number


def _grosze(amount: Decimal) -> int:
    return int(amount * 100)


def _amount(amount: Decimal) -> str:
    return str(_grosze(amount))


def _in_page(sign: str) -> bool:
    try:
        sign.encode(CODE_PAGE)
    except UnicodeEncodeError:
        return False
    return True


def _rates(slots: Iterable[VatRate]) -> str:
    return ", ".join(rate.code for rate in slots) or "none"


def _of(receipt: ReceiptToPrint) -> str:
    return f"Document {receipt.document_number}." if receipt.document_number else ""
