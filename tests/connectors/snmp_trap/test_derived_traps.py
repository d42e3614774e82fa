"""Traps with a derived mapping only: the alerts that they raise and end."""

from datetime import UTC, datetime, timedelta

import pytest

from connectors.snmp_trap.normalize import normalize
from opsconductor.mib.derive.modules import derive
from opsconductor.mib.derived_mappings import DerivedMappings
from opsconductor.mib.facts import (
    IndexPart,
    NotificationFact,
    NotificationText,
    ObjectFact,
    ObjectReference,
)
from opsconductor.mib.indexing import index_of
from opsconductor.mib.lookup import MibFacts
from opsconductor.model.enums import Category, Severity
from opsconductor.model.event import RawEvent
from opsconductor.model.mappings.mapping import OidMapping, Origin
from opsconductor.model.mappings.table import MappingTable
from opsconductor.model.normalized import NormalizedAlert
from opsconductor.snmp.message.trap import Trap, Varbind

NOW = datetime(2026, 1, 2, tzinfo=UTC)
ACME = "1.3.6.1.4.1.53000"
INDEX = (IndexPart("acmeFanIndex", "INTEGER"),)
SPEED = ObjectFact(f"{ACME}.1.2.1.2", "acmeFanSpeed", "ACME-MIB", "INTEGER", index=INDEX, units="rpm")
STATE = ObjectFact(
    f"{ACME}.1.2.1.3",
    "acmeFanState",
    "ACME-MIB",
    "INTEGER",
    enumeration=((1, "ok"), (2, "failed"), (3, "minor")),
    index=INDEX,
)
TEXT = ObjectFact(f"{ACME}.1.9", "acmeTrapText", "ACME-MIB", "OCTET STRING")
NAMES = {
    "acmeFanFailed": SPEED,
    "acmeFanFailedCleared": STATE,
    "acmeFanStateChange": STATE,
    "acmePortDown": TEXT,
    "acmeConfigurationChanged": TEXT,
}
FACTS = [
    NotificationFact(f"{ACME}.0.{number}", name, "ACME-MIB", (ObjectReference(each.name, each.oid),), "acme")
    for number, (name, each) in enumerate(NAMES.items(), 1)
]
FAILED, CLEARED, CHANGED, DOWN, PORT = (each.oid for each in FACTS)


def known() -> MibFacts:
    """Return the facts of the module with what is derived from them."""
    objects = (SPEED, STATE, TEXT)
    mappings = derive([(each, NotificationText()) for each in FACTS], {each.oid: each for each in objects})
    return MibFacts([index_of(objects, FACTS, mappings)])


def alerts(
    oid: str,
    *varbinds: Varbind,
    facts: MibFacts | None = None,
    declared: tuple[OidMapping, ...] = (),
    vendor: str | None = None,
) -> tuple[NormalizedAlert, ...]:
    """Normalize a trap of a device of a vendor, with these mappings above the derived ones."""
    facts = facts or known()
    decoded = Trap(version="2c", request_id=1, trap_oid=oid, uptime=100, varbinds=varbinds)
    raw = RawEvent(connector="traps", payload=b"", received_at=NOW, peer="10.0.0.1", parsed=decoded)
    return normalize(
        raw,
        mappings=MappingTable(declared, DerivedMappings(facts)),
        facts=facts,
        vendor_of=lambda _: vendor,
        is_forwarder=lambda _: False,
    )


def test_a_clear_ends_exactly_its_problem() -> None:
    """Type and resource of both are the same, though they carry other columns of the row."""
    (raised,) = alerts(FAILED, (f"{SPEED.oid}.7", 2, b"\x00"))
    assert raised.severity is Severity.MAJOR
    assert raised.category is Category.ENVIRONMENT
    assert raised.title == "Fan Failed - {device_name} fanIndex=7"
    (ended,) = alerts(CLEARED, (f"{STATE.oid}.7", 2, b"\x01"))
    assert ended.is_clear
    assert (
        (ended.alert_type, ended.resource)
        == (raised.alert_type, raised.resource)
        == (
            "environment_fan_failed",
            "fanIndex=7",
        )
    )
    (other,) = alerts(CLEARED, (f"{STATE.oid}.8", 2, b"\x01"))
    assert other.resource != raised.resource


@pytest.mark.parametrize(
    ("value", "expected"), [(1, Severity.CLEAR), (2, Severity.MAJOR), (3, Severity.MINOR)]
)
def test_one_trap_raises_and_clears_by_its_state(value: int, expected: Severity) -> None:
    """The value of the state variable rates the trap, or ends its alert."""
    (alert,) = alerts(CHANGED, (f"{STATE.oid}.7", 2, bytes([value])))
    assert (alert.severity, alert.is_clear) == (expected, expected is Severity.CLEAR)
    assert alert.resource == "fanIndex=7"


def test_a_clear_that_does_not_say_of_what_ends_nothing() -> None:
    """Without its variables it is information about an unknown trap, with the name of the notification."""
    (alert,) = alerts(CLEARED)
    assert not alert.is_clear
    assert (alert.alert_type, alert.severity) == ("unknown_trap", Severity.INFO)
    assert "acmeFanFailedCleared" in alert.title


def test_problems_that_differ_in_text_only_are_separate() -> None:
    """No object of the MIB identifies the port; its name in the text keeps two of them apart."""
    found = [
        alerts(DOWN, (f"{TEXT.oid}.0", 4, text))[0]
        for text in (b"port gi-0/1 went down", b"port gi-0/2 went down")
    ]
    assert {each.alert_type for each in found} == {"network_port_down"}
    assert len({each.resource for each in found}) == 2
    assert found[0].expires_after == timedelta(days=1)


def test_a_pack_for_the_vendor_of_the_oid_beats_what_is_derived() -> None:
    """The vendor of the inventory has no mapping of it; the derived one does not hide the pack."""
    pack = OidMapping(
        oid_pattern="1.3.6.1.4.1.9.0.1",
        vendor="cisco",
        alert_type="environment_of_pack",
        category=Category.ENVIRONMENT,
        default_severity=Severity.MINOR,
        title_template="Fan",
        origin=Origin.PACK,
    )
    fact = NotificationFact("1.3.6.1.4.1.9.0.1", "ciscoFanFailed", "C-MIB", (), "cisco")
    mappings = derive([(fact, NotificationText())], {})
    facts = MibFacts([index_of((), [fact], mappings)])
    for vendor, declared, expected in (
        ("dell", (pack,), "environment_of_pack"),
        ("dell", (), "environment_fan_failed"),
        (None, (pack,), "environment_of_pack"),
    ):
        (alert,) = alerts(fact.oid, facts=facts, declared=declared, vendor=vendor)
        assert alert.alert_type == expected


@pytest.mark.parametrize(
    ("text", "severity"),
    [(b"Interface eth1 is down", Severity.MAJOR), (b"Interface eth1 is polled", Severity.INFO)],
)
def test_an_event_is_rated_by_what_it_says(text: bytes, severity: Severity) -> None:
    """A notification derived as an event is a problem if its text reports a fault."""
    (alert,) = alerts(PORT, (f"{TEXT.oid}.0", 4, text))
    assert alert.alert_type != "unknown_trap"
    assert alert.severity is severity
    assert alert.expires_after == (timedelta(days=1) if severity is Severity.MAJOR else timedelta(hours=1))
