"""Evaluation of a trap: its problem, its device, and the problems that it clears."""

from datetime import UTC, datetime

import pytest

from connectors.snmp_trap.evaluate import TrapIdentity, evaluate
from connectors.snmp_trap.normalize import normalize
from connectors.snmp_trap.reading import MOST_VARBINDS, VarbindReading, document_of
from connectors.snmp_trap.sender import sender_of
from opsconductor.errors import DecodeError, NormalizeError
from opsconductor.mib.lookup import standard_facts
from opsconductor.model.enums import Category, Severity
from opsconductor.model.event import RawEvent
from opsconductor.model.mappings.mapping import OidMapping, SeverityMap
from opsconductor.model.mappings.table import MappingTable
from opsconductor.model.normalized import DeviceAlias
from opsconductor.snmp.message.trap import Trap, Varbind

OID = "1.3.6.1.4.1.9.1.0.1"
NOW = datetime(2026, 1, 2, tzinfo=UTC)


def mapping(**changes: object) -> OidMapping:
    """Make a mapping with changes."""
    given: dict[str, object] = {
        "oid_pattern": OID,
        "alert_type": "power_fan_failed",
        "category": Category.POWER,
        "default_severity": Severity.MINOR,
        "title_template": "Fan Failed - {device_name} {resource}",
        "resource_expression": "fan={1.3.6.1.4.1.9.2.1#}",
    }
    return OidMapping(**(given | changes))  # type: ignore[arg-type]


def trap(*varbinds: Varbind, **changes: object) -> Trap:
    """Make a trap with changes."""
    given: dict[str, object] = {"version": "2c", "request_id": 1, "trap_oid": OID, "uptime": 100}
    return Trap(**(given | {"varbinds": varbinds} | changes))  # type: ignore[arg-type]


def test_severity_comes_from_its_variable() -> None:
    """A listed value decides; an unlisted or missing one leaves the default."""
    declared = mapping(
        severity_map=SeverityMap(
            varbind="1.3.6.1.4.1.9.2.1", values={"1": Severity.CLEAR, "3": Severity.CRITICAL}
        )
    )
    severities = [
        evaluate(TrapIdentity(OID), VarbindReading(varbinds, standard_facts()), mapping=declared, cleared=())[
            0
        ].severity
        for varbinds in (
            (("1.3.6.1.4.1.9.2.1.5", 2, b"\x03"),),
            (("1.3.6.1.4.1.9.2.1.5", 2, b"\x01"),),
            (("1.3.6.1.4.1.9.2.1.5", 2, b"\x09"),),
            (("1.3.6.1.4.1.9.2.1.5", 0x80, b""),),
            (),
        )
    ]
    assert severities == [Severity.CRITICAL, Severity.CLEAR, Severity.MINOR, Severity.MINOR, Severity.MINOR]


@pytest.mark.parametrize(
    ("template", "title"),
    [
        ("Fan {resource} has failed - {device_name}", "Fan 5 has failed - {device_name}"),
        ("Fan Failed - {device_name} {resource}", "Fan Failed - {device_name} fan=5"),
        ("Fan {1.3.6.1.4.1.9.2.2} has failed", "Fan Tray 1 has failed"),
        ("Load is high ({resource})", "Load is high (fan=5)"),
    ],
)
def test_a_title_reads_like_a_sentence(template: str, title: str) -> None:
    """Behind a noun the label of the resource is left out, and so is a noun that the value repeats."""
    varbinds = (("1.3.6.1.4.1.9.2.1.5", 2, b"\x01"), ("1.3.6.1.4.1.9.2.2.5", 4, b"FAN Tray 1"))
    shown = mapping(title_template=template)
    reading = VarbindReading(varbinds, standard_facts())
    (found,) = evaluate(TrapIdentity(OID), reading, mapping=shown, cleared=())
    assert found.title.lower() == title.lower()


def test_a_clear_has_the_identity_of_the_problem() -> None:
    """Alert type and resource are the problem's, the title is the clear's own."""
    clear = mapping(
        is_clear_event=True, alert_type="power_fan_ok", title_template="Fan OK", resource_expression=""
    )
    (found,) = evaluate(
        TrapIdentity(OID),
        VarbindReading((("1.3.6.1.4.1.9.2.1.5", 2, b"\x01"),), standard_facts()),
        mapping=clear,
        cleared=(mapping(),),
    )
    assert (found.alert_type, found.resource, found.severity, found.title) == (
        "power_fan_failed",
        "fan=5",
        Severity.CLEAR,
        "Fan OK",
    )


def test_a_clear_names_the_resource_itself_where_it_lacks_the_problems_variables() -> None:
    """The clear's own expression counts when the problem's has no value."""
    clear = mapping(is_clear_event=True, resource_expression="fan={1.3.6.1.4.1.9.3}")
    (found,) = evaluate(
        TrapIdentity(OID),
        VarbindReading((("1.3.6.1.4.1.9.3.0", 2, b"\x05"),), standard_facts()),
        mapping=clear,
        cleared=(mapping(),),
    )
    assert found.resource == "fan=5"


