"""`opsconductor trap decode`: packets and captures explained, secrets kept."""

import struct
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from opsconductor.cli.trap.decode import decode
from opsconductor.cli.trap.explain import explain
from opsconductor.errors import DecodeError
from opsconductor.snmp.capture import REASONS, Datagram, datagrams_of

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
VLAN = b"\x81\x00\x00\x05"


def run(data: bytes) -> Result:
    """Give the command bytes on its standard input."""
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
    """Names, types and values are shown, whichever way the packet was written down."""
    result = run(form(LINK_DOWN))
    assert result.exit_code == 0
    for told in (
        "SNMPv2c trap",
        "linkDown",
        "0d 00:20:34.56",
        "ifAdminStatus.7",
        "up(1)",
        "GigabitEthernet0/7",
    ):
        assert told in result.output


@pytest.mark.parametrize("packet", [LINK_DOWN, LINK_DOWN[:60], LINK_DOWN.replace(b"\xa7", b"\xa0", 1)])
def test_the_community_is_never_shown(packet: bytes) -> None:
    """What is shown can be pasted into a ticket, also when the packet is damaged."""
    assert "public" not in run(packet).output
    assert b"public".hex() not in run(packet).output


def test_damage_is_told_with_reason_and_place() -> None:
    """The reason that metrics count by, in words, and the byte; the exit status says so too."""
    place = LINK_DOWN.index(b"\x43\x03\x01")
    result = run(LINK_DOWN[: place + 4])
    assert result.exit_code == 1
    for told in ("cannot be decoded", "truncated", "extends past the end", f"of {place + 4}"):
        assert told in result.output


def test_what_is_left_of_a_damaged_message_is_explained() -> None:
    """What can be read is shown, and what is wrong with the rest."""
    result = run(LINK_DOWN.replace(b"\x02\x01\x07", b"\x02\x09\x07"))
    assert result.exit_code == 0
    for told in ("linkDown", "GigabitEthernet0/7", "damaged", "announces 9 bytes but has 1"):
        assert told in result.output


def test_v3_is_explained_as_far_as_it_is_open() -> None:
    """Without keys the frame of an encrypted message is shown, and all of an open one."""
    plain, encrypted = run(V3_PLAIN).output, run(V3_ENCRYPTED).output
    for told in ("SNMPv3", "bob", "8000000001020304"):
        assert told in plain
        assert told in encrypted
    assert "ifIndex.7" in plain
    assert "encrypted" in encrypted


def datagram(payload: bytes, source: str, target: str) -> bytes:
    """Wrap a payload into UDP and IP."""
    udp = struct.pack(">4H", 50_000, 162, 8 + len(payload), 0) + payload
    hosts = ip_address(source).packed + ip_address(target).packed
    if ":" in source:
        hop_by_hop = b"\x11\x00" + bytes(6)
        return b"\x60\0\0\0" + struct.pack(">HBB", len(udp) + 8, 0, 64) + hosts + hop_by_hop + udp
    return struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0) + hosts + udp


IP4, IP6 = datagram(LINK_DOWN, "10.0.0.1", "10.0.0.2"), datagram(LINK_DOWN, "fd00::1", "fd00::2")
FRAMES = [
    (1, bytes(12) + b"\x08\x00" + IP4),
    (1, bytes(12) + VLAN + VLAN + b"\x86\xdd" + IP6),
    (113, bytes(14) + b"\x08\x00" + IP4),
    (276, b"\x86\xdd" + bytes(18) + IP6),
    (101, IP4),
    (0, b"\x02\0\0\0" + IP4),
]


