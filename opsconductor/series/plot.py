"""Plots of series as SVG: a line, the band of expected values, and a mark; for pages and e-mail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from typing import Final

from opsconductor.model.measured.quantity import digits_of, scale_of

WIDTH, HEIGHT = 640, 200
LEFT, RIGHT, TOP, BOTTOM = 84, 12, 12, 28
TICKS: Final = 4
LEAST_SPAN: Final = 1e-9
FONTS: Final = "DejaVu Sans, Liberation Sans, Arial, sans-serif"
"""A generic family alone names none on most servers, where plots are drawn for messages."""
INK, LINE, BAND, MARK, GRID = "#44505c", "#1769aa", "#dbe9f5", "#c62828", "#e3e7eb"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """What to draw; times in seconds since 1970.

    Attributes:
        band: Lowest and highest expected value; None: no band.
        banded: Begin and end of the band; None: all the time.
        span: Begin and end of what is marked; an end of None: it lasts.
        limit: A limit that is drawn as a line; None: there is none.
    """

    title: str
    times: Sequence[float]
    values: Sequence[float]
    unit: str = ""
    band: tuple[float, float] | None = None
    banded: tuple[float, float] | None = None
    span: tuple[float, float | None] | None = None
    limit: float | None = None


def svg_of(plot: Plot) -> str:
    """Return a plot as an SVG document."""
    inside = _drawn(plot) if plot.times else _nothing()
    size = f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="{FONTS}" font-size="11">'
        f'<title>{escape(plot.title)}</title><rect width="100%" height="100%" fill="#ffffff"/>{inside}</svg>'
    )


def _nothing() -> str:
    middle = f'x="{WIDTH / 2}" y="{HEIGHT / 2}" text-anchor="middle"'
    return f'<text {middle} fill="{INK}">no points are kept of this time</text>'


def _drawn(plot: Plot) -> str:
    scale = _Scale(plot)
    parts = [_band(plot, scale), _grid(plot, scale), _marked(plot, scale)]
    points = " ".join(
        f"{scale.x(at):.1f},{scale.y(value):.1f}" for at, value in zip(plot.times, plot.values, strict=True)
    )
    parts.append(f'<polyline points="{points}" fill="none" stroke="{LINE}" stroke-width="1.5"/>')
    if plot.limit is not None:
        y = scale.y(plot.limit)
        parts.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="{MARK}" stroke-dasharray="4 3"/>')
    return "".join(parts)


class _Scale:
    def __init__(self, plot: Plot) -> None:
        self.first, self.last = min(plot.times), max(plot.times)
        others = [*(plot.band or ()), *([plot.limit] if plot.limit is not None else [])]
        low, high = min([*plot.values, *others]), max([*plot.values, *others])
        margin = max((high - low) * 0.06, abs(high) * LEAST_SPAN, LEAST_SPAN)
        self.low, self.high = low - margin, high + margin

    def x(self, at: float) -> float:
        share = (at - self.first) / max(self.last - self.first, LEAST_SPAN)
        return LEFT + min(max(share, 0.0), 1.0) * (WIDTH - LEFT - RIGHT)

    def y(self, value: float) -> float:
        share: float = (value - self.low) / (self.high - self.low)
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)


def _band(plot: Plot, scale: _Scale) -> str:
    if plot.band is None:
        return ""
    low, high = sorted(plot.band)
    top, height = scale.y(high), max(scale.y(low) - scale.y(high), 1.0)
    left, right = map(scale.x, plot.banded or (scale.first, scale.last))
    return (
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" height="{height:.1f}" fill="{BAND}"/>'
    )


def _grid(plot: Plot, scale: _Scale) -> str:
    parts = []
    divisor, shown = scale_of(max(abs(scale.low), abs(scale.high)), plot.unit)
    for step in range(TICKS):
        value = scale.low + (scale.high - scale.low) * step / (TICKS - 1)
        at = scale.first + (scale.last - scale.first) * step / (TICKS - 1)
        x, y = scale.x(at), scale.y(value)
        label = f"{digits_of(value / divisor, 4)} {escape(shown) if step == TICKS - 1 else ''}".rstrip()
        when = datetime.fromtimestamp(at, UTC).strftime("%d %b %H:%M")
        anchor = {0: "start", TICKS - 1: "end"}.get(step, "middle")
        parts.append(
            f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="{GRID}"/>'
            f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end" fill="{INK}">{label}</text>'
            f'<text x="{x:.1f}" y="{HEIGHT - 8}" text-anchor="{anchor}" fill="{INK}">{when}</text>'
        )
    return "".join(parts)


def _marked(plot: Plot, scale: _Scale) -> str:
    if plot.span is None:
        return ""
    begin, end = plot.span
    left, right = scale.x(begin), scale.x(scale.last if end is None else end)
    height = HEIGHT - TOP - BOTTOM
    return (
        f'<rect x="{left:.1f}" y="{TOP}" width="{max(right - left, 2):.1f}" height="{height}" '
        f'fill="{MARK}" fill-opacity="0.10"/><path d="M{left:.1f} {TOP}v{height}" stroke="{MARK}"/>'
    )
