"""A datagram's whole way through the real parts: reception, judgement, engine, rows, texts for people."""

import json
import logging
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from connectors.snmp_trap.config import SnmpTrapConfig
from connectors.snmp_trap.normalize import normalize
from connectors.snmp_trap.receiving.informs import Informs
from connectors.snmp_trap.receiving.port import TrapPort
from connectors.snmp_trap.receiving.reception import TrapReceiver
from connectors.snmp_trap.receiving.samples import Samples
from connectors.snmp_trap.sender import AccessList
from opsconductor.config.settings import EngineSettings
from opsconductor.connector.context import ConnectorContext
from opsconductor.engine.engine import Engine
from opsconductor.errors import DecodeError, NormalizeError
from opsconductor.inventory.identify import identify
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.mib.lookup import standard_facts
from opsconductor.model.changes import Changes
from opsconductor.model.enums import Category, Severity
from opsconductor.model.event import RawEvent
from opsconductor.model.inventory.device import Device
from opsconductor.model.mappings.mapping import OidMapping, SeverityMap
from opsconductor.model.mappings.table import MappingTable
from opsconductor.model.normalized import NormalizedAlert
from opsconductor.model.notifications.rule import NotificationRule, RuleChannel
from opsconductor.snmp.message.ber import REASONS
from opsconductor.snmp.message.record import redacted
from opsconductor.snmp.security.engine import LocalEngine
from opsconductor.snmp.security.usm import DISCOVERIES, REFUSALS, UsmReceiver
from tests.fuzz.harmless import assert_sendable, assert_storable
from tests.fuzz.packets import OURS, USERS

STAGES = {
    "received": {""},
    "undecodable": set(REASONS),
    "refused": {"network", "community", *REFUSALS},
    "discovery": set(DISCOVERIES),
    "duplicate": {""},
}
"""Every stage and reason at which a datagram may end."""

MAPPINGS = MappingTable(
    [
        OidMapping(
            oid_pattern="1.3.6.1.*",
            alert_type="network_any",
            category=Category.NETWORK,
            default_severity=Severity.MAJOR,
            title_template="{device_name} {resource} {1.3.6.1} {ifDescr} {ifDescr#}",
            description="Anything at all.",
            resource_expression="{1.3} {1.3#} {ifIndex}",
            clear_oid_pattern="1.3.6.1.6.3.1.1.5.4",
            severity_map=SeverityMap(varbind="1.3", values={"1": Severity.CLEAR}),
        )
    ]
)
EVERYONE = NotificationRule(
    id=UUID(int=1), name="all", channels=(RuleChannel(channel="mail", recipients=("noc@example.org",)),)
)
ALERTS_OF_AN_ENGINE = 200
DEVICE = Device(id=UUID(int=2), ip_address="127.0.0.2", name="<b>edge</b> {device_name}\u202e")


class Chain:
    """Takes datagrams one by one, as the daemon does, and checks every result."""

    def __init__(self, port: TrapPort) -> None:
        self._port = port
        config = SnmpTrapConfig.model_validate({"communities": ["public"]})
        self.samples = Samples()
        self.ends: Counter[tuple[str, str]] = Counter()
        context = ConnectorContext(
            name="traps",
            data_dir=Path("unused"),
            mappings=lambda: MAPPINGS,
            vendor_of=lambda _: None,
            count=self._count,
        )
        self._reception = TrapReceiver(
            context,
            access=AccessList(config),
            usm=UsmReceiver(USERS, LocalEngine(engine_id=OURS, boots=1, started_s=0)),
            samples=self.samples,
            informs=Informs(),
        )
        self._inventory = InventorySnapshot((DEVICE,))
        self._engine = self._new_engine()

    def take(self, payload: bytes, peer: str = "127.0.0.1") -> None:
        """Process one datagram; whatever it is, only foreseen results are allowed."""
        for event in self._reception.admit([(payload, (peer, 9))], self._port):
            self._handle(event)

    def _handle(self, event: RawEvent) -> None:
        alerts = self._normalized(event)
        if len(self._engine.open_alerts()) > ALERTS_OF_AN_ENGINE:
            self._engine = self._new_engine()
        now = datetime.now(UTC)
        changes = self._engine.apply(identify(alerts, self._inventory), now)
        self._look_at(changes)
        self._look_at(self._engine.tick(now + timedelta(seconds=60)))
        if event.on_commit is not None:
            event.on_commit()

    def _normalized(self, event: RawEvent) -> Sequence[NormalizedAlert]:
        try:
            alerts = normalize(
                event, mappings=MAPPINGS, vendor_of=lambda _: None, is_forwarder=bool, facts=standard_facts()
            )
        except (DecodeError, NormalizeError) as error:
            self.ends["invalid", error.reason] += 1
            return ()
        kept = event._replace(payload=redacted(event), parsed=None)
        again = normalize(
            kept, mappings=MAPPINGS, vendor_of=lambda _: None, is_forwarder=bool, facts=standard_facts()
        )
        assert [alert.title for alert in again] == [alert.title for alert in alerts]
        assert b"public" not in kept.payload[:20]
        self.ends["normalized", ""] += 1
        return alerts

    def _look_at(self, changes: Changes) -> None:
        assert_storable(changes)
        for intent in changes.notifications:
            assert_sendable(intent)

    def _new_engine(self) -> Engine:
        return Engine(EngineSettings(settle_time=timedelta(0)), self._inventory, (EVERYONE,))

    def _count(self, stage: str, reason: str = "", amount: int = 1) -> None:
        assert reason in STAGES[stage], (stage, reason)
        self.ends[stage, reason] += amount


class NoErrors(logging.Handler):
    """Keeps records of errors: an unforeseen error is logged, and must not happen."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.errors: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record."""
        error = record.exc_info[1] if record.exc_info else None
        self.errors.append(json.dumps([record.getMessage(), repr(error)]))