def test_a_clear_that_nothing_names_clears_its_own_alert_type() -> None:
    """A mapping with is_clear_event works without clear_oid_pattern on the other side."""
    (found,) = evaluate(
        TrapIdentity(OID),
        VarbindReading((), standard_facts()),
        mapping=mapping(is_clear_event=True),
        cleared=(),
    )
    assert (found.alert_type, found.severity) == ("power_fan_failed", Severity.CLEAR)


def test_an_unmapped_trap_clears_the_problem_that_names_it() -> None:
    """A problem declared with its clear needs no mapping of the clear."""
    (found,) = evaluate(
        TrapIdentity(OID), VarbindReading((), standard_facts()), mapping=None, cleared=(mapping(), mapping())
    )
    assert (found.alert_type, found.severity) == ("power_fan_failed", Severity.CLEAR)


def test_a_trap_may_report_one_problem_and_end_another() -> None:
    """A mapping that is no clear ends the problems that name it, but never its own."""
    own = mapping(alert_type="power_fan_slow")
    found = evaluate(
        TrapIdentity(OID), VarbindReading((), standard_facts()), mapping=own, cleared=(mapping(), own)
    )
    assert [(each.alert_type, each.severity) for each in found] == [
        ("power_fan_slow", Severity.MINOR),
        ("power_fan_failed", Severity.CLEAR),
    ]


def test_long_and_hostile_values_stay_within_bounds() -> None:
    """Titles fit their column on one line, resources stay distinct, messages do not grow."""
    value = ("évil\r\n\u202e" * 300).encode()
    declared = mapping(title_template="{1.3.6.1.4.1.9} {resource}", resource_expression="{1.3.6.1.4.1.9}")
    many = tuple((f"1.3.6.1.4.1.9.{number}", 4, value) for number in range(100))
    (found,) = evaluate(
        TrapIdentity(OID), VarbindReading(many, standard_facts()), mapping=declared, cleared=()
    )
    (other,) = evaluate(
        TrapIdentity(OID),
        VarbindReading(((many[0][0], 4, value[:-8] + b"x"),), standard_facts()),
        mapping=declared,
        cleared=(),
    )
    assert len(found.title) == 255
    assert found.title.isprintable()
    assert len(found.resource) == 255 == len(other.resource)
    assert found.resource != other.resource
    assert len(found.message) < 10_000
    assert all(line.isprintable() for line in found.message.split("\n"))
    assert found.message.endswith("… and 76 more")


def test_a_cut_title_keeps_its_placeholder_whole() -> None:
    """A title that would be cut within {device_name} loses it completely."""
    declared = mapping(title_template="x" * 100 + "{1.3.6.1.4.1.9}" + "x" * 25 + "{device_name}")
    (found,) = evaluate(
        TrapIdentity(OID),
        VarbindReading((("1.3.6.1.4.1.9.1", 4, b"x" * 200),), standard_facts()),
        mapping=declared,
        cleared=(),
    )
    assert found.title == "x" * 220 + "…" + "x" * 25 + "…"


@pytest.mark.parametrize(
    ("peer", "changes", "device_ip", "aliases", "forwarder"),
    [
        ("10.0.0.1", {}, "10.0.0.1", {}, ""),
        ("::ffff:10.0.0.1", {}, "10.0.0.1", {}, ""),
        ("fe80::1%eth0", {}, "fe80::1", {}, ""),
        ("10.0.0.1", {"agent_address": "10.0.0.1"}, "10.0.0.1", {}, ""),
        ("10.0.0.1", {"agent_address": "10.0.0.2"}, "10.0.0.1", {"agent_address": "10.0.0.2"}, ""),
        ("10.0.0.1", {"trap_address": "10.0.0.2"}, "10.0.0.1", {}, ""),
        ("10.0.0.1", {"engine_id": "80001f88"}, "10.0.0.1", {"engine_id": "80001f88"}, ""),
        ("10.9.9.9", {"trap_address": "10.0.0.2"}, "10.0.0.2", {}, "10.9.9.9"),
        ("10.9.9.9", {"agent_address": "10.0.0.2"}, "10.0.0.2", {}, "10.9.9.9"),
        ("10.9.9.9", {"trap_address": "10.9.9.9"}, "10.9.9.9", {}, ""),
        (
            "10.9.9.9",
            {"trap_address": "10.0.0.2", "agent_address": "10.0.0.3"},
            "10.0.0.2",
            {"agent_address": "10.0.0.3"},
            "10.9.9.9",
        ),
        ("", {"agent_address": "10.0.0.2"}, "10.0.0.2", {}, ""),
        ("10.0.0.1", {"agent_address": "255.255.255.255"}, "10.0.0.1", {}, ""),
        ("10.0.0.1", {"agent_address": "224.0.0.1"}, "10.0.0.1", {}, ""),
        ("10.0.0.1", {"agent_address": "127.0.0.1"}, "10.0.0.1", {}, ""),
        ("10.9.9.9", {"agent_address": "239.1.2.3"}, "10.9.9.9", {}, ""),
        ("10.9.9.9", {"trap_address": "127.0.0.1", "agent_address": "10.0.0.3"}, "10.0.0.3", {}, "10.9.9.9"),
    ],
)
def test_whose_trap_it_is(
    peer: str, changes: dict[str, str], device_ip: str, aliases: dict[str, str], forwarder: str
) -> None:
    """The sender's address, unless it is a trusted forwarder; further names come along."""
    sender = sender_of(peer, trap(**changes), lambda address: address == "10.9.9.9")
    assert sender.device_ip == device_ip
    assert sender.aliases == tuple(DeviceAlias(kind=kind, value=value) for kind, value in aliases.items())
    assert sender.forwarder == forwarder


