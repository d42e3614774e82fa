"""Colours of charts and headings, the same in HTML and PDF."""

INK = "#1b2430"
FAINT = "#66717f"
LINE = "#d5dae1"
SHADE = "#f4f6f8"
ACCENT = "#23568f"
OF_PART = {
    "critical": "#b3261e",
    "major": "#d9622b",
    "minor": "#e0a32e",
    "warning": "#8f9bb3",
    "info": "#c5ccd8",
}
"""Colours of severities, dark to light, distinct also in grey."""


def colour_of(part: str) -> str:
    """Return the colour of a part of a bar."""
    return OF_PART.get(part, ACCENT)


def rgb(colour: str) -> tuple[int, int, int]:
    """Return red, green and blue of a colour, each 0 to 255."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
