"""Devices and their dependencies in the inventory."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from opsconductor.model.alert import NO_FIELDS
from opsconductor.model.enums import DependencyType


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceFacts:
    """Common fields of a device, whatever their origin.

    Attributes:
        ip_address: Main address as text; None: it has none.
        names: Further names, of its addresses in the DNS.
    """

    ip_address: str | None
    name: str
    names: tuple[str, ...] = ()
    device_type: str | None = None
    manufacturer: str | None = None
    model: str | None = None
    site: str | None = None
    location: str | None = None
    role: str | None = None
    status: str | None = None
    tags: tuple[str, ...] = ()
    custom_fields: Mapping[str, object] = field(default_factory=lambda: NO_FIELDS)

    @property
    def key(self) -> str:
        """Key of the device in alerts and dependencies: its main address, else its name."""
        return self.ip_address or self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Device(DeviceFacts):
    """One row of `devices`.

    Attributes:
        addresses: Further addresses and engine IDs (lower-case hex) by which it is recognized.
    """

    id: UUID
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependency:
    """One row of `dependencies`: `device_ip` needs `depends_on_ip`; both are keys of devices.

    Attributes:
        via_resources: The resources of `depends_on_ip` that carry this dependency
            (`ifIndex=7`); cut when all of them are. Empty: any cutting alert there cuts it.
        confidence: 0.00 to 1.00, certainty of the finder.
        missing_since: Since when its inventory no longer lists it; None: it is listed or created manually.
    """

    device_ip: str
    depends_on_ip: str
    dependency_type: DependencyType
    via_resources: tuple[str, ...] = ()
    confidence: float = 1.0
    missing_since: datetime | None = None
