"""Flows: the steps that orders and returns go through, and the rules by which they become documents."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from pydantic import Field, model_validator

from pomost.config.parts import Name, Part
from pomost.config.shipping import BookStep, ShipStep
from pomost.trade.between import PriceRule
from pomost.trade.errors import Refused

ACTS = ("issue", "correct", "place", "check", "write", "cancel", "fiscalise", "mail", "ship", "book")
"""What a step may do: the field of the step that is set says which."""
Printed = Literal["document", "packing", "label"]
"""What a step may put into the print queue."""


class WriteStep(Part):
    """What a step writes to the order in the channel, in one call where it can."""

    fields: dict[str, str] = Field(
        default_factory=dict, description="Field of the channel -> text; {sale.number} is filled in."
    )
    status: str = Field("", description="Status the order is moved to.")
    pdf: str = Field("", description="Step whose document is sent as PDF.")
    file_field: str = Field("", description="Field of type file that takes the PDF.")
    document_file: Literal["", "invoice", "receipt", "auto"] = Field(
        "", description="Attach the PDF as the channel's own invoice or receipt instead."
    )
    series: str = Field("", description="The channel's series for that invoice or receipt.")
    receipt_series: str = Field(
        "", description="The channel's series for a receipt, where series is that of invoices."
    )
    fiscal: str = Field(
        "",
        description="Step that printed a fiscal receipt: its number, date and printer go on the channel's own receipt of the "
        "order, which is made where there is none.",
    )


class MailStep(Part):
    """What a step mails to the buyer: documents as PDF, with a text from a template."""

    pdf: tuple[Name, ...] = Field(min_length=1, description="Steps whose documents are attached as PDF.")
    account: Name = Field("smtp", description="The [[smtp]] connection that sends it.")
    template: str = Field(
        "",
        description='Template of the text: a kind of document in small letters, or "document"; empty: the kind of the first '
        "document attached.",
    )
    to: str = Field(
        "", description="Address; empty: the buyer's. {order.comments} and the like are filled in."
    )
    language: Literal["", "pl", "en", "pl-en"] = Field(
        "", description="Language of the text; empty: the company's."
    )
    no_address: Literal["skip", "ask"] = Field(
        "skip", description="An order without an address: skip leaves the mail out, ask waits for a person."
    )
    note: str = Field(
        "",
        description="Text added at the end, such as the tracking number; {ship.tracking} and the like are filled in. Left out "
        "where one of them is empty.",
    )


class CheckStep(Part):
    """What is done with an order whose goods are short, and once they are there."""

    short: str = Field(description="Status of an order whose goods are short.")
    awaiting: str = Field(
        "", description="Status while a ZD says when the goods come; empty: the same as for a shortage."
    )
    there: str = Field(
        "", description="Status once the goods are there; empty: back to the one that it was moved from."
    )
    date_field: str = Field("", description="Field of the channel that gets the planned day of delivery.")
    short_field: str = Field("", description="Field of the channel that gets what is short.")


class Step(Part):
    """One step of a flow: one document, one write, one order placed, one receipt printed, one mail, or documents undone."""

    id: Name
    issue: str = Field(
        "",
        description='Kind of document to make: RO, ZS, FS, PA, WZ ..., or "FS/PA" to choose by rule. PWP makes what is '
        "missing of the order's products.",
    )
    correct: Literal["", "FSK/PAK", "FSK", "PAK", "WZK"] = Field(
        "",
        description="Correct the documents of the order that the goods of a return were bought on: FSK/PAK its invoices "
        "and receipts, WZK its goods issues (the goods come back to stock).",
    )
    check: CheckStep | None = Field(
        None, description="Check that the goods of the order documents of source are there before going on."
    )
    write: WriteStep | None = None
    place: str = Field("", description="Channel in which the ERP's order is placed (B2B).")
    status: str = Field("", description="Status of a placed order.")
    cancel: tuple[Name, ...] = Field(
        (),
        description="Steps whose documents are undone once the order is cancelled: deleted from bufor or cancelled, the "
        "later ones first; shipments are cancelled before. Steps after this one are done for cancelled orders only.",
    )
    fiscalise: str = Field(
        "",
        description="Step whose PA is registered by a fiscal printer; other kinds are left out, see invoices.",
    )
    printer: str = Field("", description="The [[posnet]] connection that prints it.")
    invoices: Literal["never", "consumers"] = Field(
        "never",
        description="Whether an FS is printed too. consumers: that of a buyer without tax number, where mail order is not "
        "exempt from the duty to use a cash register.",
    )
    mail: MailStep | None = Field(None, description="Documents mailed to the buyer.")
    ship: ShipStep | None = Field(None, description="The shipment ordered with a carrier, with its label.")
    book: BookStep | None = Field(
        None, description="The order's payment booked in the ERP and settled with a document."
    )
    print: tuple[Printed, ...] | None = Field(
        None,
        description="What goes into the print queue when the step is done: document (the one it made), packing (the order's packing "
        "list, once), label (of the shipment that it ordered); not given: as the flow says.",
    )
    when: str = Field("", description="CEL: the step waits until this is true.")
    only_if: str = Field("", description="CEL: the step is left out when this is false.")
    after: tuple[Name, ...] | None = Field(
        None, description="Steps that must be done before; the previous one when not given."
    )
    source: tuple[Name, ...] = Field((), description="Steps whose documents this one is made from.")
    from_order: bool = Field(
        False, description="The document is made from the ERP's own order document (B2B)."
    )
    company: str = Field(
        "",
        description="Company in which the document is made; empty: the flow's. Two companies trade by such steps.",
    )
    warehouse: str = Field(
        "", description="Warehouse of the document; empty: the flow's, or the company's first."
    )
    gather_from: tuple[str, ...] = Field(
        (),
        description="Of an MM and a check: warehouses that may give what the step's warehouse has not got, the preferred one "
        "first; empty: all others of the company.",
    )
    prices: str = Field(
        "",
        description='Prices of a document that another company makes for the flow\'s: "order" (the customer\'s), "level:NAME", '
        '"margin:PERCENT" on what the goods cost, or "fixed".',
    )
    fixed_prices: dict[str, Decimal] = Field(
        default_factory=dict, description="SKU -> net price in PLN, for prices = fixed."
    )
    deliver_to: Literal["buyer", "customer"] = Field(
        "buyer",
        description="Where the goods of such a document go: to the flow's company, or straight to the customer.",
    )
    mirror: str = Field(
        "", description="Step of another company whose document is booked here, as FZ from its FS."
    )
    approve: bool = Field(True, description="False leaves the document in bufor.")
    moves_stock: bool = Field(False, description="FS or PA that issues the goods itself, without a WZ.")
    issued_by: str = Field(
        "",
        description="Of an FS or PA: the other company that issues the goods to the customer. Nothing is issued here, and what the "
        "RO of source holds is given up.",
    )
    partial: Literal["wait", "available"] = Field(
        "wait",
        description="Whether goods that are short hold the document back, or what is there is issued first.",
    )
    series: str = Field("", description="Series of the document.")
    settles: tuple[Name, ...] = Field(
        (), description="Steps whose advance invoices (FZAL) this final FS is reduced by."
    )
    lines: str = Field(
        "",
        description="Lines of the order that the document takes: CEL over line (sku, name, quantity, price, vat, service) and "
        'order, or "rest" for those that no other step takes. A line goes to the first step that takes it. Empty: all.',
    )

    @model_validator(mode="after")
    def one_act(self) -> Step:
        acts = [name for name in ACTS if getattr(self, name)]
        if len(acts) != 1:
            raise ValueError(
                f'step "{self.id}" needs exactly one of {", ".join(ACTS)}; it has {", ".join(acts) or "none"}'
            )
        if self.print and "document" in self.print and not (self.kinds or self.cancel):
            raise ValueError(f'step "{self.id}" makes no document that could be printed')
        if self.print and "label" in self.print and not self.ship:
            raise ValueError(f'step "{self.id}" orders no shipment whose label could be printed')
        if self.prices:
            try:
                PriceRule.of(self.prices)
            except Refused as refusal:
                raise ValueError(f'step "{self.id}": {refusal}') from refusal
        return self

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of document that the step may make."""
        kind = self.issue or self.correct
        return tuple(kind.split("/")) if kind else ()

    @property
    def act(self) -> str:
        """What the step does: one of ``ACTS``."""
        return next(name for name in ACTS if getattr(self, name))


