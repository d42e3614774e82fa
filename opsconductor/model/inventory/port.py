"""Ports of a device in alerts: the resource `ifIndex=7` and the port's name beside it."""

import re

PORT = "port"
"""Custom field with the name of the resource's port (`Gi0/7 to access ring`)."""

LONGEST_NAME = 128

_LABEL, LONGEST_NUMBER = "ifIndex=", 10
_INTERFACE = re.compile(r"(ifIndex=[0-9]{1,10})(?:/[a-z]+)?")
_IN_TEXT = re.compile(r"\bifIndex=[0-9]{1,10}(?:/[a-z]+)?(?![\w/])")


def interface_of(resource: str) -> str:
    """Return the interface of a resource: `ifIndex=7` of `ifIndex=7` and of `ifIndex=7/in`.

    Returns:
        Empty if the resource is no interface.
    """
    if not resource.startswith(_LABEL):
        return ""
    number = resource[len(_LABEL) :]
    if number.isdecimal() and number.isascii() and len(number) <= LONGEST_NUMBER:
        return resource  # as below, for nearly all ports
    found = _INTERFACE.fullmatch(resource)
    return found[1] if found else ""


def with_port(title: str, resource: str, name: str) -> str:
    """Return a title with the port's name in place of its ifIndex."""
    interface = interface_of(resource)
    if interface and title.endswith(f" {resource}") and title.count(_LABEL) == 1:
        return title.removesuffix(resource) + name  # as below, for nearly all titles
    called = {resource, interface}
    return _IN_TEXT.sub(lambda found: name if found[0] in called else found[0], title)
