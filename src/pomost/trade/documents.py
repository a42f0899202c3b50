"""Trade documents: what is asked for (a draft) and what exists (a document)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from pomost.trade.order import Basis, Party
from pomost.trade.vat import VatRate

State = Literal["bufor", "approved", "cancelled"]


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """A kind of document and its properties, as data.

    ``stock``: -1 issues goods, +1 receives them, 0 leaves stock alone. ``reserves``: approved, it holds stock for
    its buyer. ``priced``: carries prices and VAT. ``sale``: the buyer owes what it says. ``becomes``: kinds it may
    be converted to. ``corrects``: the kind that it corrects; its lines, VAT table and totals are differences.
    ``transfers``: the goods it issues arrive in another warehouse of the same company.
    """

    symbol: str
    name_pl: str
    name_en: str
    stock: int = 0
    reserves: bool = False
    priced: bool = True
    sale: bool = False
    becomes: frozenset[str] = frozenset()
    corrects: str = ""
    transfers: bool = False

    @property
    def amendable(self) -> bool:
        """Whether it may be changed as it stands: what nobody owes and nothing is booked from (orders, a pro-forma)."""
        return self.reserves or self.symbol == "FPF"


KINDS: dict[str, DocumentKind] = {
    kind.symbol: kind
    for kind in (
        DocumentKind(
            "RO",
            "Rezerwacja odbiorcy",
            "Customer reservation",
            reserves=True,
            becomes=frozenset({"FS", "PA", "WZ"}),
        ),
        DocumentKind(
            "ZS", "Zamówienie sprzedaży", "Sales order", reserves=True, becomes=frozenset({"FS", "PA", "WZ"})
        ),
        DocumentKind(
            "ZK",
            "Zamówienie od klienta",
            "Customer order",
            reserves=True,
            becomes=frozenset({"FS", "PA", "WZ"}),
        ),
        DocumentKind(
            "FS", "Faktura sprzedaży", "Sales invoice", stock=-1, sale=True, becomes=frozenset({"WZ"})
        ),
        DocumentKind("PA", "Paragon", "Receipt", stock=-1, sale=True, becomes=frozenset({"WZ", "FS"})),
        DocumentKind("WZ", "Wydanie zewnętrzne", "Goods issue", stock=-1, becomes=frozenset({"FS", "PA"})),
        DocumentKind("PZ", "Przyjęcie zewnętrzne", "Goods receipt", stock=1, becomes=frozenset({"FZ"})),
        DocumentKind("FZ", "Faktura zakupu", "Purchase invoice", stock=1, becomes=frozenset({"PZ"})),
        DocumentKind("PW", "Przyjęcie wewnętrzne", "Internal receipt", stock=1),
        DocumentKind("RW", "Rozchód wewnętrzny", "Internal issue", stock=-1),
        DocumentKind("PWP", "Przyjęcie wewnętrzne produktów", "Internal receipt of products", stock=1),
        DocumentKind("RWS", "Rozchód wewnętrzny składników", "Internal issue of components", stock=-1),
        DocumentKind("MM", "Przesunięcie międzymagazynowe", "Stock transfer", stock=-1, transfers=True),
        DocumentKind("ZD", "Zamówienie do dostawcy", "Supplier order", becomes=frozenset({"FZ", "PZ"})),
        DocumentKind("FPF", "Faktura pro forma", "Pro-forma invoice", becomes=frozenset({"FS", "PA"})),
        DocumentKind("FZAL", "Faktura zaliczkowa", "Advance invoice", sale=True),
        DocumentKind("FSK", "Faktura korygująca", "Correcting invoice", stock=1, sale=True, corrects="FS"),
        DocumentKind("PAK", "Zwrot do paragonu", "Return to a receipt", stock=1, sale=True, corrects="PA"),
        DocumentKind("WZK", "Korekta wydania zewnętrznego", "Goods issue correction", stock=1, corrects="WZ"),
    )
}

CORRECTIONS: dict[str, str] = {kind.corrects: kind.symbol for kind in KINDS.values() if kind.corrects}
"""Kind -> the kind that corrects it."""

CORRECTED_BY: dict[str, str] = {**CORRECTIONS, "FZAL": "FSK"}
"""The same with the advance invoice: it is corrected by an FSK, and no goods ever come back to it."""


@dataclass(frozen=True, slots=True)
class DraftLine:
    """A line that is asked for.

    ``price`` is per unit on the draft's basis. ``source_line`` is the id of the line of a source document that this
    line realises (conversion), ``order_line`` the channel's line id. ``service``: no stock is moved.
    """

    sku: str
    name: str
    quantity: Decimal
    price: Decimal
    vat: VatRate
    unit: str = "szt"
    service: bool = False
    order_line: str = ""
    source_line: str = ""
    notes: str = ""


@dataclass(frozen=True, slots=True)
class LineChange:
    """What a correction changes in one line: ``back`` pieces come back, what is kept costs ``price`` (None: as before).

    ``line`` is the id of the line of the corrected document.
    """

    line: str
    back: Decimal = Decimal(0)
    price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class CorrectionAsked:
    """A correction of the one document in the draft's ``sources``.

    ``agreed_on`` is the day on which buyer and seller agreed on it (of a return: on which the buyer declared it),
    ``agreement`` names the paper that shows it. What the law asks for is checked by ``corrections.check_grounds``.
    ``follows``: how many corrections of the document this one was decided after; None where that does not matter.
    """

    changes: tuple[LineChange, ...]
    reason: str = ""
    agreed_on: date | None = None
    agreement: str = ""
    follows: int | None = None


@dataclass(frozen=True, slots=True)
class LineStand:
    """A line before or after a correction. ``value`` is that of the line, on the document's basis."""

    quantity: Decimal
    price: Decimal
    value: Decimal


