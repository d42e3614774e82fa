"""Gathering of the facts of a report from the database and the inventory."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from opsconductor.app.configuring.loading import Configuration
from opsconductor.engine.muting.covering import covering
from opsconductor.errors import RowNotFound
from opsconductor.inventory.snapshot import InventorySnapshot, name_in_alerts
from opsconductor.model.inventory.device import Device
from opsconductor.model.notifications.maintenance import MaintenanceWindow
from opsconductor.reports.availability import unreachable_spans
from opsconductor.reports.facts import AlertFact, AnomalySums, ReportFacts, Span
from opsconductor.reports.order import ReportOrder, ScopeKind
from opsconductor.reports.recommendations import RECENT
from opsconductor.store.alerts.rows import RowClause, RowConditions, devices_of
from opsconductor.store.postgres.connection import Pool
from opsconductor.store.reports.facts import (
    DeviceAnomalies,
    read_alert_rows,
    read_anomalies,
    read_down,
    read_known_since,
    read_sent,
)

LOOK_EVERY = timedelta(minutes=5)
MOST_LOOKS = 500
"""Times within an outage at which the maintenance windows are looked at, at most."""
MOST_NAMED = 10
FACT_NAMES = frozenset(AlertFact.__dataclass_fields__)


async def gather(
    pool: Pool,
    configuration: Configuration,
    order: ReportOrder,
    rows: RowConditions,
    unreachable: tuple[str, ...],
) -> tuple[ReportFacts, Mapping[str, int]]:
    """Return the facts of a report, and the number of anomalies by device.

    Args:
        rows: The alerts that the report may be about; empty: all.
        unreachable: Patterns of alert types that mean that a device cannot be reached.

    Raises:
        RowNotFound: There is no such site or device among the rows.
        StoreUnavailable: The database is away.
    """
    period, inventory = order.period, configuration.inventory
    devices = devices_within(inventory, order, rows)
    if order.scope_kind is not ScopeKind.ALL:
        rows = (*rows, ((RowClause(devices=frozenset(devices)),),))
    since = min(period.begin, period.end - RECENT)
    read = await read_alert_rows(pool, since, period.begin, period.end, rows)
    anomalies = await read_anomalies(pool, period.begin, period.end, sorted(devices) if rows else None)
    facts = ReportFacts(
        period=period,
        scope=scope_text(order, devices, is_limited=bool(rows)),
        devices=devices,
        known_since=await read_known_since(pool),
        dependent=frozenset(
            key for each in inventory.dependencies for key in (each.device_ip, each.depends_on_ip)
        ),
        alerts=tuple(_fact(each, period.end) for each in read),
        down=tuple(await read_down(pool, period.begin, period.end)),
        unreachable=unreachable,
        anomalies=_sums(anomalies),
        sent=0 if rows else await read_sent(pool, period.begin, period.end),
    )
    spans = await asyncio.to_thread(maintenance_of, facts, configuration.windows, inventory)
    return replace(facts, maintenance=spans), {each.key: each.total for each in anomalies}


def devices_within(
    inventory: InventorySnapshot, order: ReportOrder, rows: RowConditions
) -> Mapping[str, Device]:
    """Return the devices of a scope, by key, as far as the rows allow.

    Raises:
        RowNotFound: There is none.
    """
    allowed = devices_of(rows)
    devices = {name_in_alerts(each.key): each for each in inventory.devices}
    if allowed is not None:
        devices = {key: each for key, each in devices.items() if key in allowed}
    if order.scope_kind is ScopeKind.SITE:
        devices = {key: each for key, each in devices.items() if each.site == order.scope_value}
    elif order.scope_kind is ScopeKind.DEVICE:
        wanted = inventory.device_of(order.scope_value)
        key = None if wanted is None else name_in_alerts(wanted.key)
        devices = {key: devices[key]} if key is not None and key in devices else {}
    if not devices and order.scope_kind is not ScopeKind.ALL:
        raise RowNotFound(f"there is no {order.scope_kind} {order.scope_value!r} in the inventory")
    return devices


def maintenance_of(
    facts: ReportFacts, windows: Sequence[MaintenanceWindow], inventory: InventorySnapshot
) -> Mapping[str, tuple[Span, ...]]:
    """Return by device the parts of its outages that were in maintenance, to some minutes; blocks."""
    if not windows:
        return {}
    return {
        key: tuple(part for span in own for part in _maintained(key, span, windows, inventory))
        for key, (own, _) in unreachable_spans(facts).items()
        if key in facts.devices
    }


def _maintained(
    key: str, span: Span, windows: Sequence[MaintenanceWindow], inventory: InventorySnapshot
) -> Iterable[Span]:
    begin, end = span
    step = max(LOOK_EVERY, (end - begin) / MOST_LOOKS)
    at = begin
    while at < end:
        until = min(at + step, end)
        if any(not each.is_partial for each in covering(windows, inventory, key, at + (until - at) / 2)):
            yield at, until
        at = until


def scope_text(order: ReportOrder, devices: Mapping[str, Device], *, is_limited: bool) -> str:
    """Return what a report is about."""
    amount = f"{len(devices):,} device{'' if len(devices) == 1 else 's'}"
    if order.scope_kind is ScopeKind.SITE:
        return f"Site {order.scope_value}, {amount}"
    if order.scope_kind is ScopeKind.DEVICE:
        return f"Device {next(iter(devices.values())).name}"
    return f"Your devices, {amount}" if is_limited else f"All devices, {amount} in the inventory"


def _fact(row: Mapping[str, object], end: datetime) -> AlertFact:
    """Return an alert as it was at the end of the period."""
    values = {name: value for name, value in row.items() if name in FACT_NAMES}
    for name in ("acknowledged_at", "resolved_at", "closed_at"):
        at = values[name]
        if isinstance(at, datetime) and at > end:
            values[name] = None
    return AlertFact(**values)  # type: ignore[arg-type]  # columns of the query


def _sums(found: Sequence[DeviceAnomalies]) -> AnomalySums | None:
    if not found:
        return None
    return AnomalySums(
        total=sum(each.total for each in found),
        confirmed=sum(each.confirmed for each in found),
        false_positives=sum(each.false_positives for each in found),
        alerted=sum(each.alerted for each in found),
        devices=tuple((each.name or each.key, each.total) for each in found[:MOST_NAMED]),
    )
