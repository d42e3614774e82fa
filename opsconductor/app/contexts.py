"""Contexts of connectors."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from opsconductor.app.configuring.runtime import Runtime
from opsconductor.connector.acknowledging import AcknowledgeAlert, not_connected
from opsconductor.connector.context import ConnectorContext
from opsconductor.connector.supervise import ConnectorHealth
from opsconductor.engine.engine import Engine
from opsconductor.errors import StoreUnavailable
from opsconductor.guard import guarded
from opsconductor.model.alert import Alert, fingerprint_of, fingerprint_of_id
from opsconductor.model.aside import reason_of
from opsconductor.model.enums import Severity
from opsconductor.model.measured.measurement import Measurement
from opsconductor.model.text import short_id
from opsconductor.store.acknowledged import read_keys
from opsconductor.store.raw_events import find_event

log = logging.getLogger(__name__)

Measure = Callable[[str, Sequence[Measurement]], None]
"""Stores values measured by a connector, given its name; never waits."""


def not_stored(connector: str, measured: Sequence[Measurement]) -> None:
    """Do nothing: values are not stored."""


RETRY_PAUSE_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorContexts:
    """Builds the contexts of connectors, so that a reload reaches them.

    Attributes:
        engine: Returns the current engine.
        acknowledge: Acknowledges an alert in the name of a person.
        measure: Stores measured values.
    """

    live: Runtime
    engine: Callable[[], Engine]
    acknowledge: AcknowledgeAlert = not_connected
    measure: Measure = not_stored
    _left: dict[str, dict[str, Any]] = field(default_factory=dict)

    def context_of(self, health: ConnectorHealth) -> ConnectorContext:
        """Return the context of a connector.

        Sockets of systemd are passed as duplicates: the port stays open while a connector restarts.
        """
        return ConnectorContext(
            name=health.name,
            data_dir=self.live.settings.data_dir,
            destinations=self.live.settings.outgoing.destinations,
            mappings=lambda: self.live.configuration.mappings,
            facts=lambda: self.live.configuration.facts,
            vendor_of=self.vendor_of,
            count=self.live.ledger.counter_of(health.name),
            rejected=self.live.rejections.renew(health.name),
            now=self.live.clock.now,
            report_up=health.report_up,
            degraded=health.degraded,
            report_down=health.report_down,
            report_polling=health.report_polling,
            devices=lambda: self.live.configuration.inventory.devices,
            severity_of=self.severity_of,
            learn_ports=self.learn_ports,
            measure=partial(self.measure, health.name),
            open_alert=partial(self.open_alert, health.name),
            alerts_of=self.alerts_of,
            original_of=partial(find_event, self.live.pool),
            report_template=self.live.template_faults.renew(health.name),
            acknowledge=self.acknowledge,
            sockets=[passed.dup() for passed in self.live.sockets],
            acknowledged=partial(self.acknowledged, health.name),
            handover=self._left.setdefault(health.name, {}),
        )

    def severity_of(self, device: str, alert_type: str, resource: str) -> Severity | None:
        """Return the severity of an open alert, or None if none is open."""
        address = self.live.configuration.inventory.key_of(device)
        alert = self.engine().open.get(fingerprint_of(address, alert_type, resource))
        return None if alert is None else alert.severity

    def learn_ports(self, device: str, names: Mapping[str, str]) -> None:
        """Store the names of a device's ports by resource."""
        self.live.ports.learn(self.live.configuration.inventory.key_of(device), names.items())

    def open_alert(self, connector: str, source_alert_id: str) -> Alert | None:
        """Return the open alert of a connector by the source's own id of the problem, or None."""
        return self.engine().open.get(fingerprint_of_id(connector, short_id(source_alert_id)))

    def alerts_of(self, device: str) -> Sequence[Alert]:
        """Return the open alerts of a device."""
        return self.engine().open_at(self.live.configuration.inventory.key_of(device))

    def forget(self, connector: str) -> None:
        """Discard what a removed connector has left for the next one of its name."""
        self.live.template_faults.forget(connector)
        for left in self._left.pop(connector, {}).values():
            with guarded() as closing:
                left.close()
            if closing.error is not None:
                log.error(
                    "what a connector has left for its successor cannot be closed",
                    extra={"connector": connector, "error": reason_of(closing.error)},
                    exc_info=closing.error,
                )

    async def acknowledged(self, connector: str) -> AsyncIterator[Sequence[bytes]]:
        """Read the keys that a connector has committed last, waiting until the database is available."""
        is_logged = False
        while True:
            await self.live.drained()
            try:
                async for keys in read_keys(self.live.pool, connector):
                    yield keys
            except StoreUnavailable as error:
                if not is_logged:
                    log.warning(
                        "committed keys cannot be read, nothing is accepted until they are",
                        extra={"connector": connector, "error": str(error)},
                    )
                is_logged = True
                await asyncio.sleep(RETRY_PAUSE_S)
            else:
                return

    def vendor_of(self, address: str) -> str | None:
        """Return the vendor of a device, lower case, from the current inventory."""
        return self.live.configuration.inventory.vendor_of(address)


def idle_context_of(live: Runtime, connector: str) -> ConnectorContext:
    """Return the context for the check of a connector that does not run: its reports are ignored."""
    return ConnectorContext(
        name=connector,
        data_dir=live.settings.data_dir,
        destinations=live.settings.outgoing.destinations,
        mappings=lambda: live.configuration.mappings,
        facts=lambda: live.configuration.facts,
        vendor_of=live.configuration.inventory.vendor_of,
        now=live.clock.now,
        devices=lambda: live.configuration.inventory.devices,
    )
