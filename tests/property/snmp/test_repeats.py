"""The law of the decode cache: one key, one meaning."""

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.snmp_trap.decode_cache import DecodeCache, TrapHeads
from connectors.snmp_trap.normalize import normalize
from opsconductor.errors import DecodeError
from opsconductor.mib.lookup import standard_facts
from opsconductor.model.event import RawEvent
from opsconductor.model.mappings.table import MappingTable
from opsconductor.snmp.message.ber import decode
from opsconductor.snmp.message.trap import Trap
from tests.benchmarks.load.traps import link_down

AT = datetime(2026, 11, 21, tzinfo=UTC)
LATER = datetime(2026, 11, 22, tzinfo=UTC)
PACKET = link_down(7, 1)
MAPPINGS = MappingTable([])


def meaning(payload: bytes) -> object:
    """Decode a packet without the parts that may differ between repeats."""
    try:
        trap = decode(payload)
    except DecodeError as error:
        return error.reason
    return trap.trap_oid, trap.varbinds, trap.community, trap.is_inform, trap.enterprise, trap.trap_address


def as_repeat(payload: bytes, trap: Trap) -> object:
    """Remember a trap that comes twice and find it again."""
    repeats = DecodeCache()
    key = TrapHeads().key("10.0.0.1", payload)
    assert key is not None
    assert (repeats.remember(key, trap), repeats.find(key)) == (trap, None)
    assert repeats.remember(key, trap) is repeats.find(key)
    return repeats.find(key)


@settings(max_examples=300)
@given(
    st.lists(st.tuples(st.integers(0, len(PACKET) - 1), st.integers(0, 255)), max_size=4),
    st.lists(st.tuples(st.integers(0, len(PACKET) - 1), st.integers(0, 255)), max_size=4),
)
def test_packets_with_one_key_mean_the_same(
    first: list[tuple[int, int]], second: list[tuple[int, int]]
) -> None:
    """If the keys of two altered packets are equal, the decoder reads the same from both."""
    bent = []
    for changes in (first, second):
        packet = bytearray(PACKET)
        for position, byte in changes:
            packet[position] = byte
        bent.append(bytes(packet))
    keys = [TrapHeads().key("10.0.0.1", packet) for packet in bent]
    if keys[0] is not None and keys[0] == keys[1]:
        assert meaning(bent[0]) == meaning(bent[1])


@settings(max_examples=300)
@given(
    st.lists(
        st.lists(st.tuples(st.integers(0, len(PACKET) - 1), st.integers(0, 255)), max_size=3), max_size=4
    )
)
def test_earlier_packets_make_no_difference_to_a_key(bends: list[list[tuple[int, int]]]) -> None:
    """Whatever was received before, bent in any way, a packet has the key of its own bytes."""
    heads = TrapHeads()
    for changes in [[], *bends, []]:
        packet = bytearray(PACKET)
        for position, byte in changes:
            packet[position] = byte
        assert heads.key("a", bytes(packet)) == TrapHeads().key("a", bytes(packet))


@given(st.integers(0, 0x7FFFFFFF), st.integers(0, 1_000))
def test_request_id_makes_no_difference_and_the_port_does(request_id: int, port: int) -> None:
    """The same trap under another number has one key; another port's trap has another."""
    assert TrapHeads().key("a", link_down(port, request_id)) == TrapHeads().key("a", link_down(port, 1))
    assert TrapHeads().key("a", link_down(port, 1)) != TrapHeads().key("a", link_down(port + 1, 1))
    assert TrapHeads().key("a", link_down(port, 1)) != TrapHeads().key("b", link_down(port, 1))


def test_a_repeat_is_the_same_with_its_own_time_and_raw_data() -> None:
    """A cached trap is reported with the time of the new message, and with its raw data."""
    first, again = link_down(7, 1), link_down(7, 2)
    event = RawEvent(
        connector="traps", payload=again, received_at=LATER, peer="10.0.0.1", parsed=decode(again)
    )
    fresh = normalize(
        event,
        mappings=MAPPINGS,
        vendor_of=lambda _: None,
        is_forwarder=lambda _: False,
        facts=standard_facts(),
    )
    remembered = as_repeat(first, decode(first))
    for _ in range(2):
        repeated = normalize(
            event._replace(parsed=remembered),
            mappings=MAPPINGS,
            vendor_of=lambda _: None,
            is_forwarder=lambda _: False,
            facts=standard_facts(),
        )
        assert [alert[:-1] for alert in repeated] == [alert[:-1] for alert in fresh]
        assert [alert.raw_data() for alert in repeated] == [alert.raw_data() for alert in fresh]


def test_new_mappings_apply_to_cached_traps() -> None:
    """After a reload a cached trap is judged by the new mappings."""
    packet = link_down(7, 1)
    event = RawEvent(
        connector="traps",
        payload=packet,
        received_at=AT,
        peer="10.0.0.1",
        parsed=as_repeat(packet, decode(packet)),
    )
    vendors = iter([None, None, "cisco"])
    for table in (MAPPINGS, MappingTable([])):
        normalize(
            event,
            mappings=table,
            vendor_of=lambda _: next(vendors, None),
            is_forwarder=lambda _: False,
            facts=standard_facts(),
        )
        assert event.parsed.evaluated.mappings is table  # type: ignore[attr-defined]


def test_informs_and_odd_packets_have_no_key() -> None:
    """Messages to be answered, truncated ones and ones with trailing bytes are always decoded."""
    inform = bytearray(PACKET)
    inform[inform.index(0xA7)] = 0xA6
    assert [
        TrapHeads().key("a", odd) for odd in (bytes(inform), PACKET[:-1], PACKET + b"\0", b"", b"\x30")
    ] == [None] * 5