def pcap(link: int, frames: list[bytes], order: str = "<") -> bytes:
    """Write a classic capture."""
    head = struct.pack(f"{order}IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262_144, link)
    return head + b"".join(struct.pack(f"{order}4I", 0, 0, len(each), len(each)) + each for each in frames)


def pcapng(link: int, frames: list[bytes], order: str = "<") -> bytes:
    """Write a capture of the new format, with an option block in between and a simple packet last."""

    def block(kind: int, body: bytes) -> bytes:
        body += bytes(-len(body) % 4)
        size = struct.pack(f"{order}I", len(body) + 12)
        return struct.pack(f"{order}I", kind) + size + body + size

    written = block(0x0A0D0D0A, struct.pack(f"{order}IHHq", 0x1A2B3C4D, 1, 0, -1))
    written += block(1, struct.pack(f"{order}HHI", link, 0, 262_144)) + block(5, bytes(12))
    for frame in frames[:-1]:
        written += block(6, struct.pack(f"{order}5I", 0, 0, 0, len(frame), len(frame)) + frame)
    return written + block(3, struct.pack(f"{order}I", len(frames[-1])) + frames[-1])


@pytest.mark.parametrize("write", [pcap, pcapng])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(("link", "frame"), FRAMES)
def test_captures_of_every_kind_are_read(
    write: Callable[[int, list[bytes], str], bytes], order: str, link: int, frame: bytes
) -> None:
    """Both formats, both byte orders, the usual links, tagged or not, IPv4 and IPv6."""
    found = list(datagrams_of(write(link, [frame, frame], order)))
    source, target = ("[fd00::1]", "[fd00::2]") if IP6 in frame else ("10.0.0.1", "10.0.0.2")
    assert found == [Datagram(source=f"{source}:50000", target=f"{target}:162", payload=LINK_DOWN)] * 2


def test_other_packets_are_passed_over() -> None:
    """ARP, TCP and later fragments are no traps, and no errors."""
    arp = bytes(12) + b"\x08\x06" + bytes(28)
    tcp = bytes(12) + b"\x08\x00" + IP4.replace(b"\x40\x11", b"\x40\x06", 1)
    fragment = bytes(12) + b"\x08\x00" + IP4[:6] + b"\x00\x10" + IP4[8:]
    result = run(pcap(1, [arp, tcp, fragment, b""]))
    assert result.exit_code == 1
    assert "no UDP datagram" in result.output


def test_a_capture_is_explained_packet_by_packet(tmp_path: Path) -> None:
    """Each datagram has its title with addresses; one bad datagram does not hide the others."""
    frames = [
        bytes(12) + b"\x08\x00" + datagram(each, "10.0.0.1", "10.0.0.2") for each in (b"DNS", LINK_DOWN)
    ]
    file = tmp_path / "traps.pcap"
    file.write_bytes(pcap(1, frames))
    result = CliRunner().invoke(decode, [str(file)])
    assert result.exit_code == 1
    assert "1: 10.0.0.1:50000 to 10.0.0.2:162, 3 bytes" in result.output
    assert "bad_tag" in result.output
    assert "2: 10.0.0.1:50000 to 10.0.0.2:162, 187 bytes" in result.output
    assert "linkDown" in result.output


def test_unknown_links_are_named() -> None:
    """Whoever captured on Bluetooth is told so."""
    result = run(pcap(201, [IP4]))
    assert result.exit_code == 1
    assert "link type 201" in result.output


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from([pcap(1, [FRAMES[0][1]] * 2), pcapng(1, [FRAMES[1][1]] * 2), V3_PLAIN, V3_ENCRYPTED]),
    st.lists(st.tuples(st.integers(0, 600), st.integers(0, 255)), max_size=6),
    st.integers(0, 600),
)
def test_damaged_input_raises_nothing_else(data: bytes, changes: list[tuple[int, int]], size: int) -> None:
    """A damaged capture or v3 message ends in the decoder's own error, never in another one."""
    damaged = bytearray(data[: max(4, size)])
    for at, byte in changes:
        damaged[at % len(damaged)] = byte
    for read in (explain, lambda packet: list(datagrams_of(packet))):
        try:
            read(bytes(damaged))
        except DecodeError as error:
            reason = error.reason
            assert reason in REASONS or read is explain
