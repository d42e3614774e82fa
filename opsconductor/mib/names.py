"""Names of ports, from the columns of IF-MIB."""

from collections.abc import Mapping

from opsconductor.model.text import folded, without_placeholders

IF_INDEX = "1.3.6.1.2.1.2.2.1.1"
PORT_NAMES = ("1.3.6.1.2.1.31.1.1.1.1", "1.3.6.1.2.1.2.2.1.2")
"""ifName and ifDescr: columns that name a port; the first one with text is used."""

PORT_ALIAS = "1.3.6.1.2.1.31.1.1.1.18"
LONGEST_PORT_NAME = 60


def port_name(texts: Mapping[str, str]) -> str:
    """Return the name of a port with its description: `Gi0/24 to access ring`.

    Args:
        texts: By column; others than ifName, ifDescr and ifAlias are ignored.

    Returns:
        One line; empty when no column names the port.
    """
    name = next(filter(None, (_one_line(texts.get(column, "")) for column in PORT_NAMES)), "")
    alias = _one_line(texts.get(PORT_ALIAS, ""))
    return " ".join(filter(None, (name, "" if alias == name else alias))) if name else ""


def _one_line(text: str) -> str:
    return without_placeholders(folded(text, LONGEST_PORT_NAME))
