"""Normalization of polls and notifications.

Reasons of rejected events: `no_document`, `unknown_kind`.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from connectors.prtg.category import alert_type_of, category_of, is_ping
from connectors.prtg.config import PrtgConfig
from connectors.prtg.evaluate import severity_of
from connectors.prtg.post import sensor_of_post
from connectors.prtg.reading import iso_of, text_of
from connectors.prtg.sensor import Row, Sensor, id_of, sensor_of
from connectors.prtg.state import IS_DOWN, UNINFORMATIVE, SensorState
from opsconductor.connector.remember import remembered
from opsconductor.errors import NormalizeError
from opsconductor.model.address import Reach, canonical_address, reach_of
from opsconductor.model.enums import Category, Severity
from opsconductor.model.event import RawEvent
from opsconductor.model.normalized import DeviceAlias, NormalizedAlert, Snapshot

HELD, HELD_ACKNOWLEDGED = "held", "held_acknowledged"
"""Added by the poller to a row whose state PRTG does not know: severity of its open alert, and whether PRTG
last reported it as acknowledged.
"""

TEST_EXPIRES_AFTER = timedelta(minutes=10)
HOLDABLE = frozenset(map(str, Severity)) - {Severity.CLEAR}


@dataclass(frozen=True, slots=True)
class PrtgNormalizer:
    """Normalizes the events of one server."""

    name: str
    config: PrtgConfig

    def __call__(self, raw: RawEvent) -> Sequence[NormalizedAlert] | Snapshot:
        """Return the reports of one event, unless the source has parsed it already.

        Raises:
            NormalizeError: The event is not from this connector.
        """
        if isinstance(raw.parsed, (Snapshot, list)):
            return raw.parsed
        return self.read(document_of(raw.payload), raw)

    def read(self, document: Mapping[str, Any], raw: RawEvent) -> Sequence[NormalizedAlert] | Snapshot:
        """Return the reports of an event's document.

        Raises:
            NormalizeError: The event is not from this connector.
        """
        match document.get("kind"):
            case "sensors":
                return self._sensors(document, raw)
            case "server":
                return self._server(document, raw)
            case "post":
                return self._post(document, raw)
            case "test":
                return [self._test(raw)]
        raise NormalizeError("unknown_kind")

    def identity_of(self, sensor: Sensor) -> tuple[Sequence[str], str, str]:
        """Return the identity of a sensor's alert: names of its device, alert type and resource."""
        alert_type = alert_type_of(sensor, category_of(sensor, self.config.categories))
        names = (address_of(sensor.host), host_name_of(sensor.host), sensor.device)
        return [name for name in names if name], alert_type, f"sensor={sensor.id}"

    def _sensors(self, document: Mapping[str, Any], raw: RawEvent) -> Snapshot:
        rows = document.get("rows")
        named = (
            [row for row in rows if isinstance(row, Mapping) and id_of(row)] if isinstance(rows, list) else []
        )
        sensors = [sensor_of(row) for row in named]
        listed = (self._listed(row, sensor, raw) for row, sensor in zip(named, sensors, strict=True))
        alerts = [alert for alert in listed if alert is not None]
        alerts += self._lost_probes(sensors, raw)
        return Snapshot(scope=self.name, alerts=tuple(alerts), taken_at=taken_at(document, raw))

    def _listed(self, row: Row, sensor: Sensor, raw: RawEvent) -> NormalizedAlert | None:
        if sensor.state in UNINFORMATIVE:
            held = text_of(row.get(HELD))
            if held not in HOLDABLE:
                return None
            alert = self._alert(sensor, Severity(held), raw)
            return alert._replace(
                is_cutting=is_ping(sensor) and alert.severity.rank >= Severity.MAJOR.rank,
                acknowledged_by=self._prtg_user if row.get(HELD_ACKNOWLEDGED) else None,
            )
        severity = severity_of(sensor, self.config)
        return None if severity is None else self._alert(sensor, severity, raw)

    def _post(self, document: Mapping[str, Any], raw: RawEvent) -> Sequence[NormalizedAlert]:
        fields, row = document.get("fields"), document.get("row")
        if not isinstance(fields, Mapping):
            raise NormalizeError("no_document")
        sensor = sensor_of_post(fields, row if isinstance(row, Mapping) else None)
        if sensor.state in UNINFORMATIVE:
            return []
        severity = severity_of(sensor, self.config)
        alert = self._alert(replace(sensor, since=None), severity or Severity.CLEAR, raw)
        return [alert._replace(is_clear=severity is None, snapshot_scope=self.name)]

    def _alert(self, sensor: Sensor, severity: Severity, raw: RawEvent) -> NormalizedAlert:
        category = category_of(sensor, self.config.categories)
        address, name = address_of(sensor.host), host_name_of(sensor.host)
        is_taken = sensor.state is SensorState.DOWN_ACKNOWLEDGED
        return NormalizedAlert(
            source_system=self.name,
            source_alert_id=str(sensor.id),
            device_ip=address,
            device_name=sensor.device or sensor.host or None,
            device_aliases=(DeviceAlias(kind="host", value=name),) if name else (),
            alert_type=alert_type_of(sensor, category),
            resource=f"sensor={sensor.id}",
            category=category,
            severity=severity,
            title=f"{sensor.name or f'Sensor {sensor.id}'} {sensor.state.label} - {{device_name}}",
            message=sensor.message,
            occurred_at=sensor.since or raw.received_at,
            received_at=raw.received_at,
            is_cutting=is_ping(sensor) and sensor.state in IS_DOWN,
            tags=sensor.tags,
            custom_fields=self._fields_of(sensor),
            acknowledged_by=self._prtg_user if is_taken else None,
        )

    def _fields_of(self, sensor: Sensor) -> Mapping[str, object]:
        fields = {
            "url": f"{self.config.base}/sensor.htm?id={sensor.id}",
            "sensor": sensor.name,
            "state": str(sensor.state),
            "group": sensor.group,
            "probe": sensor.probe,
            "last_value": sensor.last_value,
            "priority": sensor.priority,
        }
        return {name: value for name, value in fields.items() if value}

    def _lost_probes(self, sensors: Sequence[Sensor], raw: RawEvent) -> Iterator[NormalizedAlert]:
        """Report each probe that PRTG has lost; the state of its sensors is unknown."""
        lost = Counter(sensor.probe for sensor in sensors if sensor.state is SensorState.NO_PROBE)
        for probe, amount in lost.items():
            yield self._own(
                "application_probe_disconnected",
                f"probe={probe}",
                title=f"PRTG probe {probe or '?'} is not connected",
                message=f"Sensors that are not monitored: {amount}. Their alerts stay as they are.",
                raw=raw,
            )

    def _server(self, document: Mapping[str, Any], raw: RawEvent) -> Snapshot:
        error = text_of(document.get("error"))
        alerts: tuple[NormalizedAlert, ...] = ()
        if error:
            alert = self._own(
                "application_prtg_unreadable",
                f"connector={self.name}",
                title=f"PRTG server {self.config.url.host} cannot be read",
                message=error,
                raw=raw,
            )
            alerts = (alert,)
        return Snapshot(scope=f"{self.name}/server", alerts=alerts, taken_at=taken_at(document, raw))

    def _test(self, raw: RawEvent) -> NormalizedAlert:
        return NormalizedAlert(
            source_system=self.name,
            device_name=f"{self.name} (test)",
            alert_type="application_prtg_test",
            category=Category.APPLICATION,
            severity=Severity.INFO,
            title="Test from PRTG: notifications arrive",
            occurred_at=raw.received_at,
            received_at=raw.received_at,
            expires_after=TEST_EXPIRES_AFTER,
        )

    def _own(
        self, alert_type: str, resource: str, *, title: str, message: str, raw: RawEvent
    ) -> NormalizedAlert:
        host = self.config.url.host or ""
        return NormalizedAlert(
            source_system=self.name,
            device_ip=address_of(host),
            device_name=host,
            alert_type=alert_type,
            resource=resource,
            category=Category.APPLICATION,
            severity=Severity.MAJOR,
            title=title,
            message=message,
            occurred_at=raw.received_at,
            received_at=raw.received_at,
        )

    @property
    def _prtg_user(self) -> str:
        """Return the name for acknowledgements made in PRTG, whose tables do not show the user."""
        return f"PRTG ({self.name})"


def document_of(payload: bytes) -> Mapping[str, Any]:
    """Parse the document of an event.

    Raises:
        NormalizeError: It is not a document.
    """
    try:
        document = json.loads(payload)
    except (ValueError, RecursionError):
        raise NormalizeError("no_document") from None
    if not isinstance(document, Mapping):
        raise NormalizeError("no_document")
    return document


def taken_at(document: Mapping[str, Any], raw: RawEvent) -> datetime:
    """Return the time of a snapshot."""
    return iso_of(document.get("taken_at")) or raw.received_at


def address_of(host: str) -> str | None:
    """Return the address of a device; None: it is a name, or the own address of a probe."""
    address = _address_in(host)
    return address if address is not None and reach_of(address) in (Reach.HOST, Reach.LINK) else None


def host_name_of(host: str) -> str:
    """Return the name of a device; empty: it is an address, or missing."""
    return host if _address_in(host) is None else ""


@remembered(4_096)
def _address_in(host: str) -> str | None:
    return canonical_address(host.strip("[]"))
