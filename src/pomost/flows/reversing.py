"""Taking an advance invoice back when its order is cancelled: a correction to zero, and money to be paid back.

An advance that the buyer has is no longer only ours to cancel. It is corrected, and the tax base goes down with the money
paid back (VAT Act, art. 29a sec. 10(3)); the FSK names the reason, the day and the paper (art. 29a sec. 13-14).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from pomost.ports import Erp, Json
from pomost.trade.cancelling import Decision
from pomost.trade.documents import CorrectionAsked, Document, Draft, LineChange


def settled_before(erp: Erp, document: Document, decision: Decision) -> Decision:
    """The decision, where nothing is left of the advance: then it was corrected to zero already."""
    if decision.undoing != "reverse":
        return decision
    if sum((one.gross for one in erp.advances(document.company, [document.id])), Decimal(0)):
        return decision
    return Decision("nothing", "it was corrected to zero before")


def reverse(erp: Erp, one: Json, *, order: str, day: date, reason: str) -> Document:
    """The FSK that takes the advance to zero, or the one that a run before this one made. Raises InDoubt.

    ``one``: the document as it was found, with the lines that are taken back.
    """
    key = f"{one['key']}~reversed"
    made = erp.find(str(one["company"]), key)
    if made is not None:
        return made
    return erp.issue(
        Draft(
            kind="FSK",
            company=str(one["company"]),
            key=key,
            issued_on=day,
            sources=(str(one["id"]),),
            correction=CorrectionAsked(
                tuple(LineChange(str(line), Decimal(back)) for line, back in one["lines"].items()),
                reason=reason,
                agreed_on=day,
                agreement=f"Anulowanie zamówienia {order}",
            ),
        )
    )
