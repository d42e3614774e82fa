"""Names, index values and meanings of variables, by facts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsconductor.mib.decode.hint import hinted_integer, hinted_octets
from opsconductor.mib.decode.naming import index_values, instance_text, is_even, name_of, part_text
from opsconductor.mib.facts import IndexPart, ObjectFact
from opsconductor.mib.indexing import index_of
from opsconductor.mib.lookup import MibFacts, standard_facts
from opsconductor.snmp.message import tlv
from opsconductor.snmp.variable import VariableReaders

NUMBER = IndexPart("ifIndex", "INTEGER")
STRING = IndexPart("name", "OCTET STRING", "SnmpAdminString")
IMPLIED = IndexPart("name", "OCTET STRING", "SnmpAdminString", is_implied=True)
MAC = IndexPart("mac", "OCTET STRING", "MacAddress", size=6)
ADDRESS = IndexPart("address", "IpAddress")
INET = IndexPart("remote", "OCTET STRING", "InetAddress")
OBJECT = IndexPart("row", "OBJECT IDENTIFIER")

ROW = "1.3.6.1.4.1.31926.2.1.1"
RADIO = MibFacts(
    [
        index_of(
            [
                ObjectFact(ROW, "rfEntry", "RADIO-BRIDGE-MIB", ""),
                ObjectFact(f"{ROW}.4", "rfChannel", "RADIO-BRIDGE-MIB", "INTEGER", index=(NUMBER,)),
                ObjectFact("1.3.6.1.4.1.31926.5.2.0", "rbPeer", "RADIO-BRIDGE-MIB", "OCTET STRING"),
                ObjectFact("1.3.6.1.4.1.31926.6.1", "rbUser", "R-MIB", "INTEGER", index=(STRING,)),
            ]
        )
    ]
)


@pytest.mark.parametrize(
    ("hint", "number", "expected"),
    [
        ("d", 7, "7"),
        ("d-2", 2350, "23.50"),
        ("d-1", -5, "-0.5"),
        ("d-3", 5, "0.005"),
        ("x", 255, "ff"),
        ("o", 8, "10"),
        ("b", 5, "101"),
        ("255a", 5, None),
        ("d-", 5, None),
    ],
)
def test_hints_for_integers(hint: str, number: int, expected: str | None) -> None:
    """RFC 2579 section 3.1, first part."""
    assert hinted_integer(hint, number) == expected


@pytest.mark.parametrize(
    ("hint", "content", "expected"),
    [
        ("1x:", b"\x00\x1b\xff", "00:1b:ff"),
        ("255a", b"Fan 2", "Fan 2"),
        ("255t", "Lüfter".encode(), "Lüfter"),
        ("1d.1d.1d.1d", b"\x0a\0\0\1", "10.0.0.1"),
        ("2x:2x:2x:2x:2x:2x:2x:2x", bytes(16), "0000:0000:0000:0000:0000:0000:0000:0000"),
        (
            "2d-1d-1d,1d:1d:1d.1d,1a1d:1d",
            b"\x07\xea\x0b\x1d\x01\x02\x03\x04+\x01\x00",
            "2026-11-29,1:2:3.4,+1:0",
        ),
        ("*1x:/1x:", b"\x02\xaa\xbb\xcc", "aa:bb/cc"),
        ("1d.1d.1d.1d:2d", b"\x0a\0\0\1\0\x50", "10.0.0.1:80"),
        ("255a", b"\xff\xfe", None),
        ("d-2", b"\1", None),
        ("", b"\1", None),
        ("0a", b"abc", None),
    ],
)
def test_hints_for_octets(hint: str, content: bytes, expected: str | None) -> None:
    """RFC 2579 section 3.1, second part; the last specification is repeated."""
    assert hinted_octets(hint, content) == expected


@given(st.text(max_size=12), st.binary(max_size=64))
def test_no_hint_of_a_foreign_mib_does_harm(hint: str, content: bytes) -> None:
    """Any hint gives a printable text or none."""
    text = hinted_octets(hint, content)
    assert text is None or len(text) < 10_000
    assert hinted_integer(hint, 7) is None or hint


@pytest.mark.parametrize(
    ("parts", "instance", "text"),
    [
        ((NUMBER,), "7", "7"),
        ((NUMBER, ADDRESS), "7.10.0.0.1", "7.10.0.0.1"),
        ((NUMBER, STRING), "7.3.97.98.99", '7."abc"'),
        ((NUMBER, IMPLIED), "7.97.98.99", '7."abc"'),
        ((STRING, NUMBER), "2.104.105.9", '"hi".9'),
        ((MAC, NUMBER), "0.27.255.1.2.3.4", '"00:1b:ff:01:02:03".4'),
        ((NUMBER, INET), "1.4.10.0.0.2", '1."10.0.0.2"'),
        ((NUMBER, INET), "32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.1", "2001:db8::1"),
        ((OBJECT, STRING), "3.1.3.6.1.97", '1.3.6."a"'),
        ((STRING,), "5.97", "5.97"),
        ((STRING,), "1.300", "1.300"),
        ((MAC,), "1.2.3", "1.2.3"),
        ((NUMBER, STRING), "7.1.97.98", "7.1.97.98"),
        ((), "1.2", "1.2"),
    ],
)
def test_instances_are_readable(parts: tuple[IndexPart, ...], instance: str, text: str) -> None:
    """RFC 2578 section 7.7; arcs that do not fit the index stay unchanged."""
    assert instance_text(parts, instance) == text


def test_one_part_of_an_index() -> None:
    """Parts are counted from 1; without facts each arc is one."""
    assert [part_text((NUMBER, STRING), "7.2.104.105", number) for number in (1, 2, 3)] == ["7", "hi", None]
    assert [part_text((), "7.2", number) for number in (0, 1, 2, 3)] == [None, "7", "2", None]


@given(
    st.lists(st.sampled_from([NUMBER, STRING, IMPLIED, MAC, ADDRESS, INET, OBJECT]), max_size=4),
    st.lists(st.integers(0, 2**32 - 1), max_size=20),
)
def test_any_arcs_are_an_index_or_none(parts: list[IndexPart], arcs: list[int]) -> None:
    """Arcs from the network are read completely or not at all."""
    values = index_values(parts, arcs)
    assert values is None or len(values) == len(parts)


@pytest.mark.parametrize(
    ("oid", "name"),
    [
        (f"{ROW}.4.7", "rfChannel.7"),
        (f"{ROW}.17.3", "RADIO-BRIDGE-MIB::rfEntry.17.3"),
        ("1.3.6.1.4.1.31926.5.2.1.3", "RADIO-BRIDGE-MIB::….1.3"),
        ("1.3.6.1.4.1.31926.9.1", None),
        ("1.3.6.1.4.1.31926.5.2.0", "rbPeer"),
        ("1.3.6.1.4.1.31926.6.1.2.104.105", 'rbUser."hi"'),
        ("1.3.6.1.4.1.9.1", None),
    ],
)
def test_names(oid: str, name: str | None) -> None:
    """An unknown variable is named after the nearest known node, never after a stranger."""
    assert name_of(RADIO, oid) == name


@given(
    st.sampled_from(["2.1.1.4", "2.1.1.17", "5.2.1", "6.1.2.104", "9", "2.1.1", "5.2"]), st.integers(1, 300)
)
def test_even_columns_have_even_names(column: str, arc: int) -> None:
    """Where `is_even` holds, the names differ in the last arc alone."""
    column = f"1.3.6.1.4.1.31926.{column}"
    if is_even(RADIO, column):
        one, other = name_of(RADIO, f"{column}.1"), name_of(RADIO, f"{column}.{arc}")
        assert (one and one[:-1] + str(arc)) == other


def object_facts(syntax: str, **more: object) -> MibFacts:
    """Make facts of one object, 1.3.9."""
    return MibFacts([index_of([ObjectFact("1.3.9", "thing", "A-MIB", syntax, **more)])])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("facts", "tag", "content", "line", "meaning"),
    [
        (object_facts("INTEGER", enumeration=((2, "down"),)), tlv.INTEGER, b"\2", "down(2)", "down"),
        (object_facts("INTEGER", enumeration=((2, "down"),)), tlv.INTEGER, b"\3", "3", ""),
        (object_facts("INTEGER", convention="TruthValue"), tlv.INTEGER, b"\1", "true(1)", "true"),
        (
            object_facts("INTEGER", display_hint="d-1", units="celsius"),
            tlv.INTEGER,
            b"\x2a",
            "4.2 celsius",
            "4.2 celsius",
        ),
        (object_facts("Gauge32", units="rpm"), tlv.GAUGE32, b"\x10", "16 rpm", "16 rpm"),
        (
            object_facts("BITS", enumeration=((0, "rxLoss"), (11, "txFault"))),
            tlv.OCTET_STRING,
            b"\x80\x11",
            "rxLoss, txFault, 15 (0x8011)",
            "rxLoss, txFault, 15",
        ),
        (object_facts("BITS"), tlv.OCTET_STRING, b"\x00", "none (0x00)", "none"),
        (
            object_facts("OCTET STRING", convention="PhysAddress"),
            tlv.OCTET_STRING,
            b"abcdef",
            "61:62:63:64:65:66",
            "",
        ),
        (
            object_facts("OCTET STRING", convention="InetAddress"),
            tlv.OCTET_STRING,
            b"\x0a\0\0\1",
            "10.0.0.1",
            "",
        ),
        (
            object_facts("OCTET STRING", convention="DateAndTime"),
            tlv.OCTET_STRING,
            bytes.fromhex("07ea0b1d01020300"),
            "2026-11-29T01:02:03.0",
            "",
        ),
        (object_facts("OCTET STRING", display_hint="1d.1d"), tlv.OCTET_STRING, b"\1\2", "1.2", ""),
        (object_facts("OCTET STRING", display_hint="1d.1d"), tlv.OCTET_STRING, b"", "", ""),
        (object_facts("OCTET STRING"), tlv.OCTET_STRING, b"\x01\xfe\x80\x90", "0x01fe8090", ""),
        (object_facts("TimeTicks"), tlv.TIME_TICKS, b"\x64", "0d 00:00:01.00", ""),
        (
            standard_facts(),
            tlv.OID,
            bytes.fromhex("2b06010201020201 0807".replace(" ", "")),
            "ifOperStatus.7 (1.3.6.1.2.1.2.2.1.8.7)",
            "ifOperStatus.7",
        ),
        (object_facts("INTEGER", enumeration=((2, "down"),)), tlv.OCTET_STRING, b"odd", "odd", ""),
    ],
)
def test_values_are_read_by_the_mib(
    facts: MibFacts, tag: int, content: bytes, line: str, meaning: str
) -> None:
    """A value of another type than that of the MIB is shown as it was sent."""
    read = VariableReaders(facts).of("1.3.9.0", tag).read(content)
    assert (read.line, read.meaning) == (line, meaning)


@given(
    st.sampled_from([*range(0x02, 0x07), 0x40, 0x43, 0x46, 0x44, 0x99]),
    st.binary(max_size=40),
    st.sampled_from(["", "DateAndTime", "PhysAddress", "InetAddress", "TruthValue", "DisplayString"]),
    st.sampled_from(["INTEGER", "OCTET STRING", "BITS", "Opaque"]),
)
def test_any_value_of_a_device_is_one_printable_line(
    tag: int, content: bytes, convention: str, syntax: str
) -> None:
    """No value of any type, against any fact, contains control characters or fails."""
    facts = object_facts(syntax, convention=convention, enumeration=((1, "one"),), display_hint="1d,1a")
    read = VariableReaders(facts).of("1.3.9.0", tag).read(content)
    assert read.text.isprintable()
    assert read.line.isprintable()
