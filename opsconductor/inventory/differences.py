"""Readable description of what an inventory would change; pure."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from uuid import UUID

from opsconductor.store.inventory.devices import (
    DependencyStep,
    DeviceStep,
    InventoryPlan,
    KnownDependency,
    KnownDevice,
)

NOT_SHOWN = frozenset(
    {"id", "auto_discovered", "is_mine", "is_declared", "retired_at", "found", "missing_since"}
)
DISPLAY_NAMES = {"external_id": "id there", "found_by": "found by", "ip_address": "address"}


class Turn(StrEnum):
    """Kind of a difference; the value is its sign."""

    ADD = "+"
    CHANGE = "~"
    REMOVE = "-"
    AGE = "?"


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryDifference:
    """One device or dependency that changes.

    Attributes:
        what: `device` or `dependency`.
        details: Changed values as `site: A -> B`, or the known values of a new one.
    """

    turn: Turn
    what: str
    name: str
    details: tuple[str, ...] = ()


def differences(plan: InventoryPlan) -> list[InventoryDifference]:
    """Return all changes of a plan: devices first, each in the order of the inventory."""
    addresses = _addresses_of(plan)
    return [
        *(_of_device(step, addresses[step.after.id]) for step in plan.devices),
        *(_of_dependency(step, plan.names) for step in plan.dependencies),
    ]


def _addresses_of(plan: InventoryPlan) -> Mapping[UUID, list[str]]:
    changes: dict[UUID, list[str]] = defaultdict(list)
    for each in plan.addresses:
        is_ageing = each.missing_since is not None
        changes[each.device_id].append(
            f"{each.address} is no longer listed" if is_ageing else f"+ {each.address}"
        )
    for each in plan.lost_addresses:
        changes[each.device_id].append(f"- {each.address}")
    return changes


def _of_device(step: DeviceStep, addresses: list[str]) -> InventoryDifference:
    before, after = step.before, step.after
    name = f"{after.name} {after.ip_address or ''}".rstrip()
    if after.retired_at is not None:
        is_given_up = before is not None and before.external_id != after.external_id
        why = "is a manually created device" if is_given_up else "retired"
        return InventoryDifference(turn=Turn.REMOVE, what="device", name=name, details=(why,))
    if before is None:
        return InventoryDifference(
            turn=Turn.ADD, what="device", name=name, details=(*_known(after), *addresses)
        )
    is_back = before.retired_at is not None
    details = (
        *(("is back",) if is_back else ()),
        *_changed(before, after),
        *_changes_of(before, after),
        *addresses,
    )
    return InventoryDifference(
        turn=Turn.ADD if is_back else Turn.CHANGE, what="device", name=name, details=details
    )


def _of_dependency(step: DependencyStep, names: Mapping[str, str]) -> InventoryDifference:
    before, after = step.before, step.after
    row = after or before
    assert row is not None
    ends = [
        f"{names[ip]} {ip}" if names.get(ip, ip) != ip else ip for ip in (row.device_ip, row.depends_on_ip)
    ]
    name = f"{ends[0]} -> {ends[1]} ({row.dependency_type})"
    if after is None:
        return InventoryDifference(turn=Turn.REMOVE, what="dependency", name=name)
    if before is None:
        via = [f"via {', '.join(after.via_resources)}"] if after.via_resources else []
        text = [after.description] if after.description else []
        details = (f"confidence {after.confidence:.2f}", *via, *text)
        return InventoryDifference(turn=Turn.ADD, what="dependency", name=name, details=details)
    details = tuple(_changed(before, after))
    if after.missing_since is not None and before.missing_since is None:
        return InventoryDifference(
            turn=Turn.AGE, what="dependency", name=name, details=("is no longer found", *details)
        )
    is_back = before.missing_since is not None and after.missing_since is None
    return InventoryDifference(
        turn=Turn.CHANGE, what="dependency", name=name, details=(*(("is found again",) * is_back), *details)
    )


def _known(device: KnownDevice) -> Iterator[str]:
    for name in ("role", "site", "manufacturer", "model"):
        if value := getattr(device, name):
            yield f"{name} {value}"


def _changed(before: KnownDevice | KnownDependency, after: KnownDevice | KnownDependency) -> Iterator[str]:
    for each in fields(before):
        old, new = getattr(before, each.name), getattr(after, each.name)
        if each.name not in NOT_SHOWN and old != new:
            yield f"{DISPLAY_NAMES.get(each.name, each.name)}: {_shown(old)} -> {_shown(new)}"


def _changes_of(before: KnownDevice, after: KnownDevice) -> Iterator[str]:
    """Yield the values an inventory adds to a manually created device."""
    for name in dict.fromkeys([*before.found, *after.found]):
        old, new = before.found.get(name), after.found.get(name)
        if old != new:
            yield f"found {name}: {_shown(old)} -> {_shown(new)}"


def _shown(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value)) or "nothing"
    return "nothing" if value is None or value in ("", {}) else str(value)
