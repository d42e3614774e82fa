"""What a caller sees of alerts: the rows of its filters, and of those nothing about the alerts of others."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from opsconductor.api.http.single_flight import SingleFlight
from opsconductor.api.interfaces.alerts import LiveAlerts
from opsconductor.api.listing import below, effects_of
from opsconductor.inventory.snapshot import InventorySnapshot, name_in_alerts
from opsconductor.limits import BoundedMap
from opsconductor.model.alert import Alert
from opsconductor.model.inventory.device import Device
from opsconductor.model.row_filter import RowFilter, RowScope, texts_of
from opsconductor.store.alerts.rows import RowClause, RowConditions, devices_of, meets

MOST_SCOPES = 500
"""Number of scopes whose devices are kept."""
ABOUT_OTHERS = frozenset({"correlated_to_id", "correlation_rule", "why", "impacted"})
"""Entries of `changes` in the history of an alert that may name other alerts."""
FOREIGN_CAUSE = "an alert that you may not see"

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRows:
    """The alerts that a caller may see.

    Attributes:
        conditions: Empty: all alerts.
    """

    conditions: RowConditions = ()

    def has(self, alert: Alert) -> bool:
        """Return whether the caller may see an alert."""
        return meets(alert, self.conditions)

    @property
    def devices(self) -> frozenset[str] | None:
        """The keys of the devices that the caller may see; None: every device."""
        return devices_of(self.conditions)

    async def shown(self, alerts: Sequence[Alert], live: LiveAlerts, turns: SingleFlight) -> Sequence[Alert]:
        """Return the given alerts that the caller may see, without causes and numbers of others.

        Callers with equal filters that ask at the same time share the numbers.
        """
        if not self.conditions:
            return alerts
        found = [alert for alert in alerts if self.has(alert)]
        amounts: Mapping[UUID, int] = {}
        if any(alert.impacted for alert in found):
            amounts = await turns.ask(("impacts", self.conditions), live.known_alerts, self._impacts)
        return [self._own_part(alert, amounts.get(alert.id, 0), live) for alert in found]

    def history(self, entries: Sequence[Row]) -> Sequence[Row]:
        """Return the history of an alert without what may name alerts of others."""
        if not self.conditions:
            return entries
        return [{**each, "changes": _own_changes(each["changes"])} for each in entries]

    def _impacts(self, known: Sequence[Alert]) -> Mapping[UUID, int]:
        """Return the number of visible consequences of each visible cause."""
        effects = effects_of(known)
        visible = {alert.id for alert in known if self.has(alert)}
        return {each: len(below(effects, [each]) & visible) for each in visible & effects.keys()}

    def _own_part(self, alert: Alert, impacted: int, live: LiveAlerts) -> Alert:
        cause = None if alert.correlated_to_id is None else live.get(alert.correlated_to_id)
        if alert.correlated_to_id is None or (cause is not None and self.has(cause)):
            return replace(alert, impacted=impacted)
        return replace(alert, impacted=impacted, correlated_to_id=None, correlation_rule=FOREIGN_CAUSE)


def _own_changes(changes: Mapping[str, object]) -> Mapping[str, object]:
    return {name: change for name, change in changes.items() if name not in ABOUT_OTHERS}


class RowResolver:
    """Finds the rows of callers; remembers the devices of their filters in the present inventory."""

    def __init__(self) -> None:
        self._inventory: InventorySnapshot | None = None
        self._known: BoundedMap[RowScope, RowConditions] = BoundedMap(MOST_SCOPES)

    async def rows(self, scope: RowScope, inventory: InventorySnapshot) -> AlertRows:
        """Return the alerts that a user sees under some row filters."""
        if not scope:
            return AlertRows()
        if inventory is not self._inventory:
            self._inventory, self._known = inventory, BoundedMap(MOST_SCOPES)
        known = self._known
        conditions = known.use(scope)
        if conditions is None:
            conditions = known[scope] = await asyncio.to_thread(conditions_of, scope, inventory)
        return AlertRows(conditions=conditions)


def conditions_of(scope: RowScope, inventory: InventorySnapshot) -> RowConditions:
    """Return what a scope means for alerts, with the devices of an inventory; pure."""
    return tuple(tuple(tuple(_clauses(each, inventory)) for each in group) for group in scope)


def _clauses(wanted: RowFilter, inventory: InventorySnapshot) -> Iterable[RowClause]:
    devices = inventory.devices
    if sites := frozenset(wanted.site):
        yield RowClause(devices=_keys(each for each in devices if each.site in sites))
    if tags := frozenset(wanted.tag):
        yield RowClause(devices=_keys(each for each in devices if not tags.isdisjoint(each.tags)), tag=tags)
    for name, given in wanted.custom_fields:
        values = frozenset(given)
        same = (each for each in devices if not values.isdisjoint(texts_of(each.custom_fields.get(name))))
        yield RowClause(devices=_keys(same), custom_field=name, values=values)


def _keys(devices: Iterable[Device]) -> frozenset[str]:
    return frozenset(name_in_alerts(device.key) for device in devices)
