"""From a return to the draft of a correction, by the rules of its flow. Pure: what may be corrected is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from pomost.config.flow import Flow, Rules, Step
from pomost.flows.files import ADVANCE
from pomost.flows.lowering import Prices, check_not_of_advances, merged, new_prices, with_lowered
from pomost.flows.returns import DELIVERY, REASON
from pomost.ports import NeedsPerson
from pomost.store.cases import Case
from pomost.store.steps import StepRecord
from pomost.trade.advance_returns import (
    OfAdvance,
    excess,
    goods_back,
    goods_of_advances,
    less_of,
    newest_first,
)
from pomost.trade.corrections import Returned, Share, Standing, allot, matches
from pomost.trade.documents import CORRECTED_BY, KINDS, CorrectionAsked, Draft, LineChange
from pomost.trade.errors import Refused
from pomost.trade.kit_returns import whole_kits
from pomost.trade.order import Order, OrderLine
from pomost.trade.vat import VatRate

WARSAW = ZoneInfo("Europe/Warsaw")


@dataclass(frozen=True, slots=True)
class Planned:
    """The corrections that a step has still to make, one document each."""

    shares: tuple[Share, ...]
    delivery: Mapping[str, tuple[LineChange, ...]]
    pieces: tuple[Returned, ...] = ()
    """What of the return is still to be corrected by the step, kits as their components."""
    advances: tuple[OfAdvance, ...] = ()
    """After the shares: the corrections of advance invoices that bear a part of it."""
    prices: Prices = field(default_factory=dict)
    """The prices to which documents are lowered because more was paid back than goods came back for."""

    @property
    def nothing(self) -> bool:
        return not self.shares and not self.advances

    def changes(self, share: Share) -> tuple[LineChange, ...]:
        """What the correction changes; delivery and lower prices go with the last correction of its document."""
        last = [one for one in self.shares if one.standing.id == share.standing.id][-1]
        if share is not last:
            return share.changes
        delivery = self.delivery.get(share.standing.id, ())
        return merged((*share.changes, *delivery), self.prices.get(share.standing.id, {}))


def planned(
    flow: Flow, step: Step, order: Order, done: Mapping[str, StepRecord], standings: Sequence[Standing]
) -> Planned:
    """What ``step`` has still to correct for the return ``order``; nothing where its goods never left.

    ``standings``: all documents of the order that the goods were bought on. Raises NeedsPerson
    ``flow.return-without-order``, ``flow.return-order-unknown``, ``trade.return-line-unknown``,
    ``trade.return-more-than-left``, ``trade.return-part-of-kit``, ``trade.return-before-final``, and what lowering prices may
    raise (``trade.lower-...``).
    """
    who = f"Return {order.number}"
    if not order.of_order:
        raise NeedsPerson(
            "flow.return-without-order",
            f"{who} names no order, so it is not known what was bought.",
            "Link it to its order in the channel, or correct the document by hand and skip the step.",
        )
    if not standings:
        raise NeedsPerson(
            "flow.return-order-unknown",
            f"{who}: the ERP has no sale of order {order.of_order} in force.",
            "Look whether the order was sold elsewhere or its documents were cancelled; then correct or skip the step.",
        )
    corrected = {KINDS[kind].corrects for kind in step.kinds}
    own = [one for one in standings if one.kind in corrected]
    if not own and "WZ" in corrected:
        return Planned((), {})
    advances = [one for one in standings if one.kind == ADVANCE]
    goods = goods_of_advances(standings) if not own else None
    if goods is not None:
        own = [goods]
    try:
        pieces = goods_of(step, pieces_of(step, order, done, flow.rules, own), standings)
        shares = allot(pieces, own, order.of_order)
        delivery = {} if DELIVERY in order.extra else _delivery(flow.rules, own, shares)
        if goods is not None:
            changes = _all_changes(shares, delivery)
            begun = any(name.split("#")[0] == step.id for name in done if done[name].state == "done")
            # once the first correction took the goods off, the rest would look like money alone
            if not begun:
                check_not_of_advances(order, goods, changes)
            amounts = excess(advances, goods, changes) if changes or begun else {}
            of_advances = newest_first(advances, amounts, goods_back(goods, changes))
            return Planned((), {}, tuple(pieces), tuple(of_advances))
        all_of = {
            one.id: _all_changes([each for each in shares if each.standing.id == one.id], delivery)
            for one in own
        }
        prices = new_prices(order, flow.rules, step, done, own, all_of)
    except Refused as refusal:
        raise NeedsPerson(
            refusal.code, f"{who}: {refusal.text}", refusal.advice, **refusal.facts
        ) from refusal
    given_back = _given_back(step, done)
    of_advances = [less_of(one, given_back[one.id]) for one in reversed(advances) if one.id in given_back]
    return Planned(
        with_lowered(shares, own, prices, order),
        delivery,
        tuple(pieces),
        tuple(one for one in of_advances if one.changes),
        prices,
    )


def _all_changes(
    shares: Sequence[Share], delivery: Mapping[str, tuple[LineChange, ...]]
) -> tuple[LineChange, ...]:
    return tuple(
        change for share in shares for change in (*share.changes, *delivery.get(share.standing.id, ()))
    )


def _given_back(step: Step, done: Mapping[str, StepRecord]) -> dict[str, dict[VatRate, Decimal]]:
    """Advance -> what the step's corrections of final invoices gave back to it, where it was not corrected since."""
    found: dict[str, dict[VatRate, Decimal]] = {}
    for name, record in done.items():
        if name.split("#")[0] != step.id or record.state != "done":
            continue
        for advance, rows in record.result.get("given_back", {}).items():
            known = found.setdefault(advance, {})
            for code, amount in rows.items():
                known[VatRate.of(code)] = known.get(VatRate.of(code), Decimal(0)) + Decimal(amount)
        found.pop(str(record.result.get("of_id", "")), None)
    return found


