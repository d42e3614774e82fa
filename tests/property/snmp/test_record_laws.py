"""An archived message has the content of the original, and none of its secrets."""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsconductor.errors import DecodeError
from opsconductor.model.event import RawEvent
from opsconductor.snmp.message import encode
from opsconductor.snmp.message.ber import decode, decode_pdu
from opsconductor.snmp.message.record import decode_record, masked_record, open_record, redacted
from opsconductor.snmp.message.tlv import OCTET_STRING
from opsconductor.snmp.message.trap import Trap, Varbind
from opsconductor.snmp.message.varbinds import SNMP_TRAP_COMMUNITY
from tests.support.store.stored import NOW

CASES = sorted((Path(__file__).parents[2] / "connectors" / "snmp_trap" / "cases").glob("*/input.hex"))
LINK_DOWN = "1.3.6.1.6.3.1.1.5.3"
SECRET = b"s3cret"

oids = st.lists(st.integers(0, 2**32 - 1), max_size=6).map(lambda arcs: ".".join(map(str, [1, 3, 6, *arcs])))
strings = st.binary(max_size=300).map(lambda content: (OCTET_STRING, content.replace(SECRET, b"")))
varbinds = st.lists(st.tuples(oids, strings).map(lambda pair: (pair[0], *pair[1])), max_size=5)
of_a_proxy: Varbind = (SNMP_TRAP_COMMUNITY, OCTET_STRING, SECRET)


def pdu_of(variables: list[Varbind], tag: int = encode.TRAP_V2) -> bytes:
    """Write a notification."""
    return encode.pdu(tag, 77, encode.notification_varbinds(LINK_DOWN, 100, variables))


@given(varbinds, varbinds, st.lists(st.just(of_a_proxy), max_size=2))
def test_a_masked_message_has_the_same_content(
    before: list[Varbind], behind: list[Varbind], forwarded: list[Varbind]
) -> None:
    """Only communities are overwritten, the one of a proxy too; nothing moves."""
    message = encode.message_v2c(SECRET, pdu_of([*before, *forwarded, *behind]))
    masked = masked_record(message)
    assert SECRET not in masked
    assert len(masked) == len(message)
    assert decode_record(masked) == replace(decode(message), community=b"*" * len(SECRET))


@given(varbinds, st.sampled_from([encode.TRAP_V2, encode.INFORM]), st.binary(min_size=5, max_size=32))
def test_an_opened_v3_message_has_the_same_content(
    variables: list[Varbind], tag: int, engine_id: bytes
) -> None:
    """A decrypted message is archived as a message of v3 that needs no key, without a proxy's community."""
    trap = decode_pdu(pdu_of([*variables, of_a_proxy], tag), engine_id=engine_id.hex())
    kept = open_record(trap)
    assert decode_record(kept) == trap
    assert SECRET not in kept


@given(st.binary(max_size=200), st.integers(0, 60), st.binary(max_size=4))
def test_hostile_bytes_raise_only_the_decoders_error(noise: bytes, place: int, change: bytes) -> None:
    """Masking and reading archived bytes end with a result or a DecodeError."""
    message = encode.message_v2c(SECRET, pdu_of([of_a_proxy]))
    for payload in (noise, message[:place] + change + message[place + len(change) :]):
        for read in (masked_record, decode_record):
            with suppress(DecodeError):
                read(payload)


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.parent.name)
def test_real_packets_are_archived(case: Path) -> None:
    """Packets of `snmptrap` that can be decoded are archived so that they decode to the same."""
    payload = bytes.fromhex(case.read_text(encoding="ascii"))
    try:
        trap = decode(payload)
    except DecodeError:
        return
    kept = redacted(RawEvent("traps", payload, NOW, parsed=trap))
    assert replace(decode_record(kept), community=b"") == replace(trap, community=b"")
    assert trap.community not in kept


def test_a_v3_message_that_needs_a_key_is_not_kept() -> None:
    """Encrypted bytes of v3 have no place in the archive, and are not read from it."""
    closed = bytes.fromhex("303a020103300f02024a69020205dc0401010402010304203" + "0" * 65)
    for read in (masked_record, decode_record):
        with pytest.raises(DecodeError):
            read(closed)


def test_the_pdu_does_not_make_traps_differ() -> None:
    """Traps of v3 are compared by their content."""
    trap = decode_pdu(pdu_of([]), engine_id="8000")
    assert trap.pdu == pdu_of([])
    assert trap == replace(trap, pdu=b"")
    assert isinstance(trap, Trap)
