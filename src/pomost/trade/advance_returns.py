"""Goods that come back to a sale that was paid in advance: which of its invoices bears how much. Pure.

An invoice is corrected by as much as the base that it documents went down (Polish VAT Act, art. 29a sec. 10 and art. 106j
sec. 1(2)). A final invoice documents what its advances leave (art. 106f sec. 3), so it bears the return first, up to what it
charges; the rest was documented by the advances and is taken off them, **the newest first**. The law names no order among
several; docs/decisions/0033-returns-of-advances.md says why this one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from pomost.trade.advances import tax_of
from pomost.trade.corrections import Standing, StandingLine
from pomost.trade.documents import DraftLine, LineChange, VatRow
from pomost.trade.errors import Refused
from pomost.trade.kits import in_kit
from pomost.trade.vat import VatRate

ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Settlement:
    """An advance that a final invoice settles: ``settled`` by it after its corrections so far, ``rows`` what the advance
    itself stands at."""

    advance: str
    settled: tuple[VatRow, ...]
    rows: tuple[VatRow, ...]


@dataclass(frozen=True, slots=True)
class Released:
    """``charged``: the VAT table of the correction of the final invoice; ``taken``: advance -> by how much less of it the
    final invoice is reduced, which is what a correction of that advance has to take off."""

    charged: tuple[VatRow, ...]
    taken: tuple[tuple[str, tuple[VatRow, ...]], ...]


def release(
    now: Sequence[VatRow], difference: Sequence[VatRow], settlements: Sequence[Settlement]
) -> Released:
    """Divides the ``difference`` of a sale between its final invoice, which charges ``now``, and its advances, newest first.

    Charged and taken together are the difference, rate by rate, net, tax and gross; what is taken of an advance has the tax
    by which that advance changes. The final invoice never charges less than 0.00 gross at a rate.
    """
    charges = {row.vat: row.gross for row in now}
    rows = {row.vat: row for row in difference}
    taken: list[tuple[str, tuple[VatRow, ...]]] = []
    need = {row.vat: max(-(charges.get(row.vat, ZERO) + row.gross), ZERO) for row in difference}
    for one in settlements:
        stands = {row.vat: row for row in one.rows}
        given = []
        for row in one.settled:
            part = min(need.get(row.vat, ZERO), row.gross)
            if part <= 0 or row.vat not in stands:
                continue
            need[row.vat] -= part
            less = _less(stands[row.vat], tax_of(stands[row.vat].gross - part, row.vat))
            given.append(less)
            rows[row.vat] = _plus(rows[row.vat], less)
        if given:
            taken.append((one.advance, tuple(given)))
    return Released(tuple(rows.values()), tuple(taken))


@dataclass(frozen=True, slots=True)
class OfAdvance:
    """The correction of one advance: ``changes`` of its lines; ``ordered`` are the goods of the order that came back."""

    standing: Standing
    changes: tuple[LineChange, ...]
    ordered: tuple[DraftLine, ...] = ()


def less_of(
    advance: Standing, amounts: Mapping[VatRate, Decimal], ordered: tuple[DraftLine, ...] = ()
) -> OfAdvance:
    """The correction that takes gross ``amounts`` off an advance, at most what it stands at."""
    changes = []
    for line in advance.lines:
        part = min(amounts.get(line.vat, ZERO), line.value)
        if part <= 0 or not line.quantity:
            continue
        if part == line.value:
            changes.append(LineChange(line.id, line.quantity))
        else:
            changes.append(LineChange(line.id, Decimal(0), (line.value - part) / line.quantity))
    return OfAdvance(advance, tuple(changes), ordered)


def goods_of_advances(standings: Sequence[Standing]) -> Standing | None:
    """The sale that advances alone document: the goods that its newest advance shows, as they stand.

    The lines of the order are known from its goods issues; without one, goods are found by their SKU.
    """
    newest = next((one for one in reversed(standings) if one.ordered), None)
    if newest is None:
        return None
    of_sku: dict[str, list[str]] = {}
    for one in standings:
        for line in one.lines:
            if line.order_line and line.order_line not in of_sku.setdefault(line.sku, []):
                of_sku[line.sku].append(line.order_line)
    lines = []
    for line in newest.ordered:
        known = of_sku.get(line.sku, [])
        own = known[0] if known else ""
        # a component of a kit may stand in two lines of the same kit
        if known and (len(known) > 1 or in_kit(own, line.sku) is None):
            known.pop(0)
        lines.append(replace(line, order_line=own))
    numbers = ", ".join(one.number for one in standings if one.kind == newest.kind)
    return replace(newest, number=numbers, lines=tuple(lines), ordered=())


def excess(
    advances: Sequence[Standing], goods: Standing, changes: Sequence[LineChange]
) -> dict[VatRate, Decimal]:
    """By rate, by how much the advances are more than what is kept of the goods once ``changes`` came back.

    Raises Refused ``trade.return-before-final`` where the advances do not cover the goods.
    """
    paid: dict[VatRate, Decimal] = {}
    for one in advances:
        for row in one.vat_rows:
            paid[row.vat] = paid.get(row.vat, ZERO) + row.gross
    whole = sum((line.value for line in goods.lines), ZERO)
    covered = sum(paid.values(), ZERO)
    if covered < whole:
        raise Refused(
            "trade.return-before-final",
            f"Goods of {goods.number} came back; these advances are over {covered}, the order is over {whole}, and there is no "
            "final invoice.",
            "Let the final invoice be made and `pomost retry`; or correct the advances by hand and skip the step.",
        )
    back = {change.line: change.back for change in changes}
    kept: dict[VatRate, Decimal] = {}
    for line in goods.lines:
        kept[line.vat] = kept.get(line.vat, ZERO) + line.after(back.get(line.id, Decimal(0)))
    return {vat: amount - kept.get(vat, ZERO) for vat, amount in paid.items()}


def newest_first(
    advances: Sequence[Standing], amounts: Mapping[VatRate, Decimal], ordered: tuple[DraftLine, ...] = ()
) -> list[OfAdvance]:
    """The corrections that take ``amounts`` off the advances (given oldest first), the first with the goods ``ordered``."""
    left = {vat: max(amount, ZERO) for vat, amount in amounts.items()}
    found: list[OfAdvance] = []
    for one in reversed(advances):
        part = {row.vat: min(left.get(row.vat, ZERO), row.gross) for row in one.vat_rows}
        made = less_of(one, part, () if found else ordered)
        if made.changes:
            found.append(made)
            for vat, amount in part.items():
                left[vat] = left.get(vat, ZERO) - max(amount, ZERO)
    return found


def goods_back(goods: Standing, changes: Sequence[LineChange]) -> tuple[DraftLine, ...]:
    """What came back, as the correction of an advance shows it."""
    known: dict[str, StandingLine] = {line.id: line for line in goods.lines}
    return tuple(
        DraftLine(
            sku=known[change.line].sku,
            name=known[change.line].name,
            quantity=change.back,
            price=known[change.line].price,
            vat=known[change.line].vat,
            unit=known[change.line].unit,
            source_line=change.line,
        )
        for change in changes
        if change.back
    )


def _less(row: VatRow, part: VatRow) -> VatRow:
    return VatRow(row.vat, row.net - part.net, row.tax - part.tax, row.gross - part.gross)


def _plus(row: VatRow, more: VatRow) -> VatRow:
    return VatRow(row.vat, row.net + more.net, row.tax + more.tax, row.gross + more.gross)
