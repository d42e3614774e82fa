"""Any datagram is a decoder's error that is counted, or an alert that can be stored."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.snmp_trap.normalize import normalize
from opsconductor.errors import DecodeError
from opsconductor.mib.lookup import standard_facts
from opsconductor.model.enums import Category, Severity
from opsconductor.model.event import RawEvent
from opsconductor.model.mappings.mapping import OidMapping, SeverityMap
from opsconductor.model.mappings.table import MappingTable
from opsconductor.snmp.message.ber import REASONS, decode, decode_pdu, version_of
from opsconductor.snmp.message.oid import encode_oid
from tests.fuzz.mutation import cpu_s

CASES = Path(__file__).parents[2] / "connectors" / "snmp_trap" / "cases"
PACKETS = [bytes.fromhex(path.read_text()) for path in sorted(CASES.glob("*/input.hex"))]
LONGEST = 65_507
SECONDS = 0.5

EVERYTHING = MappingTable(
    [
        OidMapping(
            oid_pattern="1.3.6.1.*",
            alert_type="network_any",
            category=Category.NETWORK,
            default_severity=Severity.MAJOR,
            title_template="{device_name} {resource} {1.3.6.1} {ifDescr#}",
            resource_expression="{1.3} {1.3#} {ifIndex}",
            clear_oid_pattern="1.3.*",
            severity_map=SeverityMap(varbind="1.3", values={"1": Severity.CLEAR}),
        )
    ]
)


def refusal(read: Callable[[bytes], object], packet: bytes) -> str:
    """Read a packet; return the reason of its refusal, or an empty text."""
    try:
        read(packet)
    except DecodeError as error:
        return error.reason
    return ""


def survive(packet: bytes) -> str:
    """Pass a packet through everything before the engine; return the reason of its refusal, or nothing."""
    reason = refusal(decode, packet)
    if reason:
        assert reason in REASONS
        return reason
    raw = RawEvent(
        connector="traps",
        payload=packet,
        received_at=datetime(2026, 1, 2, tzinfo=UTC),
        peer="192.0.2.1",
        parsed=decode(packet),
    )
    for mappings in (EVERYTHING, MappingTable([])):
        alerts = normalize(
            raw, mappings=mappings, vendor_of=lambda _: None, is_forwarder=bool, facts=standard_facts()
        )
        for alert in alerts:
            assert len(alert.title) <= 255
            assert len(alert.resource) <= 255 + 640 * 10
            assert alert.title.isprintable()
            stored = json.dumps(alert.raw_data(), allow_nan=False) + json.dumps(alert.message)
            assert "\\u0000" not in stored.replace("\\\\", "")
            (stored + alert.title + alert.resource + alert.message).encode()
    return ""


@st.composite
def mutated_packets(draw: st.DrawFn) -> bytes:
    """Take a real packet and change, cut, double or insert bytes."""
    packet = bytearray(draw(st.sampled_from(PACKETS)))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(packet) - 1)) if packet else 0
        match draw(st.sampled_from(["change", "cut", "insert", "double", "delete"])):
            case "change" if packet:
                packet[at] = draw(st.integers(0, 255))
            case "cut":
                del packet[at:]
            case "insert":
                packet[at:at] = draw(st.binary(max_size=8))
            case "double":
                packet[at:at] = packet[at : at + 32]
            case _:
                del packet[at : at + 1]
    return bytes(packet)


@settings(max_examples=500, deadline=None)
@given(mutated_packets())
def test_mutated_packets_raise_nothing_else(packet: bytes) -> None:
    """A real packet with a few bytes wrong is refused with a known reason, or can be stored."""
    survive(packet)


@settings(max_examples=500, deadline=None)
@given(st.binary(max_size=400) | st.binary(max_size=60).map(lambda tail: PACKETS[0][:30] + tail))
def test_random_bytes_raise_nothing_else(packet: bytes) -> None:
    """Noise is refused with a known reason, by each of the three ways in."""
    survive(packet)
    assert {refusal(version_of, packet), refusal(decode_pdu, packet)} <= {"", *REASONS}


def element(tag: int, *contents: bytes) -> bytes:
    """Encode an element."""
    content = b"".join(contents)
    size = len(content)
    length = bytes([size]) if size < 128 else b"\x83" + size.to_bytes(3, "big")
    return bytes([tag]) + length + content


UP_TIME = element(0x30, bytes.fromhex("06082b06010201010300"), element(0x43, b"\x05"))
TRAP_OID = element(0x30, bytes.fromhex("060a2b060106030101040100"), element(0x06, b"\x2b\x06\x01\x05"))
NAME = element(0x06, b"\x2b\x06\x01\x05\x01")
LONG_UP_TIME = element(0x30, bytes.fromhex("06082b06010201010300"), element(0x43, b"\1" * 60_000))
HEAD = UP_TIME + TRAP_OID


def message(
    varbinds: bytes, *, tag: int = 0xA7, head: bytes = b"\x02\x01\x01\x02\x01\x00\x02\x01\x00"
) -> bytes:
    """Encode a v2c message around encoded variables."""
    pdu = element(tag, head, element(0x30, varbinds))
    return element(0x30, b"\x02\x01\x01", element(0x04, b"public"), pdu)


def value(tag: int, content: bytes) -> bytes:
    """Encode a message with one variable."""
    return message(HEAD + element(0x30, NAME, element(tag, content)))


HOSTILE = {
    "nothing": (b"", "truncated"),
    "one byte": (b"\x30", "truncated"),
    "only a version": (bytes.fromhex("3003020101"), "truncated"),
    "deep nesting": (b"\x30\x82\xff\xdf" * (LONGEST // 4), "truncated"),
    "deep nesting of real lengths": (b"\x30\x80" * (LONGEST // 2), "bad_length"),
    "deep nesting in a value": (value(0x30, b"\x30\x80" * 30_000), ""),
    "indefinite length": (bytes.fromhex("3080020101040670") + b"\0\0", "bad_length"),
    "huge length": (bytes.fromhex("3084ffffffff020101"), "truncated"),
    "absurd length": (b"\x30\xfe" + b"\xff" * 126, "bad_length"),
    "eight bytes of length": (b"\x30\x88" + b"\xff" * 8 + b"\x02\x01\x01", "truncated"),
    "64 kB of zeros": (bytes(LONGEST), "bad_tag"),
    "64 kB of ones": (b"\xff" * LONGEST, "bad_tag"),
    "version of 64 kB": (element(0x30, element(0x02, b"\1" * 60_000)), "bad_value"),
    "empty version": (bytes.fromhex("30020200"), "bad_value"),
    "version 2": (element(0x30, b"\x02\x01\x02"), "unsupported_version"),
    "version 3": (element(0x30, b"\x02\x01\x03"), "unsupported_version"),
    "community of another type": (element(0x30, b"\x02\x01\x01\x02\x01\x01"), "bad_tag"),
    "a request": (message(HEAD, tag=0xA0), "not_a_notification"),
    "a response": (message(HEAD, tag=0xA2), "not_a_notification"),
    "request id of 64 kB": (message(HEAD, head=element(2, b"\1" * 60_000)), "bad_value"),
    "request id of another type": (message(HEAD, head=element(4, b"\1")), "bad_tag"),
    "error status that is none": (message(HEAD, head=b"\x02\x01\x01\x02\x02\x00\x00\x02\x01\x00"), ""),
    "no variables": (message(b""), "no_trap_oid"),
    "trap OID of another type": (
        message(UP_TIME + TRAP_OID.replace(b"\x06\x04", b"\x04\x04")),
        "no_trap_oid",
    ),
    "trap OID first": (message(TRAP_OID + UP_TIME), ""),
    "no uptime": (message(TRAP_OID), ""),
    "uptime of 64 kB": (message(LONG_UP_TIME + TRAP_OID), ""),
    "variable without value": (message(HEAD + element(0x30, NAME)), ""),
    "variable that is none": (message(HEAD + element(0x02, b"\1")), ""),
    "variable with a number as name": (message(HEAD + element(0x30, b"\x02\x01\x01\x05\x00")), ""),
    "variable of one byte": (message(HEAD + b"\x30"), ""),
    "7,000 variables that are damaged": (message(HEAD + element(0x30, NAME) * 7_000), ""),
    "64 kB string": (value(0x04, b"x" * 65_000), ""),
    "64 kB of bytes that are no text": (value(0x04, b"\xff" * 65_000), ""),
    "64 kB of control characters": (value(0x04, b"text\x1b" * 13_000), ""),
    "64 kB integer": (value(0x02, b"\x7f" * 65_000), ""),
    "64 kB OID value": (value(0x06, b"\x01" * 65_000), ""),
    "64 kB OID value of one arc": (value(0x06, b"\x81" * 65_000), ""),
    "64 kB OID name": (message(HEAD + element(0x30, element(6, b"\x81" * 65_000), b"\x05\x00")), ""),
    "64 kB community": (element(0x30, b"\x02\x01\x01", element(4, b"c" * 65_000)), "truncated"),
    "9,000 variables": (message(HEAD + bytes.fromhex("300506012b0500") * 9_000), ""),
    "7,000 different variables": (
        message(
            HEAD + b"".join(element(0x30, element(6, encode_oid(f"1.3.{n}")), b"\5\0") for n in range(7_000))
        ),
        "",
    ),
    "100 variables of 128 arcs": (
        message(HEAD + element(0x30, element(6, b"\x2b" + b"\x8f\xff\xff\xff\x7f" * 126), b"\x05\x00") * 90),
        "",
    ),
    "tag of several bytes": (message(HEAD + element(0x30, NAME, b"\x1f\x81\x01\x00")), ""),
    "indefinite value": (message(HEAD + element(0x30, NAME, b"\x24\x80\x04\x01\x01\x00\x00")), ""),
    "v1 PDU without anything": (element(0x30, b"\x02\x01\x00\x04\x00\xa4\x00"), "truncated"),
}


@pytest.mark.parametrize(("packet", "reason"), HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_packets_are_processed_at_once(packet: bytes, reason: str) -> None:
    """Each known trick ends in its own reason, or in an alert, within a fraction of a second."""
    assert cpu_s(lambda: survive(packet), SECONDS) < SECONDS
    assert survive(packet) == reason
