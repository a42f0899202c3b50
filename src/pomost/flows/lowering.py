"""Money that was paid back beyond the goods: which prices of the sale it lowers. Pure.

A return may say how much was paid back in all (``AMOUNT`` among its ``extra``), and of lines by how much what is kept became
cheaper. The rest is spread over what is still left of the sale's documents, as they stand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from pomost.config.flow import Rules, Step
from pomost.flows.returns import AMOUNT
from pomost.ports import Json
from pomost.store.cases import Case
from pomost.store.steps import StepRecord
from pomost.trade.corrections import Returned, Share, Standing, matches
from pomost.trade.documents import Document, LineChange
from pomost.trade.edits import SPREAD
from pomost.trade.errors import Refused
from pomost.trade.lowering import Kept, lower, lowered_price, over_lines
from pomost.trade.money import line_value
from pomost.trade.order import Order, OrderLine

DECIDE = "money"
"""The name under which a person decides that a return was settled otherwise (money for no goods, or what no rule divides): what
is skipped is not corrected."""
ZERO = Decimal(0)
CENT = Decimal("0.01")
Prices = Mapping[str, Mapping[str, Decimal]]
"""Document -> line -> its new price."""


def is_asked(case: Case, done: Mapping[str, StepRecord]) -> bool:
    """Whether a person has still to decide what the money was for."""
    record = done.get(DECIDE)
    return bool(case.problem) and not case.edits.get(SPREAD) and (record is None or record.state != "skipped")


def is_settled_by_hand(case: Case) -> bool:
    """Whether the return waited for a person who did not have it spread: together with not ``is_asked``."""
    return bool(case.problem) and not case.edits.get(SPREAD)


def told(order: Order) -> Decimal | None:
    """What was paid back in all; None where the return says it by its lines alone."""
    text = order.extra.get(AMOUNT)
    return None if text is None else Decimal(text)


def tolerance(order: Order) -> Decimal:
    """Shops round each line that they pay back by itself; so little is no lower price."""
    return CENT * sum(1 for line in order.lines if line.quantity)


def lowered_so_far(step: Step, done: Mapping[str, StepRecord]) -> Decimal:
    """By how much the step's corrections lowered the sale already, goods that came back among it."""
    return sum((Decimal(str(one.result.get("lowered", 0))) for one in _own(step, done)), ZERO)


def result_of(order: Order, step: Step, done: Mapping[str, StepRecord], made: Document) -> Json:
    """What a correction remembers of it, and whether another document has to bear a part still."""
    asked = told(order)
    if asked is None or not _is_sale(made.kind):
        return {}
    result: Json = {"lowered": str(-made.whole_gross)}
    if asked - lowered_so_far(step, done) + made.whole_gross > tolerance(order):
        result |= {"rest": True, "left": {}}
    return result


def new_prices(
    order: Order,
    rules: Rules,
    step: Step,
    done: Mapping[str, StepRecord],
    own: Sequence[Standing],
    changes: Mapping[str, Sequence[LineChange]],
) -> Prices:
    """The prices to which the documents ``own`` are lowered, beside what comes back by ``changes`` (by document).

    Raises Refused ``trade.lower-more-than-left``, ``trade.lower-uneven``, ``trade.lower-nothing``, ``trade.lower-net``,
    ``trade.lower-currency``, ``trade.lower-several-documents``.
    """
    amount = told(order)
    if amount is None or not all(_is_sale(one.kind) for one in own):
        return {}
    finished = {str(one.result.get("of", "")) for one in _own(step, done)}
    open_ = [one for one in own if one.number not in finished or changes.get(one.id)]
    kept = {(one.document, one.line): one for each in open_ for one in _kept(each, changes.get(each.id, ()))}
    before = dict(kept)
    named = _named(order, rules, own, kept)
    for key, less in named.items():
        kept[key] = replace(kept[key], value=kept[key].value - less)
    back = sum((_back(one, changes.get(one.id, ())) for one in open_), ZERO)
    rest = amount - lowered_so_far(step, done) - back - sum(named.values(), ZERO)
    if rest > tolerance(order):
        services = {
            (one.id, line.id) for one in open_ for line in one.lines if line.sku == rules.delivery_sku
        }
        bearing = [one for key, one in kept.items() if rules.lower_delivery or key not in services]
        for one, less in zip(bearing, lower(rest, bearing), strict=True):
            kept[one.document, one.line] = replace(one, value=one.value - less)
    found: dict[str, dict[str, Decimal]] = {}
    for key, now in kept.items():
        if now.value != before[key].value:
            less = before[key].value - now.value
            found.setdefault(now.document, {})[now.line] = lowered_price(before[key], less)
    if found:
        _check_kind_of_money(order, [one for one in own if one.id in found])
    return found