class Duplicates(Part):
    """How the same purchase that arrives twice under two ids is found, before its first document."""

    then: Literal["ask", "off"] = Field(
        "off", description="ask: the later order waits for a person; off: orders are not compared."
    )
    by: tuple[Literal["external", "buyer+total+lines"], ...] = Field(
        ("external", "buyer+total+lines"),
        min_length=1,
        description="external: the same id at the marketplace or shop; buyer+total+lines: the same e-mail or phone, lines "
        "and total.",
    )
    within_hours: float = Field(
        72.0, gt=0, description="For buyer+total+lines: orders placed further apart are two purchases."
    )


class Rules(Part):
    """Rules by which orders become documents."""

    sale: Literal["nip-or-wish", "nip", "wish", "always-fs", "always-pa"] = Field(
        "nip-or-wish", description="FS or PA."
    )
    vat_from: Literal["order", "item"] = Field(
        "order", description="Whose VAT rate is used where order and item card differ."
    )
    vat_differs: Literal["", "order", "item", "ask"] = Field(
        "",
        description="What is done where order and item card differ: that rate is taken and the difference shown, or (ask) the "
        "order waits for a person. Empty: as vat_from says.",
    )
    duplicates: Duplicates = Duplicates()
    delivery_vat: str = Field(
        "dominant",
        description="dominant, highest, proportional or fixed:RATE: the channel gives no rate for delivery.",
    )
    delivery_sku: str = "TRANSPORT"
    delivery_name: str = "Koszt dostawy"
    discount_sku: str = "RABAT"
    service_skus: tuple[str, ...] = ()
    unnamed_sku: str = Field(
        "", description="Item for lines without SKU; empty: such a line waits for a person."
    )
    on_change: Literal["update", "flag", "refuse"] = Field(
        "update", description="What happens when an order changed after its first document."
    )
    when_gone: Literal["cancel", "ask"] = Field(
        "cancel",
        description="What a flow with a cancel step does when the order was deleted in the channel or merged into another.",
    )
    gather: Literal["one-warehouse", "priority"] = Field(
        "one-warehouse",
        description="one-warehouse: goods are moved from one warehouse where one has all that is missing; priority: strictly "
        "in the order of gather_from.",
    )
    final_invoice: Literal["due", "always"] = Field(
        "due",
        description="due: where advance invoices cover the whole order no final FS is made, as art. 106f sec. 3 of the VAT "
        "Act has it; always: one over 0.00 is made.",
    )
    cancel_reason: str = Field(
        "Rezygnacja z zamówienia, zwrot zaliczki",
        description="The reason on the FSK that takes an advance invoice back when its order is cancelled.",
    )
    unconfirmed_payment: Literal["ask", "sell"] = Field(
        "ask",
        description="Orders whose form of payment no operator confirms (a bank transfer), in a flow that makes the sale straight from "
        "the payment: ask: they wait for a person; sell: they are sold like others.",
    )
    payment_days: int = Field(7, ge=0, description="Days to pay when nothing was paid yet.")
    return_warehouse: str = Field(
        "", description="Warehouse that returned goods go to; empty: the one they left from."
    )
    damaged_warehouse: str = Field(
        "", description="Warehouse for goods that came back damaged; empty: the same as for others."
    )
    damaged_reasons: tuple[str, ...] = Field(
        ("Towar uszkodzony",), description="Reasons of a return that say that the goods are damaged."
    )
    return_reason: str = Field(
        "", description="The reason on a correction where the channel gives none; empty: such a return waits."
    )
    return_delivery: Literal["whole", "never"] = Field(
        "whole",
        description="whole: once nothing else of an order is kept, its delivery is corrected too, as a consumer who "
        "withdraws is owed; never: it stays.",
    )
    lower_delivery: bool = Field(
        False,
        description="Whether the delivery bears its part too where money is paid back for no goods and spread over the lines of the "
        "sale (money_refunds of the connection, or a person's word).",
    )
    kits: Literal["make", "components"] = Field(
        "make",
        description="Items with a recipe: make: they are sold as one (a step PWP makes what is missing); components: "
        "documents carry their components instead, at prices that sum to the kit's.",
    )
    kit_level: str = Field(
        "",
        description="For kits = components: price level of the item cards by which a kit's price is divided.",
    )
    aliases: dict[str, str] = Field(
        default_factory=dict, description="SKU of the channel -> code of the item in the ERP."
    )


