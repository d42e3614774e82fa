"""Ports of a device: the resource `ifIndex=7`, and the name beside it, from the columns of IF-MIB."""

import re
from collections.abc import Mapping

from opsconductor.model.text import folded, without_placeholders

PORT = "port"
"""Custom field with the name of the resource's port (`Gi0/7 to access ring`)."""

LONGEST_NAME = 128

IF_INDEX = "1.3.6.1.2.1.2.2.1.1"
PORT_NAMES = ("1.3.6.1.2.1.31.1.1.1.1", "1.3.6.1.2.1.2.2.1.2")
"""ifName and ifDescr: columns that name a port; the first one with text is used."""

PORT_ALIAS = "1.3.6.1.2.1.31.1.1.1.18"
LONGEST_PORT_NAME = 60

_LABEL, LONGEST_NUMBER = "ifIndex=", 10
_AFTER_LABEL = len(_LABEL)
_INTERFACE = re.compile(r"(ifIndex=[0-9]{1,10})(?:/[a-z]+)?")
_IN_TEXT = re.compile(r"\bifIndex=[0-9]{1,10}(?:/[a-z]+)?(?![\w/])")


def interface_of(resource: str) -> str:
    """Return the interface of a resource: `ifIndex=7` of `ifIndex=7` and of `ifIndex=7/in`.

    Returns:
        Empty if the resource is no interface.
    """
    if resource[:_AFTER_LABEL] != _LABEL:  # half as long as `startswith`
        return ""
    number = resource[_AFTER_LABEL:]
    if number.isdecimal() and number.isascii() and len(number) <= LONGEST_NUMBER:
        return resource  # as below, for nearly all ports
    found = _INTERFACE.fullmatch(resource)
    return found[1] if found else ""


def with_port(title: str, resource: str, name: str) -> str:
    """Return a title with the port's name in place of its ifIndex.

    Args:
        resource: An interface, see `interface_of`.
    """
    if title.endswith(f" {resource}") and title.count(_LABEL) == 1:
        return title.removesuffix(resource) + name  # as below, for nearly all titles
    called = {resource, interface_of(resource)}
    return _IN_TEXT.sub(lambda found: name if found[0] in called else found[0], title)


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
