"""The law of plans: a trap read by the layout of another has the content that its decoder reads."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.snmp_trap.decode_cache import MOST_PLANS, SEEN_FIRST, TrapHeads, TrapPlans, community_of
from connectors.snmp_trap.normalize import normalize
from connectors.snmp_trap.plan import PlannedTrap, plan_of
from opsconductor.mib.lookup import standard_facts
from opsconductor.model.enums import Category, Severity
from opsconductor.model.event import RawEvent
from opsconductor.model.mappings.mapping import Condition, MappingCase, OidMapping, SeverityMap
from opsconductor.model.mappings.table import MappingTable
from opsconductor.snmp.message.ber import decode
from opsconductor.snmp.message.encode import oid as encode_oid
from opsconductor.snmp.message.encode import tlv
from opsconductor.snmp.message.layout import layout_of
from tests.benchmarks.load.traps import link_down

AT = datetime(2026, 11, 21, tzinfo=UTC)
PEER = "10.0.0.1"
LINK_DOWN = "1.3.6.1.6.3.1.1.5.3"
COLUMNS = (
    "1.3.6.1.2.1.2.2.1.1",
    "1.3.6.1.2.1.2.2.1.2",
    "1.3.6.1.2.1.2.2.1.8",
    "1.3.6.1.2.1.31.1.1.1.1",
    "1.3.6.1.2.1.31.1.1.1.18",
    "1.3.6.1.2.1.2.2.1.6",
    "1.3.6.1.2.1.1.5",
    "1.3.6.1.2.1.1",
    "1.3.6.1.2.1.14.10.1.1.10.0.0",
    "1.3.6.1.4.1.9.9.41.1.2.3.1.2",
    "1.3",
)
EXPRESSIONS = (
    "",
    "ifIndex={ifIndex}",
    "ifIndex={ifIndex#}",
    "{1.3.6.1.2.1.14.10.1.1#}",
    "{1.3.6.1.4.1.9.9.41.1.2.3.1.2.7}",
    "{1.3.6.1.2.1.1.5} {1.3.6.1.9}",
    "{1.3.6.1.2.1}",
)
TITLES = (
    "Link Down - {device_name} {resource}",
    "{ifDescr} {resource} of {device_name}",
    "%s {ifOperStatus}",
)
TAGS = (0x02, 0x04, 0x05, 0x06, 0x40, 0x43, 0x46, 0x1E)

contents = st.one_of(st.binary(max_size=12), st.sampled_from([b"\1", b"\2", b"Gi0/1", b"", b"a\0{b}\xff"]))
variables = st.lists(
    st.tuples(st.sampled_from(COLUMNS), st.integers(0, 300), st.sampled_from(TAGS), contents), max_size=6
)
conditions = st.sampled_from([(), (Condition(varbind="1.3.6.1.2.1.2.2.1.8", equals=("1", "2")),)])
simple = st.builds(
    OidMapping,
    oid_pattern=st.just(LINK_DOWN),
    alert_type=st.just("network_link_down"),
    category=st.just(Category.NETWORK),
    default_severity=st.just(Severity.MAJOR),
    title_template=st.sampled_from(TITLES),
    description=st.sampled_from(["", "An interface has gone down."]),
    is_clear_event=st.booleans(),
    clear_oid_pattern=st.sampled_from([None, LINK_DOWN]),
    resource_expression=st.sampled_from(EXPRESSIONS),
    severity_map=st.sampled_from(
        [None, SeverityMap(varbind="1.3.6.1.2.1.2.2.1.8", values={"2": Severity.INFO, "1": Severity.MINOR})]
    ),
    vendor=st.sampled_from([None, "cisco"]),
    conditions=conditions,
    clear_conditions=conditions,
)
cases = st.builds(MappingCase, st.just((Condition(varbind="1.3.6.1.2.1.2.2.1.8", equals=("2",)),)), simple)
mappings = st.builds(replace, simple, cases=st.lists(cases, max_size=1).map(tuple))


def trap_of(variables: list[tuple[str, int, int, bytes]], uptime: int = 4711) -> bytes:
    """Encode a v2c linkDown with these variables: column, last arc, tag, content."""
    binds = [
        tlv(0x30, encode_oid("1.3.6.1.2.1.1.3.0") + tlv(0x43, uptime.to_bytes(4, "big"))),
        tlv(0x30, encode_oid("1.3.6.1.6.3.1.1.4.1.0") + encode_oid(LINK_DOWN)),
        *(
            tlv(0x30, encode_oid(f"{column}.{arc}") + tlv(tag, content))
            for column, arc, tag, content in variables
        ),
    ]
    pdu = tlv(0xA7, b"\2\1\7" + b"\2\1\0\2\1\0" + tlv(0x30, b"".join(binds)))
    return tlv(0x30, b"\2\1\1" + tlv(0x04, b"public") + pdu)


def body_of(packet: bytes) -> bytes:
    """Cut out the variables behind sysUpTime.0."""
    key = TrapHeads().key(PEER, packet)
    assert key is not None
    assert community_of(key) == b"public"
    return key[2]


def normalized(packet: bytes, parsed: object, table: MappingTable, vendor: str | None) -> object:
    """Normalize a packet: alerts with their raw data."""
    event = RawEvent(connector="traps", payload=packet, received_at=AT, peer=PEER, parsed=parsed)
    alerts = normalize(
        event,
        mappings=table,
        vendor_of=lambda _: vendor,
        is_forwarder=lambda _: False,
        facts=standard_facts(),
    )
    return [(alert[:-1], dict(alert.raw_data())) for alert in alerts]


@settings(max_examples=200, deadline=None)
@given(variables, st.data(), st.lists(st.lists(mappings, max_size=2), min_size=1, max_size=2))
def test_a_planned_trap_says_what_the_decoded_one_says(
    first: list[tuple[str, int, int, bytes]], data: st.DataObject, table_rows: list[list[OidMapping]]
) -> None:
    """Whatever arcs, contents, mappings and vendors differ, plan and decoder lead to the same alerts."""
    plan = plan_of(body_of(trap_of(first)), standard_facts())
    if plan is None:
        return
    second = [
        (
            column,
            data.draw(st.integers(0, 300)),
            tag,
            data.draw(st.binary(min_size=len(content), max_size=len(content))),
        )
        for column, _, tag, content in first
    ]
    tables = st.sampled_from([MappingTable(each) for each in table_rows])
    for variables_of in (first, second, first, second):
        packet = trap_of(variables_of, uptime=data.draw(st.integers(0, 2**31)))
        parts = plan.layout.read(body_of(packet)) if len(body_of(packet)) == plan.layout.size else None
        if parts is not None:
            planned = PlannedTrap(plan, parts)
            assert planned.varbinds() == decode(packet).varbinds
            known_by = data.draw(tables), data.draw(st.sampled_from([None, "cisco"]))
            assert normalized(packet, planned, *known_by) == normalized(packet, decode(packet), *known_by)


@settings(max_examples=200)
@given(st.lists(st.tuples(st.integers(0, 199), st.integers(0, 255)), max_size=4))
def test_bent_bytes_are_read_as_the_decoder_does_or_not_at_all(changes: list[tuple[int, int]]) -> None:
    """A body that a layout reads has the variables that the decoder finds, whatever bytes were changed."""
    packet = link_down(7, 1)
    plan = plan_of(body_of(packet), standard_facts())
    assert plan is not None
    bent = bytearray(packet)
    for position, byte in changes:
        bent[position % len(bent)] = byte
    key = TrapHeads().key(PEER, bytes(bent))
    if key is None or len(key[2]) != plan.layout.size or (parts := plan.layout.read(key[2])) is None:
        return
    trap = decode(bytes(bent))
    assert (PlannedTrap(plan, parts).varbinds(), plan.layout.trap_oid) == (trap.varbinds, trap.trap_oid)


def test_plans_are_made_for_frequent_traps() -> None:
    """The first traps of a kind are decoded, the next are read by a plan."""
    plans = TrapPlans(standard_facts())
    read = [plans.read(body_of(link_down(index, 1))) is not None for index in range(SEEN_FIRST + 3)]
    assert read == [False] * (SEEN_FIRST + 1) + [True] * 2
    assert plans.read(body_of(trap_of([]))) is None


def test_layouts_without_end_are_not_all_remembered() -> None:
    """Of one kind only the latest plans are kept, and ever fewer of those that miss become one."""
    plans = TrapPlans(standard_facts())
    for number in range(300):
        long, short = b"x" * (number % 100), b"y" * (100 - number % 100)
        plans.read(body_of(trap_of([("1.3.6.1.4.1.9", 1, 4, long), ("1.3.6.1.4.1.9", 2, 4, short)])))
    (kind,) = [kind for kind in plans._kinds.values() if kind.missed > SEEN_FIRST]
    assert len(kind.plans) <= MOST_PLANS


def test_odd_variables_have_no_layout() -> None:
    """Complex variables, and those about the notification itself, are left to the decoder."""
    proxy = trap_of([("1.3.6.1.6.3.18.1.3", 0, 0x40, b"\x0a\0\0\1")])
    assert [layout_of(odd) for odd in (b"", b"\x30", body_of(proxy), body_of(link_down(1, 1))[:-1])] == [
        None
    ] * 4