def correction_draft(
    flow: Flow,
    step: Step,
    case: Case,
    share: Share,
    changes: tuple[LineChange, ...],
    *,
    key: str,
    today: date,
) -> Draft:
    """The draft that corrects the document of ``share``.

    The day of agreement is the day on which the buyer declared the return; its paper is the return itself.
    """
    order = case.order
    assert order is not None
    reasons = dict.fromkeys(line.reason for line in order.lines if line.id in share.ids and line.reason)
    return Draft(
        kind=CORRECTED_BY[share.standing.kind],
        company=flow.company,
        key=key,
        issued_on=today,
        warehouse=share.place,
        series=step.series,
        sources=(share.standing.id,),
        attributes={"RETURN_ID": order.id, "ORDER_ID": order.of_order},
        correction=CorrectionAsked(
            changes=changes,
            reason="; ".join(reasons) or order.extra.get(REASON, "") or flow.rules.return_reason,
            agreed_on=order.confirmed_at.astimezone(WARSAW).date() if order.confirmed_at else None,
            agreement=f"Zwrot {order.number}",
            follows=share.standing.corrections,
        ),
    )


def advance_correction_draft(
    flow: Flow, step: Step, case: Case, share: OfAdvance, *, key: str, today: date
) -> Draft:
    """The draft that corrects an advance invoice by its part of a return."""
    whole = Share(share.standing, "", (), tuple(line.id for line in case.order.lines) if case.order else ())
    draft = correction_draft(flow, step, case, whole, share.changes, key=key, today=today)
    return replace(draft, kind="FSK", ordered=share.ordered)


def place_of(line: OrderLine, rules: Rules) -> str:
    """The warehouse that a returned line goes to; empty is the one it left from."""
    if rules.damaged_warehouse and line.reason in rules.damaged_reasons:
        return rules.damaged_warehouse
    return rules.return_warehouse


def pieces_of(
    step: Step,
    order: Order,
    done: Mapping[str, StepRecord],
    rules: Rules,
    standings: Sequence[Standing],
) -> list[Returned]:
    """What of the return ``step`` has not corrected yet; kits as the components that ``standings`` have of them.

    Raises Refused ``trade.return-part-of-kit``.
    """
    pieces = [
        Returned(
            line.id,
            rules.aliases.get(line.sku, line.sku),
            line.of_line,
            line.quantity,
            place_of(line, rules),
        )
        for line in order.lines
        if line.quantity
    ]
    pieces = whole_kits(pieces, standings)
    pieces += _told_delivery(order, rules, standings)
    for name, record in done.items():
        if name.split("#")[0] == step.id and record.state == "done" and "left" in record.result:
            left = {line_id: Decimal(text) for line_id, text in record.result["left"].items()}
            pieces = [replace(piece, quantity=left[piece.id]) for piece in pieces if piece.id in left]
    return pieces


def _told_delivery(order: Order, rules: Rules, standings: Sequence[Standing]) -> list[Returned]:
    """The delivery that the channel itself says is paid back, which is all of it."""
    if not Decimal(order.extra.get(DELIVERY) or 0):
        return []
    there = sum(
        (line.quantity for one in standings for line in one.lines if line.sku == rules.delivery_sku),
        Decimal(0),
    )
    return [Returned(DELIVERY, rules.delivery_sku, "", there, rules.return_warehouse)] if there else []


def goods_of(step: Step, pieces: Sequence[Returned], standings: Sequence[Standing]) -> list[Returned]:
    """The pieces that ``step`` corrects: services (fees, delivery) were on no goods issue, so none takes them back."""
    kinds = {KINDS[kind].corrects for kind in step.kinds}
    if "WZ" not in kinds:
        return list(pieces)
    lines = [(one.kind in kinds, line) for one in standings for line in one.lines]
    return [
        piece
        for piece in pieces
        if any(own and matches(piece, line) for own, line in lines)
        or not any(line.service and matches(piece, line) for _, line in lines)
    ]


def _delivery(
    rules: Rules, standings: Sequence[Standing], shares: Sequence[Share]
) -> dict[str, tuple[LineChange, ...]]:
    """The delivery lines of documents of which nothing else is kept."""
    if rules.return_delivery == "never":
        return {}
    back: dict[str, Decimal] = {}
    for share in shares:
        for change in share.changes:
            back[change.line] = back.get(change.line, Decimal(0)) + change.back
    kept = any(
        line.quantity > back.get(line.id, Decimal(0))
        for one in standings
        for line in one.lines
        if line.sku != rules.delivery_sku and line.price > 0
    )
    if kept:
        return {}
    return {
        one.id: tuple(
            LineChange(line.id, line.quantity)
            for line in one.lines
            if line.sku == rules.delivery_sku and line.quantity
        )
        for one in {share.standing.id: share.standing for share in shares}.values()
    }
