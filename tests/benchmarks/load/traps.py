"""Pre-encoded traps of six varbinds, and a sender that keeps a rate."""

import socket
import time
from collections.abc import Iterator, Sequence

NO_ERROR = b"\x02\x01\x00\x02\x01\x00"
LARGE_BYTES = 65_000
LARGE_MANY = 3_600
IF_TABLE = (1, 3, 6, 1, 2, 1, 2, 2, 1)


def _tlv(tag: int, body: bytes) -> bytes:
    size = len(body)
    length = bytes([size]) if size < 0x80 else bytes([0x82, size >> 8, size & 0xFF])
    return bytes([tag]) + length + body


def _oid(*arcs: int) -> bytes:
    body = bytes([arcs[0] * 40 + arcs[1]])
    for arc in arcs[2:]:
        groups = [arc & 0x7F]
        while arc := arc >> 7:
            groups.append(0x80 | arc & 0x7F)
        body += bytes(reversed(groups))
    return _tlv(0x06, body)


def _integer(value: int, tag: int = 0x02) -> bytes:
    return _tlv(tag, value.to_bytes(4, "big"))


def link_down(index: int, request_id: int, *, is_up: bool = False) -> bytes:
    """Encode a v2c linkDown or linkUp with six varbinds, as a switch sends it.

    Args:
        index: ifIndex, below 2**21 so that every trap has one length; one fingerprint each.
    """
    port = index | 1 << 21  # always four arcs' bytes long
    binds = (
        (_oid(1, 3, 6, 1, 2, 1, 1, 3, 0), _integer(123456, 0x43)),
        (_oid(1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0), _oid(1, 3, 6, 1, 6, 3, 1, 1, 5, 4 if is_up else 3)),
        (_oid(*IF_TABLE, 1, port), _integer(port)),
        (_oid(*IF_TABLE, 7, port), _integer(1)),
        (_oid(*IF_TABLE, 8, port), _integer(1 if is_up else 2)),
        (_oid(*IF_TABLE, 2, port), _tlv(0x04, b"GigabitEthernet1/0/24")),
    )
    return _message(binds, request_id)


def large_trap(index: int, *, is_many: bool) -> bytes:
    """Encode a linkDown that nearly fills a UDP datagram.

    Args:
        is_many: Fill it with small variables, else with one long text.
    """
    port = index | 1 << 21
    head = (
        (_oid(1, 3, 6, 1, 2, 1, 1, 3, 0), _integer(123456, 0x43)),
        (_oid(1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0), _oid(1, 3, 6, 1, 6, 3, 1, 1, 5, 3)),
        (_oid(*IF_TABLE, 1, port), _integer(port)),
    )
    if is_many:
        more = tuple((_oid(1, 3, 6, 1, 4, 1, 99, number), _integer(number)) for number in range(LARGE_MANY))
    else:
        more = ((_oid(*IF_TABLE, 2, port), _tlv(0x04, b"x" * LARGE_BYTES)),)
    return _message(head + more, 1)


def _message(binds: Sequence[tuple[bytes, bytes]], request_id: int) -> bytes:
    body = b"".join(_tlv(0x30, name + value) for name, value in binds)
    pdu = _tlv(0xA7, _integer(request_id & 0x7FFFFFFF) + NO_ERROR + _tlv(0x30, body))
    return _tlv(0x30, _tlv(0x02, b"\x01") + _tlv(0x04, b"public") + pdu)


def send_at_rate(packets: Iterator[bytes], port: int, *, rate: float, seconds: float) -> int:
    """Send packets to loopback at a steady rate; returns how many left.

    Args:
        rate: Packets per second.
    """
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    out.connect(("127.0.0.1", port))
    started = time.perf_counter()
    sent = 0
    burst = max(1, int(rate / 500))
    send = out.send
    while (elapsed := time.perf_counter() - started) < seconds:
        due = min(int(elapsed * rate) + burst, int(rate * seconds))
        while sent < due:
            send(next(packets))
            sent += 1
        time.sleep(0.002)
    out.close()
    return sent
