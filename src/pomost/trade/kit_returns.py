"""Kits that were sold as their components and come back: whole kits become components, of parts a person decides. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from pomost.trade.corrections import Returned, Standing, StandingLine, matches
from pomost.trade.errors import Refused
from pomost.trade.kits import InKit, in_kit
from pomost.trade.quantity import QUANTITY_DECIMALS

_Line = tuple[Standing, StandingLine, InKit]


def whole_kits(returned: Iterable[Returned], standings: Sequence[Standing]) -> list[Returned]:
    """``returned`` with each kit replaced by its components, as the documents have them.

    Raises Refused ``trade.return-part-of-kit`` for less than a whole kit: which share of the price it had nobody agreed on.
    """
    sold = [
        (one, line, found)
        for one in standings
        for line in one.lines
        if (found := in_kit(line.order_line, line.sku)) is not None
    ]
    pieces: list[Returned] = []
    for piece in returned:
        if not sold or any(matches(piece, line) for one in standings for line in one.lines):
            pieces.append(piece)
            continue
        kit = [each for each in sold if _is_of(piece, each[2])]
        if kit and (not piece.sku or piece.sku == kit[0][2].kit):
            pieces += _components(piece, kit)
        elif part := kit or [each for each in sold if not piece.order_line and each[1].sku == piece.sku]:
            raise _part(piece, part)
        else:
            pieces.append(piece)
    return pieces


def _is_of(piece: Returned, found: InKit) -> bool:
    if piece.order_line and found.order_line:
        return piece.order_line == found.order_line
    return piece.sku == found.kit


def _components(piece: Returned, kit: Sequence[_Line]) -> list[Returned]:
    first = kit[0][2]
    inside = {
        line.order_line: (line.sku, found.each)
        for _, line, found in kit
        if found.order_line == first.order_line
    }
    pieces = []
    for mark, (sku, each) in inside.items():
        steps = Fraction(piece.quantity) * each * 10**QUANTITY_DECIMALS
        if piece.quantity != piece.quantity.to_integral_value() or steps.denominator != 1:
            raise _part(piece, kit)
        pieces.append(
            replace(
                piece,
                id=f"{piece.id}/{sku}",
                sku=sku,
                order_line=mark,
                quantity=Decimal(int(steps)).scaleb(-QUANTITY_DECIMALS),
                of=piece.id,
                kit=first.kit,
            )
        )
    return pieces


def _part(piece: Returned, lines: Sequence[_Line]) -> Refused:
    where = ", ".join(f"{line.quantity} {line.sku} on {one.number}" for one, line, _ in lines)
    kits = ", ".join(dict.fromkeys(found.kit for _, _, found in lines))
    return Refused(
        "trade.return-part-of-kit",
        f"{piece.quantity} of {piece.sku or piece.id} came back, which is a part of the kit {kits}; it was sold as {where}.",
        "Agree on the price of the part, correct these lines by hand, and skip the step.",
        sku=piece.sku,
    )