@dataclass(frozen=True, slots=True)
class CorrectedLine:
    """``line`` is the id of the line of the corrected document."""

    line: str
    before: LineStand
    after: LineStand

    @property
    def back(self) -> Decimal:
        """How many pieces came back."""
        return self.before.quantity - self.after.quantity


@dataclass(frozen=True, slots=True)
class Correction:
    """What a correcting document corrects and why. ``lines`` stand in the order of the document's lines.

    ``refund`` is what must be paid back to the buyer because of it, in the document's currency.
    """

    of_id: str
    of_kind: str
    of_number: str
    of_date: date
    reason: str
    agreed_on: date | None
    agreement: str
    lines: tuple[CorrectedLine, ...]
    refund: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Draft:
    """A document that is asked for.

    ``key`` is our own reference, unique in the company: the same key never makes a second document.
    ``sources``: ids of documents that it is made from; with no ``lines`` everything not yet realised is taken over.
    ``moves_stock``: an FS, PA or FZ that moves stock itself (no WZ/PZ will follow). ``approve``: False leaves it in bufor.
    ``issued_by``: of an FS or PA, the company that issues its goods; nothing is issued here, and what its sources hold of them
    is given up.
    ``partial``: take only what is in stock, leave the rest to a later document.
    ``correction``: of a kind that corrects; such a draft has one source and no lines.
    ``target``: of a kind that transfers, the warehouse in which the goods arrive. ``due_on`` of a ZD is the day on which
    the goods are to come.
    ``settles``: ids of the advance invoices (FZAL) by which this FS is reduced. ``ordered``: the lines of the order that an
    FZAL is paid towards, which it must show (VAT Act, art. 106f sec. 1(4)); they are priced on ``ordered_basis``.
    """

    kind: str
    company: str
    key: str
    issued_on: date
    warehouse: str = ""
    series: str = ""
    sold_on: date | None = None
    due_on: date | None = None
    currency: str = "PLN"
    rate: Decimal | None = None
    rate_note: str = ""
    basis: Basis = "gross"
    buyer: Party = field(default_factory=Party)
    recipient: Party | None = None
    lines: tuple[DraftLine, ...] = ()
    sources: tuple[str, ...] = ()
    payment_form: str = ""
    paid: Decimal = Decimal(0)
    foreign_number: str = ""
    notes: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    approve: bool = True
    moves_stock: bool = False
    issued_by: str = ""
    partial: bool = False
    correction: CorrectionAsked | None = None
    target: str = ""
    settles: tuple[str, ...] = ()
    ordered: tuple[DraftLine, ...] = ()
    ordered_basis: Basis = "gross"


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """A line as it stands on a document. ``net``, ``tax`` and ``gross`` are line values, not unit prices."""

    id: str
    sku: str
    name: str
    quantity: Decimal
    unit: str
    price: Decimal
    vat: VatRate
    net: Decimal
    tax: Decimal
    gross: Decimal
    service: bool = False
    order_line: str = ""
    realised: Decimal = Decimal(0)
    notes: str = ""


