"""`opsconductor trap decode` explains packets and hides secrets."""

from collections.abc import Callable
from contextlib import suppress

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from opsconductor.cli.trap.decode import decode
from opsconductor.cli.trap.explain import explain
from opsconductor.errors import DecodeError
from opsconductor.mib.lookup import standard_facts

LINK_DOWN = bytes.fromhex(
    "3081b802010104067075626c6963a781aa020405cb5f0d02010002010030819b300f06082b06010201010300430301e24030"
    "17060a2b06010603010104010006092b0601060301010503300f060a2b060102010202010107020107300f060a2b06010201"
    "0202010707020101300f060a2b0601020102020108070201023020060a2b0601020102020102070412476967616269744574"
    "6865726e6574302f37301a060b2b060102011f0101011207040b75706c696e6b20636f7265"
)
V3_PLAIN = bytes.fromhex(
    "308195020103301102045d5e8a41020300ffe3040100020103041d301b04088000000001020304020101020304e7900403626f"
    "6204000400305e041180001f8880fe669071c04f016b000000000400a74702044c6908890201000201003039300d06082b0601"
    "020101030043017b3017060a2b06010603010104010006092b0601060301010503300f060a2b060102010202010107020107"
)
V3_ENCRYPTED = bytes.fromhex(
    "3081ab020103301102042db6c682020300ffe30401030201030431302f04088000000001020304020101020304e7930403626f"
    "62040cbc3d6dc12f10292adee1c1c00408f43d719b20ce2b86046081b63e74a4450014b70971412bad4888ee5bdd7223c1524f"
    "de777c1dd319b60175f9a7150cd0992318ea08077e7c358d43732fda662f3151fd90529f9166903d46f4937ae50e1bb6b90418"
    "1c600e552d99d566ececf92b3c1707d483ce6ffd35"
)


def run(data: bytes) -> Result:
    """Run the command with bytes on its standard input."""
    return CliRunner().invoke(decode, ["-"], input=data)


@pytest.mark.parametrize(
    "form",
    [
        lambda packet: packet,
        lambda packet: packet.hex().encode(),
        lambda packet: b"0x" + packet.hex(":").upper().encode() + b"\n",
        lambda packet: "\n".join(f"0x{byte:02x}," for byte in packet).encode(),
    ],
    ids=["as it is", "hex", "hex with colons", "hex as in C"],
)
def test_a_packet_is_explained_in_any_form(form: Callable[[bytes], bytes]) -> None:
    """Names, types and values are shown, whatever the form of the packet."""
    result = run(form(LINK_DOWN))
    assert result.exit_code == 0
    for expected in (
        "SNMPv2c trap",
        "linkDown",
        "0d 00:20:34.56",
        "ifAdminStatus.7",
        "up(1)",
        "GigabitEthernet0/7",
    ):
        assert expected in result.output


@pytest.mark.parametrize("packet", [LINK_DOWN, LINK_DOWN[:60], LINK_DOWN.replace(b"\xa7", b"\xa0", 1)])
def test_the_community_is_never_shown(packet: bytes) -> None:
    """The output can be pasted into a ticket, also when the packet is damaged."""
    assert "public" not in run(packet).output
    assert b"public".hex() not in run(packet).output


def test_damage_is_reported_with_reason_and_place() -> None:
    """The output has the reason of the metrics, in words, and the byte; the exit status reports it too."""
    place = LINK_DOWN.index(b"\x43\x03\x01")
    result = run(LINK_DOWN[: place + 4])
    assert result.exit_code == 1
    for expected in ("cannot be decoded", "truncated", "extends past the end", f"of {place + 4}"):
        assert expected in result.output


def test_the_rest_of_a_damaged_message_is_explained() -> None:
    """The readable part is shown, and the fault of the rest."""
    result = run(LINK_DOWN.replace(b"\x02\x01\x07", b"\x02\x09\x07"))
    assert result.exit_code == 0
    for expected in ("linkDown", "GigabitEthernet0/7", "damaged", "announces 9 bytes but has 1"):
        assert expected in result.output


def test_v3_is_explained_as_far_as_it_is_open() -> None:
    """Without keys the frame of an encrypted message is shown, and all of an open one."""
    plain, encrypted = run(V3_PLAIN).output, run(V3_ENCRYPTED).output
    for expected in ("SNMPv3", "bob", "8000000001020304"):
        assert expected in plain
        assert expected in encrypted
    assert "ifIndex.7" in plain
    assert "encrypted" in encrypted


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from([LINK_DOWN, V3_PLAIN, V3_ENCRYPTED]),
    st.lists(st.tuples(st.integers(0, 600), st.integers(0, 255)), max_size=6),
    st.integers(0, 600),
)
def test_damaged_input_raises_nothing_else(data: bytes, changes: list[tuple[int, int]], size: int) -> None:
    """A damaged message ends in the decoder's own error, never in another one."""
    damaged = bytearray(data[: max(4, size)])
    for at, byte in changes:
        damaged[at % len(damaged)] = byte
    with suppress(DecodeError):
        explain(bytes(damaged), standard_facts())
