"""Ports of a device in alerts: the resource `ifIndex=7` and the port's name beside it."""

import re
from functools import lru_cache

PORT = "port"
"""Custom field with the name of the resource's port (`Gi0/7 to access ring`)."""

LONGEST_NAME = 128
MOST_RESOURCES = 16_384

_INTERFACE = re.compile(r"(ifIndex=[0-9]{1,10})(?:/[a-z]+)?")
_IN_TEXT = re.compile(r"\bifIndex=[0-9]{1,10}(?:/[a-z]+)?(?![\w/])")


@lru_cache(maxsize=MOST_RESOURCES)
def interface_of(resource: str) -> str:
    """Return the interface of a resource: `ifIndex=7` of `ifIndex=7` and of `ifIndex=7/in`.

    Returns:
        Empty if the resource is no interface.
    """
    found = _INTERFACE.fullmatch(resource)
    return found[1] if found else ""


def with_port(title: str, resource: str, name: str) -> str:
    """Return a title with the port's name in place of its ifIndex."""
    called = {resource, interface_of(resource)}
    return _IN_TEXT.sub(lambda found: name if found[0] in called else found[0], title)
