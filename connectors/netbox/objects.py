"""NetBox's objects, reduced to what devices, addresses and dependencies need."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressRef:
    """An address referenced by a device."""

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
        id: NetBox's id; negative for a virtual machine, because both count from 1.
        pointed: Primary addresses, the preferred one first, then the out-of-band one.
        site_id: For the contacts of the site.
        chassis_id: Its virtual chassis.
        master_id: Master device of that chassis.
        parent_id: Device in whose bay it is installed.
        cluster_id: Cluster on which it runs (virtual machine), or whose host it is (device).
        host_id: Device to which a virtual machine is pinned.
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
    """An IP address of an interface.

    Attributes:
        machine_id: As in `Machine`: negative for virtual machines.
        interface_id: Of a device's interface; None for those of virtual machines.
        outside: Addresses outside a NAT.
        dns_name: Its DNS name, if NetBox has it.
    """

    id: int
    address: str
    machine_id: int
    interface_id: int | None
    outside: tuple[str, ...] = ()
    dns_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FarEnd:
    """The far end of an interface or power port, however many panels are in between.

    Attributes:
        kind: NetBox's type: `dcim.interface`, `circuits.providernetwork`, `dcim.poweroutlet`, ...
        device_id: Device of a port; None if it is not a port.
        cable_id: The cable at the far end; the same as at the near end: nothing is in between.
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
        far_ends: Empty for outlets, because power ports have them.
        fed_by_id: Power port of the same device that feeds an outlet.
        is_management: An interface that carries no other traffic.
        ifindex: SNMP ifIndex of an interface, if a custom field contains it.
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
    """A power feed; it and its panel have no address, so they are not monitored."""

    id: int
    name: str
    panel: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A contact."""

    id: int
    name: str
    email: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """Assignment of a contact to an object.

    Attributes:
        kind: Type of the object: `dcim.device`, `virtualization.virtualmachine`, `dcim.site`.
    """

    id: int
    kind: str
    object_id: int
    contact_id: int
    role: str = ""
    priority: str = ""
