"""Names of ports by the columns of IF-MIB."""

from collections.abc import Mapping

from opsconductor.mib.names import OBJECTS
from opsconductor.model.text import folded, without_placeholders

NAMES = (OBJECTS["ifName"], OBJECTS["ifDescr"])
"""Columns that name a port; the first that is filled is taken."""

ALIAS = OBJECTS["ifAlias"]
LONGEST = 60


def port_name(texts: Mapping[str, str]) -> str:
    """Return the name of a port with its description: `Gi0/24 to access ring`.

    Args:
        texts: By column; others than ifName, ifDescr and ifAlias are ignored.

    Returns:
        One line; empty when no column names the port.
    """
    name = next(filter(None, (_one_line(texts.get(column, "")) for column in NAMES)), "")
    alias = _one_line(texts.get(ALIAS, ""))
    return " ".join(filter(None, (name, "" if alias == name else alias))) if name else ""


def _one_line(text: str) -> str:
    return without_placeholders(folded(text, LONGEST))
