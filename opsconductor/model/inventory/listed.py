"""Devices and dependencies as an inventory system lists them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from opsconductor.model.enums import DependencyType
from opsconductor.model.inventory.device import DeviceFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundDevice(DeviceFacts):
    """A device of an inventory system. Without an address its name is its key, which must be unique.

    Attributes:
        external_id: The system's own id, which identifies the device when name and address change.
        addresses: All further addresses: of interfaces, out of band.
        url: Page of the device in that system.
    """

    external_id: int
    addresses: tuple[str, ...] = ()
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundDependency:
    """A derived dependency; both ends are keys of devices.

    Attributes:
        confidence: 0.00 to 1.00, its certainty.
        via_resources: Resources of `depends_on_ip` that carry it (`ifIndex=7`); empty: any.
        description: How it was found, for people (`cable 4711, sw1:Gi1/0/1 to core1:Te1/1`).
    """

    device_ip: str
    depends_on_ip: str
    dependency_type: DependencyType
    confidence: float
    via_resources: tuple[str, ...] = ()
    description: str = ""


class Part(StrEnum):
    """A part of an inventory that may be incomplete, or whose losses await confirmation."""

    DEVICES = "devices"
    ADDRESSES = "addresses"
    DEPENDENCIES = "dependencies"
    DETAILS = "details"
    """Entries of devices' `custom_fields`."""


LOST_WITH_DEVICES = frozenset({Part.DEVICES, Part.ADDRESSES, Part.DEPENDENCIES})
"""Parts that are retired with a device."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """The complete content of one inventory system; what is missing from it is gone there.

    Attributes:
        rules: Short text that identifies the rules by which dependencies were derived: if it changes, what is
            no longer found never existed, and is removed at once.
        unread: Lists that the system does not show to its user, for people.
        incomplete: Parts that are incomplete because of that: nothing of them is retired.
        remarks: Remarks for operators, a sentence each.
    """

    devices: tuple[FoundDevice, ...]
    dependencies: tuple[FoundDependency, ...]
    taken_at: datetime
    rules: str = ""
    unread: tuple[str, ...] = ()
    incomplete: frozenset[Part] = frozenset()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryLoss:
    """What would be retired at once because an inventory no longer lists it.

    Attributes:
        devices: Number of devices, out of `known_devices`; `dependencies` likewise.
        names: Some of the devices.
    """

    devices: int
    known_devices: int
    dependencies: int
    known_dependencies: int
    names: tuple[str, ...] = ()

    @property
    def summary(self) -> str:
        """As text: `33 of 44 devices and 50 of 61 dependencies`."""
        parts = (
            (self.devices, self.known_devices, "devices"),
            (self.dependencies, self.known_dependencies, "dependencies"),
        )
        return " and ".join(f"{lost} of {known} {what}" for lost, known, what in parts if lost)


@dataclass(frozen=True, slots=True, kw_only=True)
class LossLimits:
    """Limits on retiring at once: more than `smallest` and than the share `largest` waits."""

    largest: float
    smallest: int

    def excess(self, loss: InventoryLoss) -> frozenset[Part]:
        """Return the parts in which too much would be retired; a device's dependencies go with it."""
        if self._is_too_much(loss.devices, loss.known_devices):
            return LOST_WITH_DEVICES
        if self._is_too_much(loss.dependencies, loss.known_dependencies):
            return frozenset({Part.DEPENDENCIES})
        return frozenset()

    def _is_too_much(self, lost: int, known: int) -> bool:
        return lost > self.smallest and lost > self.largest * known


NO_LIMITS = LossLimits(largest=1.0, smallest=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryChanges:
    """Number of rows changed by applying an inventory.

    Attributes:
        devices_retired: No longer in the system; kept, but not recognized any more.
        dependencies_aged: No longer found, but not yet long enough to be removed.
        conflicts: Addresses of another device: a device that claims one as its main address is left out, a
            further address is dropped.
    """

    devices_added: int = 0
    devices_changed: int = 0
    devices_retired: int = 0
    dependencies_added: int = 0
    dependencies_changed: int = 0
    dependencies_aged: int = 0
    dependencies_removed: int = 0
    conflicts: int = 0

    @property
    def summary(self) -> str:
        """The changes as text: `devices 3 added, 1 retired; dependencies 4 added`."""
        kinds = []
        for what in ("devices", "dependencies"):
            amounts = {
                name.removeprefix(f"{what}_"): getattr(self, name)
                for name in self.__slots__
                if name.startswith(what)
            }
            parts = ", ".join(f"{amount} {verb}" for verb, amount in amounts.items() if amount)
            if parts:
                kinds.append(f"{what} {parts}")
        return "; ".join(kinds) or "nothing has changed"
