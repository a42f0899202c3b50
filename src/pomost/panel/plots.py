"""Plots as SVG, made here: nothing is drawn in the browser. Pure.

Each is an image with a <title> and a <desc> that tells every value, for readers of screens; colours are classes of panel.css
(``p1`` ... ``p8``). Values may be below zero or missing (None). Labels of the axis are thinned out until none touches another.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal

from markupsafe import Markup, escape

Number = Decimal | int | float
Values = Sequence[Number | None]
WIDTH, HEIGHT = 760, 280
TOP, BOTTOM, RIGHT = 14, 30, 12
_SIGN = 6.3
"""Width of a sign of a label, at most, where the letters are 11 px high."""
_LINE = 16
_COLOURS = 8
_TOLD = 120


def grouped(value: Number) -> str:
    """A number with its thousands parted by a no-break space, and no idle zeros."""
    said = f"{Decimal(str(value)):,f}"
    if "." in said:
        said = said.rstrip("0").rstrip(".")
    said = "0" if said in ("-0", "") else said
    return said.replace(",", "\N{NO-BREAK SPACE}").replace(".", ",")


Say = Callable[[Number], str]


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Round numbers from ``low`` or below to ``high`` or above, zero among them."""
    low, high = min(low, 0.0), max(high, 0.0)
    if low == high:
        high = 1.0
    rough = (high - low) / (most - 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * nice for nice in (1, 2, 2.5, 5, 10) if power * nice >= rough * 0.999999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(index * step, 10) for index in range(first, last + 1)]


def bars(
    series: Mapping[str, Values],
    labels: Sequence[str],
    *,
    title: str,
    unit: str = "",
    stacked: bool = False,
    say: Say = grouped,
) -> Markup:
    """Upright bars, side by side or (``stacked``) one upon the other; ``series``: name -> a value for each label."""
    if stacked:
        heights = [_reach([_at(values, index) for values in series.values()]) for index in range(len(labels))]
        reach = [edge for pair in heights for edge in pair]
    else:
        reach = [value for values in series.values() for value in map(_float, values)]
    frame = _Frame(series, labels, reach, say)
    drawn = []
    slot = frame.slot
    for index, label in enumerate(labels):
        up = down = 0.0
        for order, (name, values) in enumerate(series.items()):
            value = _at(values, index)
            if not value:
                continue
            if stacked:
                base = up if value > 0 else down
                up, down = (up + value, down) if value > 0 else (up, down + value)
                left, width = frame.x(index) - slot * 0.36, slot * 0.72
            else:
                base, width = 0.0, slot * 0.72 / len(series)
                left = frame.x(index) - slot * 0.36 + order * width
            y = sorted((frame.y(base), frame.y(base + value)))
            drawn.append(
                f'<rect class="{_colour(order)}" x="{left:.1f}" y="{y[0]:.1f}" width="{max(width - 0.5, 0.5):.1f}" '
                f'height="{max(y[1] - y[0], 0.5):.1f}"><title>{_told(label, name, value, unit, say, len(series))}</title></rect>'
            )
    return frame.picture(title, unit, "".join(drawn))


def lines(
    series: Mapping[str, Values], labels: Sequence[str], *, title: str, unit: str = "", say: Say = grouped
) -> Markup:
    """One line for each of ``series``; where a value is missing the line is broken."""
    reach = [value for values in series.values() for value in map(_float, values)]
    frame = _Frame(series, labels, reach, say)
    drawn = []
    for order, (name, values) in enumerate(series.items()):
        points = [
            None if (value := values[index] if index < len(values) else None) is None
            else (frame.x(index), frame.y(float(value)))
            for index in range(len(labels))
        ]  # fmt: skip
        drawn += [
            f'<polyline class="line {_colour(order)}" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in run)}"/>'
            for run in _runs(points)
            if len(run) > 1
        ]
        alone = {run[0] for run in _runs(points) if len(run) == 1}
        for index, point in enumerate(points):
            if point is not None and (len(labels) <= 62 or point in alone):
                told = _told(labels[index], name, float(values[index] or 0), unit, say, len(series))
                drawn.append(
                    f'<circle class="{_colour(order)}" cx="{point[0]:.1f}" cy="{point[1]:.1f}" r="2.5">'
                    f"<title>{told}</title></circle>"
                )
    return frame.picture(title, unit, "".join(drawn))


