"""Clears that ended nothing, with the likely reason; and problems that a clear should have ended."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from opsconductor.mapping_report.apart import why_apart
from opsconductor.mapping_report.collection import TrapHistory
from opsconductor.mapping_report.in_force import (
    MappingsInForce,
    clears_by_itself,
    first_problem,
    is_ended_by_derivation,
)
from opsconductor.mib.expression import MISSING
from opsconductor.store.mapping_health import LastingAlert, NearAlert
from opsconductor.store.unmatched import UnmatchedSum

NEAREST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmatchedFinding:
    """Clears of one device and alert type that ended nothing.

    Attributes:
        trap_oids: Names or OIDs of the traps that clear; empty: none of them was read.
        resources: Some of the resources that they named.
        nearest: The open alerts that they come closest to, as `type resource`.
        reason: The likely reason.
        is_fault: Something should be done; otherwise the device only sent what was not needed.
    """

    connector: str
    device: str
    alert_type: str
    trap_oids: tuple[str, ...]
    count: int
    last_at: datetime
    resources: tuple[str, ...]
    nearest: tuple[str, ...]
    reason: str
    is_fault: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LastingFinding:
    """A problem that is open for long though a clear exists.

    Attributes:
        clear: What would end it.
        reason: What was seen of that.
    """

    device: str
    alert_type: str
    resource: str
    severity: str
    title: str
    since: datetime
    last_at: datetime
    trap: str
    clear: str
    reason: str


def unmatched_findings(
    sums: Iterable[UnmatchedSum],
    alerts: Iterable[NearAlert],
    collection: TrapHistory,
    in_force: MappingsInForce,
) -> list[UnmatchedFinding]:
    """Return the clears that ended nothing; those for which something should be done come first."""
    by_device: dict[str, list[NearAlert]] = {}
    for alert in alerts:
        by_device.setdefault(alert.device, []).append(alert)
    clearing = _clearing_traps(collection)
    found = []
    for each in sums:
        near = by_device.get(each.device, [])
        nearest = [alert for alert in near if alert.is_open and alert.alert_type == each.alert_type]
        reason, is_fault = _reason(each, near, nearest)
        oids = clearing.get((each.connector, each.device, each.alert_type), ())
        found.append(
            UnmatchedFinding(
                connector=each.connector,
                device=each.device,
                alert_type=each.alert_type,
                trap_oids=tuple(in_force.name_of(oid) for oid in oids),
                count=each.amount,
                last_at=each.last_at,
                resources=each.some_resources,
                nearest=tuple(_named(alert) for alert in nearest[:NEAREST]),
                reason=reason,
                is_fault=is_fault,
            )
        )
    return sorted(found, key=lambda each: (not each.is_fault, -each.count, each.device, each.alert_type))


def _clearing_traps(collection: TrapHistory) -> dict[tuple[str, str, str], tuple[str, ...]]:
    return {
        key[:3]: tuple(dict.fromkeys(each.seen.trap_oid for each in group.sample if each.report.is_clear))
        for key, group in collection.groups.items()
        if group.clears
    }


def _reason(each: UnmatchedSum, near: Sequence[NearAlert], nearest: Sequence[NearAlert]) -> tuple[str, bool]:
    faults = (why_apart(resource, alert.resource) for alert in nearest for resource in each.some_resources)
    fault = next(filter(None, faults), "")
    if fault:
        return fault, True
    if any(MISSING in resource for resource in each.some_resources):
        return "the clear lacks a variable of the resource expression: its resource has a '?'", True
    other = next(
        (
            alert
            for alert in near
            if alert.is_open and alert.resource in each.some_resources and alert.resource
        ),
        None,
    )
    if other is not None and other.alert_type != each.alert_type:
        return f"the same resource has an open problem of another type, {other.alert_type}", True
    ended = [alert for alert in near if alert.alert_type == each.alert_type and not alert.is_open]
    if any(alert.resolved_by == "expired" for alert in ended):
        return "the problem had expired before its clear came: expires_after_s is too short", True
    if ended or nearest:
        return "these problems had ended before, or never began: the clear was not needed", False
    return "no problem of this type was received from the device", False


def _named(alert: NearAlert) -> str:
    return f"{alert.alert_type} {alert.resource}".rstrip()


def lasting_findings(
    alerts: Iterable[LastingAlert],
    unmatched: Iterable[UnmatchedFinding],
    collection: TrapHistory,
    in_force: MappingsInForce,
) -> list[LastingFinding]:
    """Return the open problems for which a clear exists, and what was seen of it."""
    clearing = in_force.clearing()
    missed = {(each.device, each.alert_type): each for each in unmatched}
    cleared = {key[1:3] for key, group in collection.groups.items() if group.clears}
    found = []
    for alert in alerts:
        clear = _clear_of(alert, in_force, clearing)
        if not clear:
            continue
        key = (alert.device, alert.alert_type)
        if key in missed:
            reason = f"clears of this type ended nothing: {missed[key].reason}"
        elif key in cleared:
            reason = "clears came for other resources of the device only"
        else:
            reason = "no clear of this type came from the device: does it send any?"
        found.append(
            LastingFinding(
                device=alert.device,
                alert_type=alert.alert_type,
                resource=alert.resource,
                severity=alert.severity,
                title=alert.title,
                since=alert.occurred_at,
                last_at=alert.last_occurrence_at,
                trap=in_force.name_of(alert.trap_oid or ""),
                clear=clear,
                reason=reason,
            )
        )
    return found


def _clear_of(alert: LastingAlert, in_force: MappingsInForce, clearing: frozenset[str]) -> str:
    """Return what ends an alert, for people; empty: nothing does."""
    if alert.trap_oid is None:
        return ""
    mappings = [
        each for each in in_force.of_trap(alert.trap_oid, alert.device) if each.alert_type == alert.alert_type
    ]
    problem = first_problem(mappings)
    if problem is not None and problem.clear_oid_pattern:
        return in_force.name_of(problem.clear_oid_pattern)
    if problem is not None and is_ended_by_derivation(problem):
        return "the notification that its MIB pairs with it"
    if any(clears_by_itself(each) for each in mappings):
        return f"{in_force.name_of(alert.trap_oid)} with another value"
    names = [
        in_force.name_of(each.oid_pattern)
        for each in in_force.table.mappings
        if alert.alert_type in clearing
        and each.is_clear_event
        and each.alert_type == alert.alert_type
        and (problem is None or each.vendor == problem.vendor)
    ]
    return ", ".join(names[:NEAREST]) if mappings else ""
