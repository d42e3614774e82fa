"""Our decoder and pysnmp's read the same from every message that the standard allows."""

from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pyasn1.codec.ber import decoder, encoder
from pysnmp.proto import api, rfc1902, rfc1905

from opsconductor.snmp.message.ber import decode, version_of
from opsconductor.snmp.message.trap import Trap
from opsconductor.snmp.message.values import json_of

V1: Any = api.PROTOCOL_MODULES[api.SNMP_VERSION_1]
V2C: Any = api.PROTOCOL_MODULES[api.SNMP_VERSION_2C]
UP_TIME = (1, 3, 6, 1, 2, 1, 1, 3, 0)
TRAP_OID = (1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0)

arcs = st.integers(0, 2**32 - 1) | st.sampled_from([0, 1, 127, 128, 16383, 16384, 2**31, 2**32 - 1])
oids = st.tuples(
    st.tuples(st.integers(0, 1), st.integers(0, 39)) | st.tuples(st.just(2), arcs),
    st.lists(arcs, min_size=1, max_size=126),
).map(lambda parts: (*parts[0], *parts[1]))
bounded = st.binary(max_size=300) | st.binary(min_size=65_000 // 50, max_size=65_000 // 50)
signed = st.integers(-(2**31), 2**31 - 1) | st.sampled_from(
    [-(2**31), -129, -128, -1, 0, 127, 128, 2**31 - 1]
)
unsigned = st.integers(0, 2**32 - 1) | st.sampled_from([0, 127, 128, 2**31, 2**32 - 1])
huge = st.integers(0, 2**64 - 1) | st.sampled_from([2**63, 2**64 - 1])
addresses = st.tuples(*[st.integers(0, 255)] * 4).map(lambda parts: ".".join(map(str, parts)))

values_of_v1 = st.one_of(
    signed.map(V1.Integer),
    bounded.map(V1.OctetString),
    oids.map(V1.ObjectIdentifier),
    st.just(V1.Null("")),
    addresses.map(V1.IpAddress),
    unsigned.map(V1.Counter),
    unsigned.map(V1.Gauge),
    unsigned.map(V1.TimeTicks),
    bounded.map(V1.Opaque),
)
values_of_v2c = st.one_of(
    signed.map(rfc1902.Integer32),
    bounded.map(rfc1902.OctetString),
    oids.map(rfc1902.ObjectIdentifier),
    st.just(rfc1902.Null("")),
    addresses.map(rfc1902.IpAddress),
    unsigned.map(rfc1902.Counter32),
    unsigned.map(rfc1902.Gauge32),
    unsigned.map(rfc1902.TimeTicks),
    bounded.map(rfc1902.Opaque),
    huge.map(rfc1902.Counter64),
    st.sampled_from([rfc1905.noSuchObject, rfc1905.noSuchInstance, rfc1905.endOfMibView]),
)


def variables(values: st.SearchStrategy[Any]) -> st.SearchStrategy[list[tuple[tuple[int, ...], Any]]]:
    """Make lists of variables with such values."""
    return st.lists(st.tuples(oids, values), max_size=8)


def message(module: Any, pdu: Any, community: bytes) -> bytes:
    """Encode a whole message with pysnmp."""
    whole = module.Message()
    module.apiMessage.set_defaults(whole)
    module.apiMessage.set_community(whole, community)
    module.apiMessage.set_pdu(whole, pdu)
    return bytes(encoder.encode(whole))


def read_by_pysnmp(module: Any, data: bytes) -> Any:
    """Decode a whole message with pysnmp: its PDU."""
    return module.apiMessage.get_pdu(decoder.decode(data, asn1Spec=module.Message())[0])


def assert_same_variables(trap: Trap, expected: list[tuple[Any, Any]]) -> None:
    """Hold OIDs, types, contents and decoded values against pysnmp's; nothing is damaged."""
    assert trap.faults == ()
    assert [oid for oid, _, _ in trap.varbinds] == [str(oid) for oid, _ in expected]
    for (_, tag, content), (_, value) in zip(trap.varbinds, expected, strict=True):
        encoded = bytes(encoder.encode(value))
        assert (tag, content) == (encoded[0], encoded[-len(content) :] if content else b"")
        if isinstance(value, rfc1902.Integer | V1.Integer):
            assert json_of(tag, content) == int(value)
        elif isinstance(value, V1.ObjectIdentifier):
            assert json_of(tag, content) == str(value)
        elif isinstance(value, rfc1902.IpAddress | V1.IpAddress):
            assert json_of(tag, content) == value.prettyPrint()


@pytest.mark.parametrize("pdu_type", ["TrapPDU", "InformRequestPDU"])
@settings(max_examples=150, deadline=None)
@given(st.data())
def test_v2c_is_read_as_pysnmp_reads_it(pdu_type: str, data: st.DataObject) -> None:
    """Traps and informs with every type of value, from a length of nothing to long ones."""
    uptime, request_id = data.draw(unsigned), data.draw(signed)
    trap_oid, community = data.draw(oids), data.draw(st.binary(max_size=200))
    head = [(UP_TIME, rfc1902.TimeTicks(uptime)), (TRAP_OID, rfc1902.ObjectIdentifier(trap_oid))]
    pdu = getattr(V2C, pdu_type)()
    V2C.apiPDU.set_defaults(pdu)
    V2C.apiPDU.set_request_id(pdu, request_id)
    V2C.apiPDU.set_varbinds(pdu, head + data.draw(variables(values_of_v2c)))
    packet = message(V2C, pdu, community)
    trap, theirs = decode(packet), read_by_pysnmp(V2C, packet)
    assert version_of(packet) == trap.version == "2c"
    assert trap.community == community
    assert (trap.request_id, trap.uptime) == (int(V2C.apiPDU.get_request_id(theirs)), uptime)
    assert trap.trap_oid == str(V2C.apiPDU.get_varbinds(theirs)[1][1])
    assert trap.is_inform == (pdu_type == "InformRequestPDU")
    assert_same_variables(trap, V2C.apiPDU.get_varbinds(theirs)[2:])


@settings(max_examples=150, deadline=None)
@given(
    enterprise=oids.filter(lambda oid: len(oid) <= 120),
    address=addresses,
    generic=st.integers(0, 6),
    specific=st.integers(0, 2**31 - 1),
    uptime=unsigned,
    varbinds=variables(values_of_v1),
)
def test_v1_is_read_as_pysnmp_reads_it(**parts: Any) -> None:
    """The fields of a v1 trap are translated by RFC 3584 section 3.1."""
    pdu = V1.TrapPDU()
    V1.apiTrapPDU.set_defaults(pdu)
    V1.apiTrapPDU.set_enterprise(pdu, parts["enterprise"])
    V1.apiTrapPDU.set_agent_address(pdu, parts["address"])
    V1.apiTrapPDU.set_generic_trap(pdu, parts["generic"])
    V1.apiTrapPDU.set_specific_trap(pdu, parts["specific"])
    V1.apiTrapPDU.set_timestamp(pdu, parts["uptime"])
    V1.apiTrapPDU.set_varbinds(pdu, parts["varbinds"])
    packet = message(V1, pdu, b"public")
    trap, theirs = decode(packet), read_by_pysnmp(V1, packet)
    enterprise = ".".join(map(str, parts["enterprise"]))
    assume(not enterprise.endswith(f".0.{parts['specific']}"))  # taken for the trap's whole OID
    specific = f"{enterprise}.0.{parts['specific']}"
    assert version_of(packet) == trap.version == "1"
    assert trap.enterprise == str(V1.apiTrapPDU.get_enterprise(theirs)) == enterprise
    assert (trap.agent_address or "0.0.0.0") == parts["address"]
    assert trap.uptime == parts["uptime"]
    assert trap.trap_oid == (
        specific if parts["generic"] == 6 else f"1.3.6.1.6.3.1.1.5.{parts['generic'] + 1}"
    )
    assert_same_variables(trap, V1.apiTrapPDU.get_varbinds(theirs))


def sloppy(element: bytes, size: int) -> bytes:
    """Write an element and all within it with lengths of `size` bytes, as some devices do."""
    tag, length = element[0], element[1]
    start = 2 + (length & 0x7F if length > 0x7F else 0)
    content = element[start:]
    if tag in (0x30, 0xA4, 0xA6, 0xA7):
        content = b"".join(sloppy(each, size) for each in elements(content))
    return bytes([tag, 0x80 | size]) + len(content).to_bytes(size, "big") + content


def elements(content: bytes) -> list[bytes]:
    """Cut content into the elements that stand in it."""
    found = []
    while content:
        length, start = content[1], 2
        if length > 0x7F:
            start += length & 0x7F
            length = int.from_bytes(content[2:start], "big")
        found.append(content[: start + length])
        content = content[start + length :]
    return found


@settings(max_examples=100, deadline=None)
@given(varbinds=variables(values_of_v2c), size=st.integers(3, 8))
def test_lengths_of_any_form_mean_the_same(varbinds: list[tuple[tuple[int, ...], Any]], size: int) -> None:
    """A device that writes every length with eight bytes is understood like any other."""
    head = [(UP_TIME, rfc1902.TimeTicks(5)), (TRAP_OID, rfc1902.ObjectIdentifier((1, 3, 6)))]
    pdu = V2C.TrapPDU()
    V2C.apiTrapPDU.set_defaults(pdu)
    V2C.apiTrapPDU.set_varbinds(pdu, head + varbinds)
    packet = message(V2C, pdu, b"public")
    assert decode(sloppy(packet, size)) == decode(packet)


@settings(max_examples=150, deadline=None)
@given(varbinds=variables(values_of_v2c), cut=st.integers(0, 2**16))
def test_a_message_truncated_after_its_trap_oid_is_kept(
    varbinds: list[tuple[tuple[int, ...], Any]], cut: int
) -> None:
    """Variables before the cut are read as usual, the rest is missing, and the message is marked."""
    head = [(UP_TIME, rfc1902.TimeTicks(5)), (TRAP_OID, rfc1902.ObjectIdentifier((1, 3, 6, 9)))]
    pdu = V2C.TrapPDU()
    V2C.apiPDU.set_defaults(pdu)
    V2C.apiPDU.set_varbinds(pdu, head + varbinds)
    packet = message(V2C, pdu, b"public")
    least = packet.index(bytes(encoder.encode(head[1][1]))) + len(bytes(encoder.encode(head[1][1])))
    size = least + cut % max(1, len(packet) - least)
    whole, part = decode(packet), decode(packet[:size])
    assert (part.trap_oid, part.community, part.uptime) == ("1.3.6.9", b"public", 5)
    assert part.faults or size == len(packet)
    kept = part.varbinds[:-1]
    assert kept == whole.varbinds[: len(kept)]
    assert [name for name, _, _ in part.varbinds] == [
        name for name, _, _ in whole.varbinds[: len(part.varbinds)]
    ]
