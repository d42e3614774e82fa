"""Variables of our own notifications: OPSCONDUCTOR-MIB, and of forwarded traps: RFC 3584.

Source:
    `mibs/OPSCONDUCTOR-MIB.txt`; RFC 2579 (DateAndTime); RFC 3584 section 3.1 (what a proxy adds).
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from ipaddress import AddressValueError, IPv4Address

from opsconductor.connector.outgoing.appearance import (
    detail_of,
    fact,
    is_over,
    shortened_bytes,
    shown_severity,
)
from opsconductor.model.notifications.notification import Notification
from opsconductor.snmp.message import encode
from opsconductor.snmp.message.oid import encode_oid
from opsconductor.snmp.message.tlv import GAUGE32, INTEGER, IP_ADDRESS, OCTET_STRING, OID
from opsconductor.snmp.message.trap import Trap, Varbind
from opsconductor.snmp.message.varbinds import SNMP_TRAP_ADDRESS, SNMP_TRAP_ENTERPRISE
from opsconductor.snmp.notice import SnmpNotice

MIB = "1.3.6.1.4.1.32473.8"
RAISED, CLEARED = f"{MIB}.0.1", f"{MIB}.0.2"
LONGEST_TEXT = 255
"""Bytes of an SnmpAdminString."""
BRIEF = 60
LARGEST = 1_250
"""Bytes of variables beyond which texts are cut, so that the message fits into one packet."""
MOST_GAUGE = 2**32 - 1
NO_TIME = bytes(8)

Codes = Mapping[str, int]
KINDS: Codes = {
    "problem": 2, "worse": 3, "recovery": 4, "flapping": 5, "stable": 6, "acknowledged": 7, "expired": 8,
    "updated": 9, "reminder": 10,
}  # fmt: skip
SEVERITIES: Codes = {"clear": 1, "info": 2, "warning": 3, "minor": 4, "major": 5, "critical": 6}
STATUSES: Codes = {"active": 2, "acknowledged": 3, "suppressed": 4, "resolved": 5, "expired": 6}
PRIORITIES: Codes = {"P1": 2, "P2": 3, "P3": 4, "P4": 5, "P5": 6}
CATEGORIES: Codes = {
    "network": 2, "power": 3, "video": 4, "wireless": 5, "security": 6, "environment": 7, "compute": 8,
    "storage": 9, "application": 10,
}  # fmt: skip
UNKNOWN = 1
"""Code of values that are not known, and of kinds that are newer than the MIB."""


def alert_notice(notification: Notification, uptime: int) -> SnmpNotice:
    """Return the notification of OPSCONDUCTOR-MIB.

    Args:
        uptime: sysUpTime.0 in hundredths of a second.
    """
    trap_oid = CLEARED if is_over(notification) else RAISED
    varbinds = tuple(_varbinds(notification, LONGEST_TEXT))
    if len(encode.varbind_list(varbinds)) > LARGEST:
        varbinds = tuple(_varbinds(notification, BRIEF))
    return SnmpNotice(trap_oid=trap_oid, uptime=uptime, varbinds=varbinds)


def forwarded_notice(trap: Trap, peer: str) -> SnmpNotice:
    """Return the trap of a device as a proxy forwards it: with its address, and the enterprise of v1.

    Args:
        peer: Address from which it came here.
    """
    varbinds = list(trap.varbinds)
    if address := ip_address(trap.trap_address or trap.agent_address or peer):
        varbinds.append((SNMP_TRAP_ADDRESS, IP_ADDRESS, address.packed))
    if trap.enterprise:
        varbinds.append((SNMP_TRAP_ENTERPRISE, OID, encode_oid(trap.enterprise)))
    return SnmpNotice(trap_oid=trap.trap_oid, uptime=trap.uptime or 0, varbinds=varbinds)


def ip_address(text: str) -> IPv4Address | None:
    """Return an address that snmpTrapAddress can hold, or None."""
    try:
        return IPv4Address(text)
    except AddressValueError:
        return None


def date_and_time(text: object) -> bytes:
    """Return an ISO 8601 time as DateAndTime in UTC; eight zeros if there is none."""
    try:
        at = datetime.fromisoformat(text).astimezone(UTC) if isinstance(text, str) else None
    except (ValueError, OverflowError):
        at = None
    if at is None:
        return NO_TIME
    fields = (at.month, at.day, at.hour, at.minute, at.second, at.microsecond // 100_000)
    return at.year.to_bytes(2, "big") + bytes(fields) + b"+\0\0"


def _varbinds(notification: Notification, longest: int) -> Iterator[Varbind]:
    """Yield the variables in the order of the MIB's notifications."""
    facts = notification.facts

    def text(number: int, value: str) -> Varbind:
        return f"{MIB}.1.{number}.0", OCTET_STRING, shortened_bytes(value, longest).encode()

    def code(number: int, codes: Codes, value: str) -> Varbind:
        return f"{MIB}.1.{number}.0", INTEGER, bytes((codes.get(value, UNKNOWN),))

    def time(number: int, name: str) -> Varbind:
        return f"{MIB}.1.{number}.0", OCTET_STRING, date_and_time(facts.get(name))

    yield text(1, str(notification.alert_id))
    yield code(2, KINDS, notification.kind.value)
    yield code(3, SEVERITIES, shown_severity(notification))
    yield code(4, STATUSES, fact(notification, "status"))
    yield code(5, PRIORITIES, fact(notification, "priority"))
    yield code(6, CATEGORIES, fact(notification, "category"))
    yield text(7, fact(notification, "alert_type"))
    yield text(8, fact(notification, "title") or notification.subject)
    yield text(10, fact(notification, "device_name"))
    yield text(11, fact(notification, "device_ip"))
    yield text(12, fact(notification, "resource"))
    yield text(13, fact(notification, "site"))
    yield text(14, fact(notification, "source_system"))
    yield time(15, "occurred_at")
    yield time(16, "last_occurrence_at")
    yield time(17, "resolved_at")
    yield _gauge(18, facts.get("occurrence_count"))
    yield _gauge(19, facts.get("impacted"))
    yield text(20, fact(notification, "cause"))
    yield text(21, fact(notification, "acknowledged_by"))
    yield text(22, fact(notification, "resolved_by"))
    yield text(23, _joined(facts.get("tags"), ", "))
    yield text(24, _joined(facts.get("custom_fields"), "; "))
    yield text(25, str(notification.id))
    yield text(26, notification.rule_name)
    yield text(27, notification.url)
    yield text(9, detail_of(notification, longest))
    if address := ip_address(fact(notification, "device_ip")):
        yield SNMP_TRAP_ADDRESS, IP_ADDRESS, address.packed


def _gauge(number: int, value: object) -> Varbind:
    amount = value if isinstance(value, int) else 0
    return f"{MIB}.1.{number}.0", GAUGE32, encode.integer(max(0, min(amount, MOST_GAUGE)))[2:]


def _joined(value: object, mark: str) -> str:
    if isinstance(value, Mapping):
        return mark.join(f"{name}={each}" for name, each in value.items() if each not in (None, "", [], {}))
    return mark.join(map(str, value)) if isinstance(value, list | tuple) else ""