class Flow(Part):
    """How the cases of one source become documents."""

    name: Name
    kind: Literal["order", "return"] = Field(
        "order", description="What travels: orders of the source, or its returns."
    )
    source: Name = Field(description="Connection the orders or returns come from.")
    channel: str = Field("", description="Channel written to; the source itself when empty.")
    erp: Name = "ledger"
    company: Name
    warehouse: str = ""
    preset: str = Field("", description="A flow of the catalogue; `pomost flow show` prints it.")
    words: dict[str, str] = Field(
        default_factory=dict, description="Words of the preset: statuses and fields of your account."
    )
    take: str = Field("", description="CEL: which orders the flow takes.")
    cancelled: str = Field("", description="CEL: the order was cancelled; no further documents are made.")
    sold: str = Field(
        "",
        description="CEL: which orders lower the stock that is offered while no document holds their goods. Empty: those that "
        "are not cancelled nor in a status to which the flow itself moves orders once their goods were issued, and whose goods the channel "
        "has taken off its own stock (a WooCommerce shop: with the payment).",
    )
    rules: Rules = Rules()
    print: tuple[Printed, ...] = Field(
        (),
        description="What goes into the print queue by itself: document (invoices, receipts and their corrections, when made), packing "
        "(the packing list, with the order's first invoice, receipt or WZ), label (of shipments). A step's own print goes before it.",
    )
    step: tuple[Step, ...] = ()

    @property
    def cases(self) -> str:
        """The source as its cases name it: orders and returns of one account have ids of their own."""
        return self.source if self.kind == "order" else f"{self.source}.{self.kind}s"
