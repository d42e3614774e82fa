"""Priority of an alert: impact from the device's dependents, urgency from severity."""

import re

from opsconductor.config.settings import EngineSettings
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.enums import Level, Priority, Severity

URGENCY = {
    Severity.CRITICAL: Level.HIGH,
    Severity.MAJOR: Level.HIGH,
    Severity.MINOR: Level.MEDIUM,
    Severity.WARNING: Level.MEDIUM,
    Severity.INFO: Level.LOW,
    Severity.CLEAR: Level.LOW,
}
PRIORITY = {
    (Level.HIGH, Level.HIGH): Priority.P1,
    (Level.HIGH, Level.MEDIUM): Priority.P2,
    (Level.MEDIUM, Level.HIGH): Priority.P2,
    (Level.MEDIUM, Level.MEDIUM): Priority.P3,
    (Level.HIGH, Level.LOW): Priority.P3,
    (Level.LOW, Level.HIGH): Priority.P3,
    (Level.MEDIUM, Level.LOW): Priority.P4,
    (Level.LOW, Level.MEDIUM): Priority.P4,
    (Level.LOW, Level.LOW): Priority.P5,
}
HIGH_IMPACT_ROLES = frozenset({"core", "backbone", "border", "firewall"})
MEDIUM_IMPACT_ROLES = frozenset({"distribution", "aggregation", "spine", "router", "storage", "hypervisor"})
WORD = re.compile("[a-z]+")


def priority_of(impact: Level, severity: Severity) -> Priority:
    """Return the priority that follows from impact and urgency (docs/architecture.md, Terms)."""
    return PRIORITY[impact, URGENCY[severity]]


def impact_of(key: str, inventory: InventorySnapshot, settings: EngineSettings) -> Level:
    """Return the impact of a device: from the number of its dependents, or its role."""
    device = inventory.device_at(key)
    role = set(WORD.findall(device.role.lower())) if device is not None and device.role else set()
    graph = inventory.graph
    if role & HIGH_IMPACT_ROLES or graph.has_dependents(key, settings.high_impact_dependents):
        return Level.HIGH
    if role & MEDIUM_IMPACT_ROLES or graph.has_dependents(key, settings.medium_impact_dependents):
        return Level.MEDIUM
    return Level.LOW
