"""Sanitizer for the JSON document of facts, which come from the network, before a template sees them."""

import json
from collections.abc import Mapping

from opsconductor.model.text import folded, paragraphs

LONGEST_LINE = 500
LONGEST_TEXT = 10_000
MOST_ENTRIES = 200


def line_of(value: object, longest: int = LONGEST_LINE) -> str:
    """Return any JSON value as one line."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return folded(text, longest)


def clean(value: object) -> object:
    """Return a JSON document without control characters: texts may keep line breaks, field names may not."""
    if isinstance(value, str):
        return paragraphs(value, LONGEST_TEXT)
    if isinstance(value, Mapping):
        entries = list(value.items())[:MOST_ENTRIES]
        return {line_of(str(name)): clean(entry) for name, entry in entries}
    if isinstance(value, list | tuple):
        return [clean(entry) for entry in value[:MOST_ENTRIES]]
    return value if value is None or isinstance(value, bool | int | float) else line_of(str(value))
