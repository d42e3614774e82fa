"""Object identifiers as text and as bytes."""

import re

import pytest

from opsconductor.errors import DecodeError
from opsconductor.snmp.message import tlv
from opsconductor.snmp.message.oid import encode_oid, is_below, oid_fault, parse_oid, pattern_fault
from opsconductor.snmp.message.tlv import decode_oid


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("1.3.6.1.4.1.9", "2b0601040109"),
        ("0.0", "00"),
        ("0.39", "27"),
        ("1.0.8802.1.1.2", "28c462010102"),
        ("2.999.3", "883703"),
        ("2.4294967295", "908080804f"),
        ("1.3.4294967295", "2b8fffffff7f"),
    ],
)
def test_text_and_bytes_are_the_same_oid(text: str, content: str) -> None:
    """Encoding and decoding are inverse at the edges of every root."""
    assert encode_oid(text).hex() == content
    assert decode_oid(bytes.fromhex(content)) == text


def test_sloppy_encodings_are_understood() -> None:
    """An empty OID is 0.0 as in net-snmp, and arcs may be padded."""
    assert decode_oid(b"") == "0.0"
    assert decode_oid(bytes.fromhex("2b068001")) == "1.3.6.1"


@pytest.mark.parametrize(
    "content",
    [b"\x2b\x80", b"\x80", b"\x2b\x90\x80\x80\x80\x00", b"\x2b" + b"\x01" * 127, b"\xff" * 70_000],
    ids=["ends within an arc", "one open byte", "33 bits", "129 arcs", "64 kB"],
)
def test_impossible_oids_are_refused(content: bytes) -> None:
    """A text that cannot be an OID is counted as such and takes no time."""
    with pytest.raises(DecodeError) as caught:
        decode_oid(content)
    assert caught.value.reason == "bad_oid"


def test_memory_of_oids_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sender of ever new OIDs cannot fill the memory; long ones are not cached."""
    monkeypatch.setattr(tlv, "CACHED_OIDS", 100)
    tlv._known.clear()
    for number in range(1000):
        decode_oid(encode_oid(f"1.3.6.1.{number}"))
    decode_oid(b"\x2b" + b"\x01" * 100)
    assert 0 < len(tlv._known) <= 100
    assert max(map(len, tlv._known)) <= tlv.CACHED_BYTES


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("1.3.6.1", None),
        (".1.3.6.1", None),
        ("2.999", None),
        ("", "'' is not a number"),
        ("1", "it has 1 arcs, expected 2 to 128"),
        ("1.3.", "'' is not a number"),
        ("1..3", "'' is not a number"),
        ("1.3.x", "'x' is not a number"),
        ("1.3.²", "'²' is not a number"),
        ("1.03", "'03' has a leading zero"),
        ("1.3.-1", "'-1' is not a number"),
        ("1.3.4294967296", "4294967296 is above 4294967295"),
        ("3.1", "it begins with 3, expected 0 to 2"),
        ("1.40", "the second arc is 40, expected 0 to 39 below 1"),
        (".".join(["1"] * 129), "it has 129 arcs, expected 2 to 128"),
    ],
)
def test_faults_of_typed_oids_are_explained(text: str, fault: str | None) -> None:
    """The message explains the fault of a mistyped OID."""
    assert oid_fault(text) == fault
    if fault:
        with pytest.raises(ValueError, match=re.escape(fault)):
            parse_oid(text)
    else:
        assert ".".join(map(str, parse_oid(text))) == text.removeprefix(".")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("1.3.6.1.4.1.9.*", None),
        ("1.3.6.1.4.1.9", None),
        (".1.3.6", "it begins with a dot"),
        ("1.3.*.6", "the wildcard is allowed at the end only, as .*"),
        ("1.3.6*", "the wildcard is allowed at the end only, as .*"),
        ("*", "the wildcard is allowed at the end only, as .*"),
    ],
)
def test_faults_of_patterns_are_explained(text: str, fault: str | None) -> None:
    """A wildcard replaces whole arcs at the end and nothing else."""
    assert pattern_fault(text) == fault


def test_below_counts_whole_arcs() -> None:
    """1.3.61 is not below 1.3.6."""
    assert is_below("1.3.6", "1.3.6")
    assert is_below("1.3.6.1", "1.3.6")
    assert not is_below("1.3.61", "1.3.6")
    assert not is_below("1.3", "1.3.6")
