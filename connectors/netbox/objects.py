"""What is kept of NetBox's objects: only what devices, addresses and dependencies need."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressRef:
    """An address as a device points to it."""

    id: int
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceRole:
    """A role of devices and virtual machines; from NetBox 4.3 on it may have a parent."""

    id: int
    slug: str
    parent_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """A device, or a virtual machine.

    Attributes:
        id: NetBox's own; that of a virtual machine is made negative, since both count from 1.
        pointed: Primary addresses, the preferred one first, then the one out of band.
        site_id: For the contacts of the site.
        chassis_id: Virtual chassis it is a member of.
        master_id: Device that answers for that chassis.
        parent_id: Device in whose bay it sits.
        cluster_id: Cluster it runs on (virtual machine), or is a host of (device).
        host_id: Device that a virtual machine is pinned to.
    """

    id: int
    name: str
    device_type: str | None = None
    manufacturer: str | None = None
    model: str | None = None
    site: str | None = None
    site_id: int | None = None
    location: str | None = None
    rack: str | None = None
    role: str | None = None
    role_slug: str = ""
    role_id: int | None = None
    status: str | None = None
    tags: tuple[str, ...] = ()
    custom_fields: Mapping[str, object]
    url: str | None = None
    pointed: tuple[AddressRef, ...] = ()
    chassis_id: int | None = None
    master_id: int | None = None
    parent_id: int | None = None
    parent_bay: str = ""
    cluster_id: int | None = None
    cluster: str = ""
    host_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NetboxAddress:
    """An IP address that belongs to an interface.

    Attributes:
        machine_id: As in `Machine`: negative for virtual machines.
        interface_id: Of a device's interface; None for those of virtual machines.
        outside: Addresses under which it is seen beyond a NAT.
        dns_name: Its name in the DNS, if NetBox knows it.
    """

    id: int
    address: str
    machine_id: int
    interface_id: int | None
    outside: tuple[str, ...] = ()
    dns_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FarEnd:
    """What an interface or power port is connected to in the end, however many panels are between.

    Attributes:
        kind: NetBox's type: `dcim.interface`, `circuits.providernetwork`, `dcim.poweroutlet`, ...
        device_id: Device of a port; None for what is no port.
        cable_id: The cable that is plugged in there; the same as at the near end: nothing is between.
    """

    kind: str
    id: int
    name: str
    device_id: int | None = None
    cable_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PatchPort:
    """An interface, power port or power outlet of a device.

    Attributes:
        far_ends: Empty for outlets, whose power ports tell.
        fed_by_id: Power port of the same device that an outlet is fed by.
        is_management: An interface that carries no other traffic.
        ifindex: SNMP ifIndex of an interface, if a custom field tells it.
    """

    id: int
    device_id: int
    name: str
    cable_id: int | None = None
    cable: str = ""
    far_ends: tuple[FarEnd, ...] = ()
    fed_by_id: int | None = None
    is_management: bool = False
    ifindex: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerFeed:
    """A power feed; it and its panel have no address, so nobody watches them."""

    id: int
    name: str
    panel: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Somebody to call."""

    id: int
    name: str
    email: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """Who is to call for what.

    Attributes:
        kind: Type of the object: `dcim.device`, `virtualization.virtualmachine`, `dcim.site`.
    """

    id: int
    kind: str
    object_id: int
    contact_id: int
    role: str = ""
    priority: str = ""