def ranks(
    series: Mapping[str, Values], labels: Sequence[str], *, title: str, unit: str = "", say: Say = grouped
) -> Markup:
    """Lying bars, one below the other: for names that are longer than a bar is wide."""
    count, kinds = len(labels), max(len(series), 1)
    shown = [_short(label, 28) for label in labels]
    left = 12 + max((len(label) for label in shown), default=0) * _SIGN
    legend = _legend(list(series), 8) if len(series) > 1 else ([], 0.0)
    row = 12 * kinds + 8
    bottom = TOP + legend[1] + max(count, 1) * row
    marks = ticks(*_reach_of(value for values in series.values() for value in map(_float, values)), most=5)
    low, high = marks[0], marks[-1]
    right = WIDTH - RIGHT - len(say(_clean(high))) * _SIGN / 2

    def x(value: float) -> float:
        return left + (value - low) / (high - low) * (right - left)

    drawn = []
    last = -1e9
    for mark in marks:
        said = say(_clean(mark))
        drawn.append(_grid(x(mark), TOP + legend[1] - 4, x(mark), bottom, mark == 0))
        if x(mark) - last >= len(said) * _SIGN + 8:
            drawn.append(_text(x(mark), bottom + 16, said, "middle"))
            last = x(mark)
    for index, label in enumerate(labels):
        top = TOP + legend[1] + index * row
        drawn.append(_text(left - 6, top + 6 * kinds + 4, shown[index], "end"))
        for order, (name, values) in enumerate(series.items()):
            value = _at(values, index)
            if value:
                edges = sorted((x(0), x(value)))
                drawn.append(
                    f'<rect class="{_colour(order)}" x="{edges[0]:.1f}" y="{top + 12 * order:.1f}" '
                    f'width="{max(edges[1] - edges[0], 0.5):.1f}" height="11">'
                    f"<title>{_told(label, name, value, unit, say, len(series))}</title></rect>"
                )
    desc = _desc(series, labels, unit, say)
    return _picture(title, desc, bottom + BOTTOM, "".join((*legend[0], *drawn)))


class _Frame:
    """Axes, and where a value stands among them."""

    def __init__(
        self, series: Mapping[str, Values], labels: Sequence[str], reach: Sequence[float], say: Say
    ) -> None:
        self.series, self.labels, self.say = series, labels, say
        self.marks = ticks(*_reach_of(reach))
        self.said = [say(_clean(mark)) for mark in self.marks]
        self.left = 10 + max(len(one) for one in self.said) * _SIGN
        self.legend, tall = _legend(list(series), self.left) if len(series) > 1 else ([], 0.0)
        self.top, self.bottom = TOP + tall, HEIGHT + tall - BOTTOM
        self.right = WIDTH - RIGHT

    @property
    def slot(self) -> float:
        return (self.right - self.left) / max(len(self.labels), 1)

    def x(self, index: int) -> float:
        return self.left + (index + 0.5) * self.slot

    def y(self, value: float) -> float:
        low, high = self.marks[0], self.marks[-1]
        return self.bottom - (value - low) / (high - low) * (self.bottom - self.top)

    def picture(self, title: str, unit: str, drawn: str) -> Markup:
        parts = list(self.legend)
        for mark, said in zip(self.marks, self.said, strict=True):
            y = self.y(mark)
            parts += [_grid(self.left, y, self.right, y, mark == 0), _text(self.left - 5, y + 4, said, "end")]
        parts.append(drawn)
        parts += self._labels()
        desc = _desc(self.series, self.labels, unit, self.say)
        return _picture(title, desc, self.bottom + BOTTOM, "".join(parts))

    def _labels(self) -> list[str]:
        """As many labels as fit side by side, evenly apart; the first is always among them."""
        shown = [_short(label, 22) for label in self.labels]
        wide = max((len(label) for label in shown), default=1) * _SIGN + 10
        every = max(1, math.ceil(wide / self.slot))
        parts = []
        for index in range(0, len(shown), every):
            half = len(shown[index]) * _SIGN / 2
            # those at the edges stay within the picture
            x = min(max(self.x(index), half + 2), WIDTH - half - 2)
            parts.append(_text(x, self.bottom + 18, shown[index], "middle"))
        return parts