@pytest.mark.parametrize(
    ("peer", "changes", "unnamed"),
    [
        ("10.9.9.9", {}, True),
        ("10.9.9.9", {"engine_id": "80001f88"}, True),
        ("10.9.9.9", {"agent_address": "255.255.255.255"}, True),
        ("10.9.9.9", {"trap_address": "10.0.0.2"}, False),
        ("10.9.9.9", {"trap_address": "127.0.0.1"}, False),
        ("10.0.0.1", {}, False),
    ],
)
def test_a_forwarder_that_does_not_name_the_device_is_noticed(
    peer: str, changes: dict[str, str], *, unnamed: bool
) -> None:
    """Only a trusted forwarder may name another device."""
    sender = sender_of(peer, trap(**changes), lambda address: address == "10.9.9.9")
    assert sender.is_unnamed is unnamed


def test_a_trap_without_device_is_refused() -> None:
    """Without any address there is no device for the alert."""
    with pytest.raises(NormalizeError) as caught:
        sender_of("", trap(), lambda _: False)
    assert caught.value.reason == "no_device"


@pytest.mark.parametrize(
    ("vendor", "enterprise", "expected"),
    [
        (None, "", "network_cisco"),
        ("juniper", "", "network_juniper"),
        ("ciena", "", "network_cisco"),
        (None, "1.3.6.1.4.1.2636.1", "network_cisco"),
    ],
)
def test_vendor_of_the_inventory_comes_first(vendor: str | None, enterprise: str, expected: str) -> None:
    """The vendor of the inventory comes first; if it has no mapping, the one of the OID."""
    table = MappingTable(
        [
            mapping(oid_pattern="1.3.6.1.4.1.9.*", vendor="cisco", alert_type="network_cisco"),
            mapping(oid_pattern="1.3.6.1.4.1.9.*", vendor="juniper", alert_type="network_juniper"),
        ]
    )
    raw = RawEvent(
        connector="traps", payload=b"", received_at=NOW, peer="10.0.0.1", parsed=trap(enterprise=enterprise)
    )
    (alert,) = normalize(
        raw, mappings=table, vendor_of=lambda _: vendor, is_forwarder=lambda _: False, facts=standard_facts()
    )
    assert alert.alert_type == expected


def test_generic_traps_take_their_vendor_from_the_enterprise() -> None:
    """A linkDown says by its enterprise who built the device."""
    oid = "1.3.6.1.6.3.1.1.5.3"
    table = MappingTable(
        [mapping(oid_pattern=oid), mapping(oid_pattern=oid, vendor="cisco", alert_type="network_cisco")]
    )
    received = trap(trap_oid=oid, enterprise="1.3.6.1.4.1.9.1.516")
    raw = RawEvent(connector="traps", payload=b"", received_at=NOW, peer="10.0.0.1", parsed=received)
    (alert,) = normalize(
        raw, mappings=table, vendor_of=lambda _: None, is_forwarder=lambda _: False, facts=standard_facts()
    )
    assert alert.alert_type == "network_cisco"


def test_undecoded_bytes_are_decoded() -> None:
    """A raw event without parsed trap is decoded, or refused with the decoder's error."""
    raw = RawEvent(connector="traps", payload=b"no trap", received_at=NOW, peer="10.0.0.1")
    with pytest.raises(DecodeError):
        normalize(
            raw,
            mappings=MappingTable([]),
            vendor_of=lambda _: None,
            is_forwarder=lambda _: False,
            facts=standard_facts(),
        )


def test_the_archived_form_of_a_trap_is_bounded() -> None:
    """A packet full of variables does not fill the table; the number of omitted ones is shown."""
    kept = document_of(trap(*[("1.3.6.1", 2, b"\x01")] * 1000, uptime=None), "10.0.0.1", "", standard_facts())
    assert len(kept["varbinds"]) == MOST_VARBINDS  # type: ignore[arg-type]
    assert kept["varbinds_left_out"] == 1000 - MOST_VARBINDS
    assert "uptime_s" not in kept


def test_the_community_is_never_shown() -> None:
    """Neither the text of a trap nor its archived form has the community."""
    received = trap(community=b"topsecret")
    assert "topsecret" not in repr(received)
    assert "topsecret" not in repr(document_of(received, "10.0.0.1", "", standard_facts()))
