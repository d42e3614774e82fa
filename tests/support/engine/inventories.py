"""Inventories for tests, and their form in a database."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from opsconductor.inventory.enforce import Bounds
from opsconductor.model.enums import DependencyType
from opsconductor.model.inventory.listed import FoundDependency, FoundDevice, Inventory

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
WEEK = timedelta(days=7)
A_WEEK = Bounds(keep=WEEK)


def found(number: int, address: str | None, *addresses: str, **facts: Any) -> FoundDevice:
    """Make a device as an inventory system lists it, `sw1` for number 1."""
    values: dict[str, Any] = {"name": f"sw{number}", **facts}
    return FoundDevice(external_id=number, ip_address=address, addresses=addresses, **values)


def way(device: str, provider: str, **values: Any) -> FoundDependency:
    """Make a dependency as an inventory system lists it."""
    facts: dict[str, Any] = {"dependency_type": DependencyType.NETWORK, "confidence": 0.9, **values}
    return FoundDependency(device_ip=device, depends_on_ip=provider, **facts)


def inventory(
    devices: Sequence[FoundDevice] = (), ways: Sequence[FoundDependency] = (), *, days: float = 0
) -> Inventory:
    """Make an inventory that was taken so many days after NOON."""
    return Inventory(devices=tuple(devices), dependencies=tuple(ways), taken_at=NOON + timedelta(days=days))
