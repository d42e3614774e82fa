"""Interfaces to the engine and the pipeline that feeds it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from opsconductor.engine.correlation.preview import NetworkState
from opsconductor.engine.recipients.foreseen import Forecast
from opsconductor.engine.routing.explaining import ExplainedVerdict
from opsconductor.engine.routing.router import Router
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.alert import Alert
from opsconductor.model.command import Command
from opsconductor.model.notifications.maintenance import MaintenanceWindow
from opsconductor.pipeline.in_flight import InFlight


class Pipeline(Protocol):
    """Executes operator commands; the engine behind it is the only writer of alerts."""

    @property
    def in_flight(self) -> InFlight:
        """The engine's changes that are not committed."""

    async def command(self, command: Command, /) -> Alert:
        """Return the alert once the change is committed; raises CommandError or StoreError."""


class LiveAlerts(Protocol):
    """The engine's alerts, readable without waiting."""

    def open_alerts(self) -> Sequence[Alert]:
        """Return the open alerts in a new list."""

    def open_at(self, device: str, /) -> Sequence[Alert]:
        """Return the open alerts of a device, given by its key, in a new list."""

    def network_state(self) -> NetworkState:
        """Return the inventory and the open alerts, to find out in a thread what would be suppressed."""

    def known_alerts(self) -> Sequence[Alert]:
        """Return the open and the recently closed alerts in a new list."""

    def get(self, alert_id: UUID, /) -> Alert | None:
        """Return one of them, or None."""

    def foresee(self, alert: Alert, at: datetime, /) -> Forecast:
        """Return whom the rules would notify of an alert as it is, and the steps that would follow."""

    def waits(self, alert: Alert, /) -> Mapping[tuple[str, str], datetime]:
        """Return when the messages are due that are still to name an alert, by channel and recipient."""

    @property
    def windows(self) -> Sequence[MaintenanceWindow]:
        """Return the maintenance windows in force."""

    @property
    def router(self) -> Router:
        """Return the rules in force."""

    @property
    def inventory(self) -> InventorySnapshot:
        """Return the devices and dependencies in force."""

    def explain(self, alert: Alert, changes: Mapping[str, Any], at: datetime, /) -> list[ExplainedVerdict]:
        """Return the verdict of every rule on a decision in the history of an alert."""
