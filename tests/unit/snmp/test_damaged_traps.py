"""Damaged notifications: which are answered, which are archived, and which are undecodable."""

import pytest

from opsconductor.errors import DecodeError
from opsconductor.snmp.client.answer import answer_v2c
from opsconductor.snmp.message.ber import decode, decode_pdu
from opsconductor.snmp.message.reader import Reader
from opsconductor.snmp.message.record import decode_record, masked_record
from opsconductor.snmp.message.tlv import SEQUENCE

LINK_DOWN = bytes.fromhex(
    "3081b802010104067075626c6963a781aa020405cb5f0d02010002010030819b300f06082b06010201010300430301e24030"
    "17060a2b06010603010104010006092b0601060301010503300f060a2b060102010202010107020107300f060a2b06010201"
    "0202010707020101300f060a2b0601020102020108070201023020060a2b0601020102020102070412476967616269744574"
    "6865726e6574302f37301a060b2b060102011f0101011207040b75706c696e6b20636f7265"
)
INFORM = LINK_DOWN.replace(b"\xa7", b"\xa6", 1)
CUT = -5


def test_a_damaged_inform_is_answered_by_its_request_id() -> None:
    """The answer confirms the message, though its variables cannot be repeated."""
    trap = decode(INFORM[:CUT])
    assert trap.is_inform
    assert trap.faults
    answer = answer_v2c(INFORM[:CUT], trap)
    message = Reader(answer, 0, len(answer)).enter(SEQUENCE)
    assert (message.integer(), message.octets()) == (1, b"public")
    response = message.enter(0xA2)
    assert (response.integer(), response.integer()) == (0x05CB5F0D, 0)


def test_a_damaged_message_is_archived_without_its_community() -> None:
    """The archived copy is read again as the same trap, and contains no secret."""
    record = masked_record(LINK_DOWN[:CUT])
    assert b"public" not in record
    again, first = decode_record(record), decode(LINK_DOWN[:CUT])
    assert (again.trap_oid, again.varbinds, again.faults) == (first.trap_oid, first.varbinds, first.faults)


def test_a_string_cut_short_is_kept_and_a_number_is_not() -> None:
    """A part of a text is useful, a part of a number would be another number."""
    assert decode(LINK_DOWN[:CUT]).varbinds[-1][2] == b"uplink"
    before_if_index = LINK_DOWN.index(b"\x02\x01\x07") + 2
    cut = decode(LINK_DOWN[:before_if_index])
    assert cut.varbinds == (("1.3.6.1.2.1.2.2.1.1.7", 5, b""),)


def test_a_damaged_pdu_of_v3_is_kept() -> None:
    """A decrypted PDU is read as leniently, and keeps its engine."""
    pdu = LINK_DOWN[LINK_DOWN.index(b"\xa7") : CUT]
    trap = decode_pdu(pdu, engine_id="80001f88")
    assert (trap.version, trap.engine_id, trap.pdu) == ("3", "80001f88", pdu)
    assert trap.faults


@pytest.mark.parametrize(
    ("packet", "reason"),
    [
        (LINK_DOWN[:40], "truncated"),
        (LINK_DOWN[:10], "truncated"),
        (LINK_DOWN.replace(b"\xa7", b"\xa0", 1), "not_a_notification"),
        (
            LINK_DOWN.replace(b"public", b"public")[:3] + b"\x02\x01\x02" + LINK_DOWN[6:],
            "unsupported_version",
        ),
    ],
)
def test_an_undecodable_message_keeps_its_first_reason(packet: bytes, reason: str) -> None:
    """Without trap OID, or when it is no notification, the strict decoder's reason is counted."""
    with pytest.raises(DecodeError) as refused:
        decode(packet)
    assert refused.value.reason == reason
