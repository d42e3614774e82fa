"""Recorded datagrams as commands read them: hex, bytes and captures."""

from struct import pack

import click
import pytest

from opsconductor.cli.trap.packets import RecordedPacket, packets_of

PAYLOAD = bytes(range(40))


def _udp(port: int) -> bytes:
    return pack(">HHHH", 40_000, port, 8 + len(PAYLOAD), 0) + PAYLOAD


def _v4(port: int) -> bytes:
    rest = b"\x00" * 2 + b"\x40\x11" + b"\x00" * 2 + bytes([10, 0, 0, 7, 10, 0, 0, 1])
    return b"\x45\x00\x00\x00\x00\x00" + rest + _udp(port)


def _v6(port: int) -> bytes:
    return b"\x60\x00\x00\x00\x00\x00\x11\x40" + b"\x00" * 15 + b"\x01" + b"\x00" * 15 + b"\x02" + _udp(port)


def _capture(link: int, *frames: bytes, order: str = "<") -> bytes:
    head = pack(f"{order}IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65_535, link)
    return head + b"".join(pack(f"{order}IIII", 0, 0, len(each), len(each)) + each for each in frames)


ETHERNET = b"\x02" * 12 + b"\x08\x00"
TAGGED = b"\x02" * 12 + b"\x81\x00\x00\x05\x08\x00"


@pytest.mark.parametrize("text", [b"30 2e 02", b"302e02\n", b"0x30, 0x2e, 0x02", b"30:2E:02"])
def test_hex_digits_are_read_in_usual_forms(text: bytes) -> None:
    """Blanks, colons, commas and 0x are ignored."""
    assert packets_of(text) == [RecordedPacket(b"\x30\x2e\x02")]


def test_other_bytes_are_the_payload_itself() -> None:
    """A file that netcat wrote is one datagram."""
    assert packets_of(b"\x30\x82\x01\x00") == [RecordedPacket(b"\x30\x82\x01\x00")]


@pytest.mark.parametrize(
    ("capture", "peer"),
    [
        (_capture(1, ETHERNET + _v4(162)), "10.0.0.7"),
        (_capture(1, TAGGED + _v4(1162), order=">"), "10.0.0.7"),
        (_capture(101, _v6(162)), "::1"),
        (_capture(113, b"\x00" * 16 + _v4(162)), "10.0.0.7"),
        (_capture(1, ETHERNET + _v4(53), ETHERNET + _v4(162), b"\x00" * 9), "10.0.0.7"),
    ],
    ids=["ethernet", "tagged, big-endian", "raw IPv6", "cooked", "among others"],
)
def test_traps_of_a_capture_are_found_with_their_sender(capture: bytes, peer: str) -> None:
    """Only UDP to the ports for traps counts."""
    assert packets_of(capture) == [RecordedPacket(PAYLOAD, peer)]


@pytest.mark.parametrize("capture", [_capture(1, ETHERNET + _v4(53)), _capture(1), b"\x0a\x0d\x0d\x0a\x00"])
def test_a_capture_without_a_trap_is_refused(capture: bytes) -> None:
    """The message says what is missing, or how to convert a capture of another format."""
    with pytest.raises(click.UsageError, match=r"162|editcap"):
        packets_of(capture)
