"""Link to the runbook of an alert, from its custom fields."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from opsconductor.model.text import printable

FIELDS = ("runbook", "runbook_url")
"""Custom fields that may hold it, the first that does wins."""
LONGEST = 500
FORBIDDEN = frozenset("\\<>\"'` ")


def runbook_of(facts: Mapping[str, object]) -> tuple[str, str]:
    """Return the custom field that holds a link to the runbook, and the link; empty texts: none does.

    The value comes from the network, so only http and https are links: no `javascript:` and no user name that
    looks like a host.
    """
    fields = facts.get("custom_fields")
    if isinstance(fields, Mapping):
        for name in FIELDS:
            value = fields.get(name)
            if isinstance(value, str) and _is_link(value):
                return name, value
    return "", ""


def _is_link(text: str) -> bool:
    if len(text) > LONGEST or text != printable(text) or FORBIDDEN & set(text):
        return False
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc
