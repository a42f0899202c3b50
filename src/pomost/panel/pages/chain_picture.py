"""The chain of a document as an SVG: where its boxes and arrows lie."""

from __future__ import annotations

from dataclasses import dataclass

from pomost.ledger.reading.chain import Chain, ChainBox

WIDTH, HEIGHT = 190, 62
ACROSS, DOWN = 56, 18
EDGE = 6
_HEAD = 7


@dataclass(frozen=True, slots=True)
class Box:
    x: int
    y: int
    box: ChainBox
    own: bool


@dataclass(frozen=True, slots=True)
class Arrow:
    """``path`` and ``head`` are what an SVG draws; ``kind`` its class."""

    path: str
    head: str
    kind: str


@dataclass(frozen=True, slots=True)
class Picture:
    """``width`` and ``height`` in pixels."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


def picture_of(chain: Chain, own_id: int) -> Picture:
    """Boxes from left to right as one was made from another; columns with fewer boxes stand in the middle."""
    in_column: dict[int, int] = {}
    for one in chain.boxes:
        in_column[one.column] = max(in_column.get(one.column, 0), one.row + 1)
    height = chain.rows * (HEIGHT + DOWN) - DOWN
    places = {}
    for one in chain.boxes:
        column = in_column[one.column] * (HEIGHT + DOWN) - DOWN
        x = EDGE + one.column * (WIDTH + ACROSS)
        y = EDGE + (height - column) // 2 + one.row * (HEIGHT + DOWN)
        places[one.id] = Box(x, y, one, one.id == own_id)
    arrows = []
    for link in chain.links:
        source, target = places[link.source], places[link.target]
        x1, y1 = source.x + WIDTH, source.y + HEIGHT // 2
        x2, y2 = target.x - _HEAD, target.y + HEIGHT // 2
        bend = max((x2 - x1) // 2, 12)
        arrows.append(
            Arrow(
                f"M{x1} {y1}C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}",
                f"M{x2} {y2 - 5}L{x2 + _HEAD} {y2}L{x2} {y2 + 5}Z",
                link.how if link.active else f"{link.how} past",
            )
        )
    width = chain.columns * (WIDTH + ACROSS) - ACROSS
    return Picture(width + 2 * EDGE, height + 2 * EDGE, tuple(places.values()), tuple(arrows))
