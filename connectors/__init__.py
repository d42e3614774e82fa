"""Connectors to other systems, in and out, and the list of their types.

A connector's package is imported on first use: most daemons use few of them. Third parties add theirs through
the entry-point group `opsconductor.connectors`.
"""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import TypeVar

from opsconductor.connector.connector_type import ChannelType, ConnectorType, InventoryType, SourceType

Kind = TypeVar("Kind", bound=ConnectorType)


class TypesOfRole(Mapping[str, Kind]):
    """The `TYPE` of each package by its name, imported on first use.

    Args of the constructor:
        kind: Class of these types.
        names: Names of the packages and of their types.
    """

    def __init__(self, kind: type[Kind], *names: str) -> None:
        self._kind = kind
        self._names = names

    def __getitem__(self, name: str) -> Kind:
        """Import a package and return its type."""
        if name not in self._names:
            raise KeyError(name)
        found = import_module(f"connectors.{name}").TYPE
        if not isinstance(found, self._kind):
            raise TypeError(f"connectors.{name}.TYPE is not a {self._kind.__name__}")
        return found

    def __contains__(self, name: object) -> bool:
        """Return True if there is a package of this name, without importing it."""
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        """Yield the names, without importing anything."""
        return iter(self._names)

    def __len__(self) -> int:
        """Return their number."""
        return len(self._names)


SOURCES = TypesOfRole(SourceType, "eaton", "mqtt", "prtg", "snmp_poll", "snmp_trap", "webhook_in")
INVENTORIES = TypesOfRole(InventoryType, "netbox")
CHANNELS = TypesOfRole(
    ChannelType,
    "apprise_out",
    "email",
    "gotify",
    "jira",
    "matrix",
    "mattermost",
    "mqtt_out",
    "msteams",
    "ntfy",
    "opsgenie",
    "pagerduty",
    "servicenow",
    "slack",
    "sms_http",
    "snmp_out",
    "syslog_out",
    "telegram",
    "twilio",
    "webhook",
)
