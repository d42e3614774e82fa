"""Raw events of an archive, made of traps that devices could have sent."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from opsconductor.model.event import ArchivedEvent
from opsconductor.snmp.message import encode
from opsconductor.snmp.message.tlv import INTEGER, OCTET_STRING
from opsconductor.snmp.message.trap import Varbind

ACME = "1.3.6.1.4.1.99999"
"""An enterprise without a known MIB."""

FAN_FAILED, FAN_OK, FAN_NAME = f"{ACME}.7.1", f"{ACME}.7.2", f"{ACME}.8.1.2"
LOG_ENTRY, SEQUENCE, PORT = f"{ACME}.9.1", f"{ACME}.10.1.0", f"{ACME}.10.2.0"
CARD_LOST, CARD_BACK, SLOT = f"{ACME}.11.1", f"{ACME}.11.2", f"{ACME}.12.1.0"

MAPPINGS = f"""
oid_mappings:
  - oid_pattern: {FAN_FAILED}
    alert_type: environment_fan_failed
    category: environment
    default_severity: major
    title_template: Fan failed
    clear_oid_pattern: {FAN_OK}
  - oid_pattern: {LOG_ENTRY}
    alert_type: network_port_error
    category: network
    default_severity: minor
    title_template: Port error
    resource_expression: seq={{{SEQUENCE}}} port={{{PORT}}}
  - oid_pattern: {CARD_LOST}
    alert_type: network_card_lost
    category: network
    default_severity: major
    title_template: Card lost
    resource_expression: slot={{{SLOT}}}
"""


def text(oid: str, value: str) -> Varbind:
    """Return a variable with a text."""
    return oid, OCTET_STRING, value.encode()


def number(oid: str, value: int) -> Varbind:
    """Return a variable with a number."""
    return oid, INTEGER, encode.integer(value)[2:]


def payload(trap_oid: str, *varbinds: Varbind) -> bytes:
    """Return a trap as the archive keeps it."""
    variables = encode.notification_varbinds(trap_oid, 1, varbinds)
    return encode.message_v2c(b"*", encode.pdu(encode.TRAP_V2, 1, variables))


@dataclass
class TrapArchive:
    """Collects events in order of time."""

    begin: datetime
    events: list[ArchivedEvent] = field(default_factory=list)

    def add(self, after_s: float, peer: str, trap_oid: str, *varbinds: Varbind) -> None:
        """Add a trap that a device sent some seconds after the begin."""
        self.events.append(
            ArchivedEvent(
                id=UUID(int=len(self.events) + 1),
                connector="traps",
                received_at=self.begin + timedelta(seconds=after_s),
                peer=peer,
                payload=payload(trap_oid, *varbinds),
            )
        )

    def add_fans(self, messages: int, fans: int, peer: str = "10.0.0.1") -> None:
        """Add failures of fans that only their row distinguishes."""
        for count in range(messages):
            fan = count % fans + 1
            self.add(60 * count, peer, FAN_FAILED, text(f"{FAN_NAME}.{fan}", f"fan-{fan}"))

    def add_log(self, messages: int, ports: int, peer: str = "10.0.0.2") -> None:
        """Add errors of ports, each with the number of its entry in the device's log."""
        for count in range(messages):
            port = f"port-{count % ports + 1}"
            self.add(30 * count, peer, LOG_ENTRY, number(SEQUENCE, 1_000 + count), text(PORT, port))

    def add_cards(self, times: int, slots: int = 2, peer: str = "10.0.0.3") -> None:
        """Add losses of cards, each followed by its return five minutes later."""
        for count in range(times):
            for slot in range(slots):
                at = 3_600 * count + 600 * slot
                self.add(at, peer, CARD_LOST, text(SLOT, f"slot-{slot}"))
                self.add(at + 300, peer, CARD_BACK, text(SLOT, f"slot-{slot}"))

    def parts(self, size: int = 5_000) -> Iterator[Sequence[ArchivedEvent]]:
        """Yield the events in order of time, some at a time."""
        ordered = sorted(self.events, key=lambda event: (event.received_at, event.id))
        for start in range(0, len(ordered), size):
            yield ordered[start : start + size]
