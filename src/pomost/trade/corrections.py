"""Corrections: what a document is after goods came back or prices were changed, and what the correction then says.

A correction is the difference between the document as it stands after it and as it stood before, rate by rate, each
counted as a document is counted (``count``). So document and corrections together are always, to the grosz, what a
document over the kept goods would be, however many corrections there are. docs/explanation/corrections.md tells more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from pomost.trade.allocation import share
from pomost.trade.count import Counted, LineValue, count_lines, row_order, tax_fraction
from pomost.trade.documents import (
    KINDS,
    CorrectedLine,
    CorrectionAsked,
    Document,
    DocumentLine,
    LineChange,
    LineStand,
    VatRow,
)
from pomost.trade.errors import Refused
from pomost.trade.kits import in_kit
from pomost.trade.money import from_units, line_value, to_units
from pomost.trade.order import Basis
from pomost.trade.quantity import check_quantity
from pomost.trade.vat import VatRate

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class StandingLine:
    """A line of a document after its corrections so far. ``value`` is on the document's basis.

    ``cost``: what one of its pieces cost when it left the warehouse, net in PLN; None where none left for this line.
    """

    id: str
    sku: str
    name: str
    unit: str
    vat: VatRate
    quantity: Decimal
    price: Decimal
    value: Decimal
    service: bool = False
    order_line: str = ""
    cost: Decimal | None = None

    def after(self, back: Decimal) -> Decimal:
        """The value of the line when ``back`` of it came back: its share, rounded half up to 0.01."""
        if not back:
            return self.value
        kept = self.quantity - back
        return (self.value * kept / self.quantity).quantize(Decimal("0.01"), ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Standing:
    """A document as it stands after its corrections so far. ``moved``: its goods left by it, not by another.

    ``corrections``: how many those are. ``ordered``: of the newest advance invoice of an order, the lines of the order that
    did not come back yet, gross.
    """

    id: str
    kind: str
    number: str
    issued_on: date
    basis: Basis
    warehouse: str
    lines: tuple[StandingLine, ...]
    vat_rows: tuple[VatRow, ...]
    corrections: int = 0
    ordered: tuple[StandingLine, ...] = ()
    currency: str = ""

    @property
    def moved(self) -> bool:
        return any(line.cost is not None for line in self.lines)

    @property
    def gross(self) -> Decimal:
        return sum((row.gross for row in self.vat_rows), Decimal("0.00"))


@dataclass(frozen=True, slots=True)
class Corrected:
    """What a correction says: ``counted`` holds differences, line by line as ``lines`` (which are the lines before)."""

    before: tuple[StandingLine, ...]
    lines: tuple[CorrectedLine, ...]
    counted: Counted


@dataclass(frozen=True, slots=True)
class Returned:
    """Goods that came back. ``order_line`` is the line of the order; where it is empty the SKU decides.

    ``place``: where they are put. It matters where a document moved goods itself: goods for different places are then
    never on one correction. ``of``: of a component of a kit, the id of the kit that came back; ``kit`` is its SKU.
    """

    id: str
    sku: str
    order_line: str
    quantity: Decimal
    place: str = ""
    of: str = ""
    kit: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """The part of a return that one correction of one document takes. ``ids``: of what came back."""

    standing: Standing
    place: str
    changes: tuple[LineChange, ...]
    ids: tuple[str, ...]


def standing(document: Document, corrections: Iterable[Document]) -> Standing:
    """``document`` after ``corrections``, which are all its corrections in force, in the order they were made."""
    lines = {
        line.id: StandingLine(
            line.id,
            line.sku,
            line.name,
            line.unit,
            line.vat,
            line.quantity,
            line.price,
            line.gross if document.basis == "gross" else line.net,
            line.service,
            line.order_line,
        )
        for line in document.lines
    }
    rows = {row.vat: row for row in document.whole_rows}
    count = 0
    for correction in corrections:
        assert correction.correction is not None
        count += 1
        for line in correction.correction.lines:
            after = line.after
            lines[line.line] = replace(
                lines[line.line], quantity=after.quantity, price=after.price, value=after.value
            )
        for row in correction.whole_rows:
            rows[row.vat] = _plus(rows[row.vat], row)
    return Standing(
        document.id,
        document.kind,
        document.number,
        document.issued_on,
        document.basis,
        document.warehouse,
        tuple(lines.values()),
        tuple(rows.values()),
        count,
        currency=document.currency,
    )


def correct(before: Standing, changes: Sequence[LineChange]) -> Corrected:
    """What a correction of ``before`` by ``changes`` says; it is not made.

    Raises Refused ``trade.correction-unknown-line``, ``trade.correction-more-than-sold``,
    ``trade.correction-negative``, ``trade.correction-changes-nothing``, ``trade.correction-below-zero``.
    """
    known = {line.id: line for line in before.lines}
    after = dict(known)
    for change in changes:
        if change.line not in known:
            raise Refused(
                "trade.correction-unknown-line",
                f"{before.number} has no line {change.line}.",
                "Name a line of the document that is corrected.",
            )
        after[change.line] = _changed(after[change.line], change, before)
    touched = [line for line in before.lines if after[line.id] != line]
    if not touched:
        raise Refused(
            "trade.correction-changes-nothing",
            f"The correction of {before.number} leaves everything as it is.",
            "Say what came back, or which price is another.",
        )
    kept = count_lines([line for line in after.values() if line.quantity], before.basis)
    rows = _differences(before, kept.vat_rows, {line.vat for line in touched})
    values = [after[line.id].value - line.value for line in touched]
    counted = Counted(
        lines=_line_differences(touched, values, rows, before.basis),
        vat_rows=rows,
        net=sum((row.net for row in rows), Decimal("0.00")),
        tax=sum((row.tax for row in rows), Decimal("0.00")),
        gross=sum((row.gross for row in rows), Decimal("0.00")),
    )
    return Corrected(
        tuple(touched),
        tuple(CorrectedLine(line.id, _stand(line), _stand(after[line.id])) for line in touched),
        counted,
    )


def check_grounds(kind: str, asked: CorrectionAsked, difference: Decimal, who: str) -> None:
    """Whether the draft of a correction carries what Polish law wants to be known when it is made.

    An FSK that lowers the tax base: the reason, the day on which buyer and seller agreed on the terms, and the paper
    that shows it (VAT Act, art. 29a sec. 13-14). A PAK: the same of the return, for the register of returns and
    complaints (regulation on cash registers, par. 3 sec. 3-5). Raises Refused ``trade.correction-no-reason``,
    ``trade.correction-no-agreement``.
    """
    if not KINDS[kind].sale:
        return
    if not asked.reason.strip():
        raise Refused(
            "trade.correction-no-reason",
            f"{who}: it is not said why the document is corrected.",
            "Give the reason: of a return in the channel, or for all returns in the flow (rules.return_reason).",
        )
    if kind == "FSK" and difference >= 0:
        return
    if asked.agreed_on is None or not asked.agreement.strip():
        raise Refused(
            "trade.correction-no-agreement",
            f"{who}: it lowers the tax, and there is no day on which it was agreed, or no paper that shows it.",
            "Give the day on which the buyer declared the return or agreed to the new price, and the paper's number.",
        )


def allot(returned: Sequence[Returned], standings: Sequence[Standing], order: str) -> list[Share]:
    """Divides what came back among the documents it was bought on, those first that come first in ``standings``.

    No piece is taken twice: what a document has left is what it stands at. Raises Refused
    ``trade.return-line-unknown`` and ``trade.return-more-than-left``.
    """
    left = {(one.id, line.id): line.quantity for one in standings for line in one.lines}
    shares: dict[tuple[str, str], tuple[dict[str, Decimal], dict[str, None]]] = {}
    for piece in returned:
        check_quantity(piece.quantity)
        missing = piece.quantity
        matching = [(one, line) for one in standings for line in one.lines if matches(piece, line)]
        if not matching:
            raise Refused(
                "trade.return-line-unknown",
                f"{piece.sku or piece.id} came back, and no document of order {order} has it.",
                "Look whether it was bought on another order; correct the return in the channel.",
                sku=piece.sku,
            )
        for one, line, most in takes(piece, matching, left):
            taken = min(missing, most)
            if taken <= 0:
                continue
            missing -= taken
            left[(one.id, line.id)] -= taken
            place = piece.place if one.moved else ""
            changes, ids = shares.setdefault((one.id, place), ({}, {}))
            changes[line.id] = changes.get(line.id, ZERO) + taken
            ids[piece.of or piece.id] = None
        if missing > 0:
            raise Refused(
                "trade.return-more-than-left",
                f"{piece.quantity} of {_name(piece)} came back, and the documents of order {order} have "
                f"{piece.quantity - missing} left: the rest was never sold, or came back before.",
                "Correct the quantity of the return in the channel.",
                sku=piece.sku,
            )
    return [
        Share(one, place, tuple(LineChange(line, n) for line, n in changes.items()), tuple(ids))
        for one in standings
        for (document, place), (changes, ids) in shares.items()
        if document == one.id
    ]


def takes(
    piece: Returned,
    matching: Sequence[tuple[Standing, StandingLine]],
    left: Mapping[tuple[str, str], Decimal],
) -> list[tuple[Standing, StandingLine, Decimal]]:
    """From which lines a piece is taken, in this order, and how much at most.

    A component of a kit stands in two lines where its price did not come out even. Of both is taken what comes nearest to
    its share of their value, so that each kit is paid back at its price and not at that of its cheaper pieces.
    """
    found = [(one, line, left[(one.id, line.id)]) for one, line in matching]
    if not piece.kit:
        return found
    nearest: list[tuple[Standing, StandingLine, Decimal]] = []
    missing = piece.quantity
    for document in dict.fromkeys(one.id for one, _ in matching):
        own = sorted((each for each in found if each[0].id == document), key=lambda each: each[1].price)
        have = sum((most for _, _, most in own), ZERO)
        take = min(missing, have)
        missing -= take
        if len(own) == 2 and 0 < take < have and own[0][1].price < own[1][1].price:
            (one, low, cheap), (_, high, dear) = own
            share_of = (cheap * low.price + dear * high.price) * take / have
            pieces = (share_of - low.price * take) / (high.price - low.price)
            pieces = min(max(pieces.to_integral_value(ROUND_HALF_UP), take - cheap), dear, take)
            own = [(one, low, take - pieces), (one, high, pieces)]
        nearest += own
    return nearest


def left_after(returned: Sequence[Returned], made: Document, place: str) -> list[Returned]:
    """What of a return is still to be corrected after the correction ``made``, which took goods for ``place``."""
    assert made.correction is not None
    left = sorted(returned, key=lambda piece: piece.place != place)
    for line, corrected in zip(made.lines, made.correction.lines, strict=True):
        missing = corrected.back
        for index, piece in enumerate(left):
            if matches(piece, line) and (not place or piece.place == place):
                taken = min(missing, piece.quantity)
                missing -= taken
                left[index] = replace(piece, quantity=piece.quantity - taken)
    return [piece for piece in left if piece.quantity]


def _name(piece: Returned) -> str:
    return f"{piece.sku} (in {piece.kit})" if piece.kit else piece.sku or piece.id


def matches(piece: Returned, line: StandingLine | DocumentLine) -> bool:
    """Whether the piece was bought by this line. What was sold in a kit is found by its kit alone."""
    if piece.kit or in_kit(line.order_line, line.sku):
        return piece.order_line == line.order_line
    if piece.order_line and line.order_line:
        return piece.order_line == line.order_line
    return bool(piece.sku) and piece.sku == line.sku


def _changed(line: StandingLine, change: LineChange, of: Standing) -> StandingLine:
    what = f"{of.number}, {line.sku or line.name}"
    check_quantity(change.back)
    price = line.price if change.price is None else change.price
    if change.back < 0 or (price < 0 and line.price >= 0):
        raise Refused(
            "trade.correction-negative",
            f"{what}: {change.back} come back and the price is {price}.",
            "Write 0 or more; what is sold besides needs a document of its own.",
        )
    if change.back > line.quantity:
        raise Refused(
            "trade.correction-more-than-sold",
            f"{what}: {change.back} come back, {line.quantity} are left of what was sold.",
            "Take back no more than what is left.",
            left=str(line.quantity),
        )
    quantity = line.quantity - change.back
    return replace(line, quantity=quantity, price=price, value=line_value(price, quantity))


def _differences(before: Standing, kept: Sequence[VatRow], touched: set[VatRate]) -> tuple[VatRow, ...]:
    after = {row.vat: row for row in kept}
    found = []
    for row in sorted(
        (row for row in before.vat_rows if row.vat in touched), key=lambda row: row_order(row.vat)
    ):
        now = after.get(row.vat, VatRow(row.vat, ZERO, ZERO, ZERO))
        if now.gross < 0 or now.net < 0:
            raise Refused(
                "trade.correction-below-zero",
                f"{before.number}: after the correction {now.gross} would be left at {row.vat.code}.",
                "A discount on the document belongs to the goods that come back: correct its line as well.",
            )
        found.append(
            VatRow(
                row.vat, _cents(now.net - row.net), _cents(now.tax - row.tax), _cents(now.gross - row.gross)
            )
        )
    return tuple(found)


def _line_differences(
    lines: Sequence[StandingLine], values: Sequence[Decimal], rows: Sequence[VatRow], basis: Basis
) -> tuple[LineValue, ...]:
    """The tax of a rate's difference is divided among the lines that changed, by largest remainders."""
    found: list[LineValue] = [LineValue(ZERO, ZERO, ZERO)] * len(lines)
    for row in rows:
        indexes = [index for index, line in enumerate(lines) if line.vat == row.vat]
        part, whole = tax_fraction(row.vat, basis)
        exact = [to_units(values[index]) * part for index in indexes]
        for index, tax in zip(indexes, share(to_units(row.tax), exact, whole), strict=True):
            value, of_tax = values[index], from_units(tax)
            found[index] = (
                LineValue(value - of_tax, of_tax, value)
                if basis == "gross"
                else LineValue(value, of_tax, value + of_tax)
            )
    return tuple(found)


def _stand(line: StandingLine) -> LineStand:
    return LineStand(line.quantity, line.price, line.value)


def _plus(row: VatRow, more: VatRow) -> VatRow:
    return VatRow(row.vat, row.net + more.net, row.tax + more.tax, row.gross + more.gross)


def _cents(amount: Decimal) -> Decimal:
    return from_units(to_units(amount))