def check_not_of_advances(order: Order, goods: Standing, changes: Sequence[LineChange]) -> None:
    """Raises Refused ``trade.lower-advances`` where prices of a sale without a final invoice would be lowered."""
    amount = told(order)
    if amount is not None and amount - _back(goods, changes) > tolerance(order):
        raise Refused(
            "trade.lower-advances",
            f"{amount} was paid back, and of the sale there are advance invoices only ({goods.number}).",
            "Correct the advance invoices by hand and skip the return.",
        )


def with_lowered(
    shares: Sequence[Share], own: Sequence[Standing], prices: Prices, order: Order
) -> tuple[Share, ...]:
    """The shares, with one for each document of which nothing comes back and whose prices are lowered."""
    there = {share.standing.id for share in shares}
    ids = tuple(line.id for line in order.lines)
    more = [Share(one, "", (), ids) for one in own if one.id in prices and one.id not in there]
    return (*shares, *more)


def merged(changes: Sequence[LineChange], prices: Mapping[str, Decimal]) -> tuple[LineChange, ...]:
    """One change for each line: pieces that come back and the price of those that stay."""
    back: dict[str, Decimal] = {}
    for change in changes:
        back[change.line] = back.get(change.line, ZERO) + change.back
    return tuple(
        LineChange(line, back.get(line, ZERO), prices.get(line)) for line in dict.fromkeys((*back, *prices))
    )


def _own(step: Step, done: Mapping[str, StepRecord]) -> list[StepRecord]:
    return [one for name, one in done.items() if name.split("#")[0] == step.id and one.state == "done"]


def _is_sale(kind: str) -> bool:
    return kind in ("FS", "PA", "FSK", "PAK")


def _kept(of: Standing, changes: Sequence[LineChange]) -> list[Kept]:
    back: dict[str, Decimal] = {}
    for change in changes:
        back[change.line] = back.get(change.line, ZERO) + change.back
    found = []
    for line in of.lines:
        quantity = line.quantity - back.get(line.id, ZERO)
        if quantity > 0:
            value = line_value(line.price, quantity) if back.get(line.id) else line.value
            found.append(Kept(of.id, line.id, line.vat, quantity, value))
    return found


def _back(of: Standing, changes: Sequence[LineChange]) -> Decimal:
    """What the goods that come back are worth, as they stand."""
    kept = {one.line: one.value for one in _kept(of, changes)}
    touched = {change.line for change in changes}
    return sum((line.value - kept.get(line.id, ZERO) for line in of.lines if line.id in touched), ZERO)


def _named(
    order: Order, rules: Rules, own: Sequence[Standing], kept: Mapping[tuple[str, str], Kept]
) -> dict[tuple[str, str], Decimal]:
    """What the channel says of lines itself: what is kept of them bears it."""
    found: dict[tuple[str, str], Decimal] = {}
    for line in order.lines:
        if not line.cheaper:
            continue
        piece = _piece(line, rules)
        there = [(one.id, each.id) for one in own for each in one.lines if matches(piece, each)]
        if len({document for document, _ in there}) > 1:
            raise Refused(
                "trade.lower-several-documents",
                f"{line.sku or line.name} became cheaper by {line.cheaper}, and it was sold on several documents.",
                "Correct by hand the one that it is for, and skip the return.",
            )
        if there and not any(key in kept for key in there):
            # its document was corrected by this step before, or nothing of it is kept
            continue
        bearing = [
            replace(kept[key], value=kept[key].value - found.get(key, ZERO)) for key in there if key in kept
        ]
        for one, less in zip(bearing, over_lines(line.cheaper, bearing), strict=True):
            found[one.document, one.line] = found.get((one.document, one.line), ZERO) + less
    return found


def _piece(line: OrderLine, rules: Rules) -> Returned:
    return Returned(line.id, rules.aliases.get(line.sku, line.sku), line.of_line, Decimal(1))


def _check_kind_of_money(order: Order, own: Sequence[Standing]) -> None:
    for one in own:
        if one.basis != "gross":
            raise Refused(
                "trade.lower-net",
                f"The prices of {one.number} are net, and what was paid back is gross.",
                "Correct the document by hand and skip the return.",
            )
        if one.currency and order.currency and one.currency != order.currency:
            raise Refused(
                "trade.lower-currency",
                f"{order.currency} was paid back, and {one.number} is in {one.currency}.",
                "Look at the refund in the channel; correct the document by hand and skip the return.",
            )
