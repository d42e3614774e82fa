"""Facts come from the network: make them harmless before any template sees them."""

import json
from collections.abc import Mapping

from opsconductor.logs import printable

LONGEST_LINE = 500
LONGEST_TEXT = 10_000
MOST_ENTRIES = 200
CUT = " ..."


def one_line(value: object, longest: int = LONGEST_LINE) -> str:
    """Write any JSON value as one line without control and bidirectional characters."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return shortened(printable(" ".join(text.split())), longest)


def paragraphs(text: str, longest: int = LONGEST_TEXT) -> str:
    """Keep the line breaks of a text, make everything else visible that is not."""
    return "\n".join(printable(line).rstrip() for line in shortened(text, longest).splitlines())


def shortened(text: str, longest: int) -> str:
    """Cut a text that is too long, and show that it was cut."""
    return text if len(text) <= longest else text[: longest - len(CUT)] + CUT


def clean(value: object) -> object:
    """Make a JSON document harmless: texts may keep line breaks, names of fields may not."""
    if isinstance(value, str):
        return paragraphs(value)
    if isinstance(value, Mapping):
        entries = list(value.items())[:MOST_ENTRIES]
        return {one_line(str(name)): clean(entry) for name, entry in entries}
    if isinstance(value, list | tuple):
        return [clean(entry) for entry in value[:MOST_ENTRIES]]
    return value if value is None or isinstance(value, bool | int | float) else one_line(str(value))
