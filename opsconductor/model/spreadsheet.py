"""Cells of CSV files that people open in spreadsheets."""

import json

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
"""First characters by which a spreadsheet takes a text for a formula."""


def cell_of(value: object) -> str:
    """Return a value as text; one that a spreadsheet would calculate gets an apostrophe."""
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        value = ",".join(map(str, value))
    text = json.dumps(value) if isinstance(value, dict | bool) else str(value)
    is_formula = isinstance(value, str) and text.startswith(FORMULA_SIGNS)
    return f"'{text}" if is_formula else text
