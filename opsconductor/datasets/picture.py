"""Drawing of a projection as SVG and PNG."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

import numpy as np
import resvg_py

WIDTH, HEIGHT, MARGIN, TOP = 900, 620, 44, 74
COLOURS = {"baseline": "#8fa3b5", "normal": "#3f7fb5", "warning": "#d99a1c", "anomalous": "#c8383a"}
FONTS = "DejaVu Sans, Liberation Sans, Noto Sans, Arial, sans-serif"
"""A generic family alone names none on most servers."""
NAMES = {
    "baseline": "baseline",
    "normal": "monitored, normal",
    "warning": "monitored, warning",
    "anomalous": "monitored, anomalous",
}
EDGE = 0.995
"""Share of the points that determine the frame; those outside are drawn at its edge."""
ROOM = 1.35
LONGEST_TITLE = 90


def kind_of(part: str, level: str) -> str:
    """Return the name under which a point is drawn; rows that could not be judged count as normal."""
    if part == "baseline":
        return part
    return level if level in COLOURS else "normal"


def svg_of(title: str, points: Mapping[str, Sequence[Any]]) -> str:
    """Return the picture; anomalous points are drawn last, so that nothing covers them."""
    kinds = [kind_of(*pair) for pair in zip(points["part"], points["level"], strict=True)]
    xs, ys = _placed(points["x"], MARGIN, WIDTH - MARGIN), _placed(points["y"], HEIGHT - MARGIN, TOP)
    drawn = "".join(
        _dot(kind, x, y)
        for wanted in COLOURS
        for kind, x, y in zip(kinds, xs, ys, strict=True)
        if kind == wanted
    )
    shown = title if len(title) <= LONGEST_TITLE else f"{title[:LONGEST_TITLE]}…"
    inner, outer = (
        f'width="{WIDTH - 2 * MARGIN}" height="{HEIGHT - MARGIN - TOP}"',
        f'width="{WIDTH}" height="{HEIGHT}"',
    )
    middle = 'text-anchor="middle" fill="#5b6b79"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" {outer} '
        f'font-family="{FONTS}" font-size="13"><rect {outer} fill="#ffffff"/>'
        f'<text x="{MARGIN}" y="28" font-size="17" fill="#1c2733">{escape(shown)}</text>'
        f"{''.join(_legend(kinds))}"
        f'<rect x="{MARGIN}" y="{TOP}" {inner} fill="none" stroke="#c9d2da"/>{drawn}'
        f'<text x="{WIDTH / 2}" y="{HEIGHT - 14}" {middle}>first principal component of the baseline</text>'
        f'<text transform="translate(26,{HEIGHT / 2}) rotate(-90)" {middle}>second</text></svg>'
    )


def png_of(svg: str) -> bytes:
    """Return an SVG as PNG; takes some 100 ms, so call it in a thread."""
    return bytes(resvg_py.svg_to_bytes(svg_string=svg))


def _placed(values: Sequence[float], low: float, high: float) -> list[float]:
    """Return values as coordinates, from the centre on; those beyond the frame at its edge."""
    given = np.asarray(values, np.float64)
    if not given.size:
        return []
    center = float(np.median(given))
    reach = max(float(np.quantile(np.abs(given - center), EDGE)) * ROOM, 1e-9)
    share = np.clip((given - center) / reach, -1, 1)
    placed: list[float] = np.round((low + high) / 2 + share * (high - low) / 2, 1).tolist()
    return placed


def _dot(kind: str, x: float, y: float) -> str:
    if kind == "anomalous":
        path = f"M{x} {y - 5}L{x + 5} {y}L{x} {y + 5}L{x - 5} {y}z"
        return f'<path d="{path}" fill="{COLOURS[kind]}" stroke="#ffffff" stroke-width="0.6"/>'
    if kind == "warning":
        return f'<rect x="{x - 3}" y="{y - 3}" width="6" height="6" fill="{COLOURS[kind]}"/>'
    return f'<circle cx="{x}" cy="{y}" r="2.4" fill="{COLOURS[kind]}" fill-opacity="0.6"/>'


def _legend(kinds: Sequence[str]) -> Iterator[str]:
    x = float(MARGIN)
    for kind, name in NAMES.items():
        yield (
            _dot(kind, x + 5, 51)
            + f'<text x="{x + 16}" y="56" fill="#33414d">{name} ({kinds.count(kind):,})</text>'
        )
        x += 205