@dataclass(frozen=True, slots=True)
class VatRow:
    """One row of a document's VAT table."""

    vat: VatRate
    net: Decimal
    tax: Decimal
    gross: Decimal


@dataclass(frozen=True, slots=True)
class OrderedLine:
    """A line of the order that an advance was paid towards. The amounts are those of the line, in all."""

    sku: str
    name: str
    quantity: Decimal
    unit: str
    vat: VatRate
    net: Decimal
    tax: Decimal
    gross: Decimal


@dataclass(frozen=True, slots=True)
class SettledAdvance:
    """By how much an advance invoice reduces a final invoice, rate by rate."""

    advance_id: str
    number: str
    issued_on: date
    rows: tuple[VatRow, ...]

    @property
    def gross(self) -> Decimal:
        return sum((row.gross for row in self.rows), Decimal("0.00"))


@dataclass(frozen=True, slots=True)
class Document:
    """A document as it exists where it was made, read back from there.

    A final invoice has the lines of the whole sale; its VAT table and totals are what is left once the advances in
    ``settled`` are taken off (VAT Act, art. 106f sec. 3). ``ordered``: of an FZAL, the order it was paid towards. One with a ``correction`` holds differences: its lines, VAT table and totals are what came after minus before.
    """

    id: str
    kind: str
    number: str
    company: str
    key: str
    state: State
    issued_on: date
    sold_on: date | None
    due_on: date | None
    currency: str
    basis: Basis
    buyer: Party
    recipient: Party | None
    lines: tuple[DocumentLine, ...]
    vat_rows: tuple[VatRow, ...]
    net: Decimal
    tax: Decimal
    gross: Decimal
    payment_form: str = ""
    paid: Decimal = Decimal(0)
    foreign_number: str = ""
    notes: str = ""
    rate: Decimal | None = None
    rate_note: str = ""
    warehouse: str = ""
    sources: tuple[str, ...] = ()
    attributes: dict[str, str] = field(default_factory=dict)
    correction: Correction | None = None
    target: str = ""
    settled: tuple[SettledAdvance, ...] = ()
    ordered: tuple[OrderedLine, ...] = ()

    @property
    def whole_rows(self) -> tuple[VatRow, ...]:
        """The VAT table of the whole sale: what is charged here together with what the advances charged."""
        taken: dict[VatRate, list[VatRow]] = {}
        for advance in self.settled:
            for row in advance.rows:
                taken.setdefault(row.vat, []).append(row)
        return tuple(
            VatRow(
                row.vat,
                sum((one.net for one in taken.get(row.vat, ())), row.net),
                sum((one.tax for one in taken.get(row.vat, ())), row.tax),
                sum((one.gross for one in taken.get(row.vat, ())), row.gross),
            )
            for row in self.vat_rows
        )

    @property
    def whole_gross(self) -> Decimal:
        """What the whole sale is worth, gross."""
        return sum((advance.gross for advance in self.settled), self.gross)
