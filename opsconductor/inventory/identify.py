"""Identification of the device that a message is about, and thus of the alert."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from opsconductor.inventory.snapshot import (
    DevicePlace,
    Identity,
    IdentityKey,
    InventorySnapshot,
    Names,
    PlaceKey,
    name_in_alerts,
)
from opsconductor.model.address import Reach, canonical_address, reach_of
from opsconductor.model.alert import fingerprint_of, fingerprint_of_id
from opsconductor.model.construct import filler_of
from opsconductor.model.identified import IdentifiedReport
from opsconductor.model.inventory.device import Device
from opsconductor.model.normalized import NormalizedAlert
from opsconductor.model.text import one_line, short_id

UNKNOWN_DEVICE = "unknown"
NOT_NAMES = frozenset({"engine_id"})
"""Types of aliases that cannot be shown as the name of an unknown device."""
LONGEST_NAME = 255
_report = filler_of(IdentifiedReport)
_identity = filler_of(Identity)


class Witness(NamedTuple):
    """One device identifier in a message."""

    kind: str
    value: str
    address: str | None
    device: Device | None


def identify(alerts: Sequence[NormalizedAlert], inventory: InventorySnapshot) -> list[IdentifiedReport]:
    """Return the reports with device and fingerprint, in the same order."""
    known = inventory.identities
    found = []
    for alert in alerts:
        subject = ""
        key = (alert.device_ip, alert.device_name, alert.device_aliases, alert.alert_type, alert.resource)
        identity = known.get(key) or _remember_identity(key, alert, inventory)
        place, fingerprint = identity.place, identity.fingerprint
        if alert.has_problem_id:
            subject = fingerprint
            fingerprint = fingerprint_of_id(alert.source_system, short_id(alert.source_alert_id))
        found.append(
            _report((alert, place.device_ip, place.device_name, fingerprint, place.conflict, subject))
        )
    return found


def identify_again(key: IdentityKey, inventory: InventorySnapshot) -> DevicePlace:
    """Return the device of a remembered report under another inventory."""
    known = inventory.identities.get(key)
    return (known or _remember_identity(key, Names(*key[:3]), inventory)).place


def place_of(alert: NormalizedAlert | Names, inventory: InventorySnapshot) -> DevicePlace:
    """Return the device that a message is about.

    The first identifier known to the inventory decides: the address that the source takes for the device's,
    then the others, the most trusted first. If none is known, the first address is the device. Identifiers of
    other devices are reported as a conflict, not guessed away.
    """
    witnesses = _witnesses(alert, inventory)
    if not witnesses:
        return DevicePlace(None, UNKNOWN_DEVICE, None)
    chosen = _strongest(witnesses)
    conflict = _conflict(chosen, witnesses) if len(witnesses) > 1 else None
    if chosen.device is not None:
        return place_at(chosen.device, conflict)
    name = alert.device_name or (chosen.value if chosen.address is None else None)
    return DevicePlace(chosen.address, one_line(name, LONGEST_NAME) if name else None, conflict)


def place_at(device: Device, conflict: Mapping[str, str] | None = None) -> DevicePlace:
    """Return a device of the inventory as alerts show it."""
    address = name_in_alerts(device.ip_address) if device.ip_address else None
    return DevicePlace(address, one_line(device.name, LONGEST_NAME), conflict)


def _strongest(witnesses: Sequence[Witness]) -> Witness:
    for witness in witnesses:
        if witness.device is not None:
            return witness
    for witness in witnesses:
        if witness.address is not None:
            return witness
    return witnesses[0]


def _conflict(chosen: Witness, witnesses: Iterable[Witness]) -> Mapping[str, str] | None:
    against = [witness for witness in witnesses if _disagree(chosen, witness)]
    if not against:
        return None
    return {
        one_line(each.kind, LONGEST_NAME): one_line(each.value, LONGEST_NAME) for each in (chosen, *against)
    }


def _witnesses(alert: NormalizedAlert | Names, inventory: InventorySnapshot) -> Sequence[Witness]:
    """Return the identifiers of the device, the most trusted first.

    Unspecified, broadcast and multicast addresses identify none. A loopback address is whichever host uses
    it: unless the inventory has a device at it, it counts only if there is no other identifier, and then
    means the daemon's own host.
    """
    others: list[Witness] = []
    local: list[Witness] = []
    named = [("peer", alert.device_ip), *((alias.kind, alias.value) for alias in alert.device_aliases)]
    for kind, value in [*named, ("name", alert.device_name)]:
        if not value or not value.strip():
            continue
        address = canonical_address(value)
        reach = Reach.HOST if address is None else reach_of(address)
        if reach is not Reach.NOTHING:
            device = inventory.device_at(address) if address else inventory.device_of(value)
            is_local = reach is Reach.SELF and device is None
            (local if is_local else others).append(Witness(kind, value, address, device))
    return others if not local or any(map(_is_name, others)) else [*local[:1], *others]


def _is_name(witness: Witness) -> bool:
    return witness.device is not None or witness.kind not in NOT_NAMES


def _disagree(chosen: Witness, other: Witness) -> bool:
    """Return True if two identifiers are not, or not known to be, of one device."""
    if chosen.device is None:
        return other.address is not None and other.address != chosen.address
    if other.device is None:
        return other.address is not None and chosen.device.ip_address is not None
    return other.device is not chosen.device


def _remember_place(
    key: PlaceKey, alert: NormalizedAlert | Names, inventory: InventorySnapshot
) -> DevicePlace:
    place = inventory.places.get(key)
    if place is None:
        place = inventory.places[key] = place_of(alert, inventory)
    return place


def _remember_identity(
    key: IdentityKey, alert: NormalizedAlert | Names, inventory: InventorySnapshot
) -> Identity:
    *_, alert_type, resource = key
    place = _remember_place(key[:3], alert, inventory)
    device = place.device_ip or place.device_name or UNKNOWN_DEVICE
    identity = _identity((place, fingerprint_of(device, alert_type, resource)))
    inventory.identities[key] = identity
    return identity