def _picture(title: str, desc: str, height: float, inner: str) -> Markup:
    return Markup(
        f'<svg class="plot" role="img" viewBox="0 0 {WIDTH} {height:.0f}" xmlns="http://www.w3.org/2000/svg">'
        f"<title>{escape(title)}</title><desc>{escape(desc)}</desc>{inner}</svg>"
    )


def _desc(series: Mapping[str, Values], labels: Sequence[str], unit: str, say: Say) -> str:
    told = []
    for index, label in enumerate(labels[:_TOLD]):
        said = [
            f"{name} {say(value)}" if len(series) > 1 else say(value)
            for name, values in series.items()
            if (value := values[index] if index < len(values) else None) is not None
        ]
        told.append(f"{label}: {', '.join(said) or '–'}{' ' + unit if unit else ''}")
    return "; ".join(told) + ("; …" if len(labels) > _TOLD else "")


def _told(label: str, name: str, value: float, unit: str, say: Say, kinds: int) -> str:
    what = f"{label}, {name}" if kinds > 1 else label
    return str(escape(f"{what}: {say(_clean(value))}{' ' + unit if unit else ''}"))


def _legend(names: Sequence[str], left: float) -> tuple[list[str], float]:
    """Names of the series with their colours, in as many rows as they need; and how tall that is."""
    parts: list[str] = []
    x, y = left, 12.0
    for order, name in enumerate(names):
        wide = 18 + len(name) * _SIGN + 14
        if x + wide > WIDTH and x > left:
            x, y = left, y + _LINE
        parts.append(f'<rect class="{_colour(order)}" x="{x:.1f}" y="{y - 9:.1f}" width="11" height="11"/>')
        parts.append(_text(x + 16, y, name, "start"))
        x += wide
    return parts, y + 6


def _text(x: float, y: float, said: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(said)}</text>'


def _grid(x1: float, y1: float, x2: float, y2: float, zero: bool) -> str:
    kind = "axis" if zero else "grid-line"
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _colour(order: int) -> str:
    return f"p{order % _COLOURS + 1}"


def _short(label: str, most: int) -> str:
    return label if len(label) <= most else label[: most - 1] + "…"


def _float(value: Number | None) -> float:
    return float(value) if value is not None else 0.0


def _at(values: Values, index: int) -> float:
    return _float(values[index]) if index < len(values) else 0.0


def _clean(value: float) -> Number:
    """Without what floats add behind the last digit that means something."""
    return Decimal(f"{value:.10g}")


def _reach(values: Sequence[float]) -> tuple[float, float]:
    return sum(value for value in values if value < 0), sum(value for value in values if value > 0)


def _reach_of(values: Iterable[float]) -> tuple[float, float]:
    found = list(values)
    return (min(found), max(found)) if found else (0.0, 0.0)


def _runs(points: Sequence[tuple[float, float] | None]) -> list[list[tuple[float, float]]]:
    runs: list[list[tuple[float, float]]] = []
    before: tuple[float, float] | None = None
    for point in points:
        if point is not None:
            if before is None:
                runs.append([])
            runs[-1].append(point)
        before = point
    return runs
