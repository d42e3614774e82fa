"""SNMPv2c messages as devices send them, written without any code of ours that receives."""

LINK_DOWN = (1, 3, 6, 1, 6, 3, 1, 1, 5, 3)
LINK_UP = (1, 3, 6, 1, 6, 3, 1, 1, 5, 4)
UNMAPPED = (1, 3, 6, 1, 4, 1, 99_999, 0, 1)
IF_INDEX = (1, 3, 6, 1, 2, 1, 2, 2, 1, 1)
UPTIME = (1, 3, 6, 1, 2, 1, 1, 3, 0)
TRAP_OID = (1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0)

INTEGER, OCTETS, OID, SEQUENCE, TICKS = 0x02, 0x04, 0x06, 0x30, 0x43
RESPONSE, INFORM, TRAP = 0xA2, 0xA6, 0xA7
LONG = 0x80

Oid = tuple[int, ...]


def notice(pdu: int, request_id: int, trap_oid: Oid, if_index: int) -> bytes:
    """Encode an INFORM or trap about one interface."""
    binds = (
        _tlv(OID, _arcs(UPTIME)) + _tlv(TICKS, _number(request_id)),
        _tlv(OID, _arcs(TRAP_OID)) + _tlv(OID, _arcs(trap_oid)),
        _tlv(OID, _arcs((*IF_INDEX, if_index))) + _tlv(INTEGER, _number(if_index)),
    )
    listed = _tlv(SEQUENCE, b"".join(_tlv(SEQUENCE, bind) for bind in binds))
    no_error = _tlv(INTEGER, b"\0") + _tlv(INTEGER, b"\0")
    body = _tlv(pdu, _tlv(INTEGER, _number(request_id)) + no_error + listed)
    return _tlv(SEQUENCE, _tlv(INTEGER, b"\x01") + _tlv(OCTETS, b"public") + body)


def answered_id(datagram: bytes) -> int | None:
    """Read which request a response answers without error; None: it is no such response."""
    tag, message, _ = _read(datagram)
    if tag != SEQUENCE:
        return None
    _, _, rest = _read(message)
    _, _, rest = _read(rest)
    tag, pdu, _ = _read(rest)
    _, request_id, rest = _read(pdu)
    _, error, _ = _read(rest)
    return int.from_bytes(request_id, "big") if tag == RESPONSE and not any(error) else None


def dotted(oid: Oid) -> str:
    """Write an OID as the tools and the database do."""
    return ".".join(map(str, oid))


def _read(data: bytes) -> tuple[int, bytes, bytes]:
    """Take one element off: tag, content, what follows."""
    start, size = 2, data[1]
    if size > LONG:
        start += size - LONG
        size = int.from_bytes(data[2:start], "big")
    return data[0], data[start : start + size], data[start + size :]


def _tlv(tag: int, content: bytes) -> bytes:
    size = len(content)
    length = bytes([size]) if size < LONG else bytes([LONG | 2, size >> 8, size & 0xFF])
    return bytes([tag]) + length + content


def _number(value: int) -> bytes:
    return value.to_bytes(value.bit_length() // 8 + 1, "big")


def _arcs(oid: Oid) -> bytes:
    body = bytes([oid[0] * 40 + oid[1]])
    for number in oid[2:]:
        left, groups = number >> 7, [number & 0x7F]
        while left:
            groups.append(0x80 | left & 0x7F)
            left >>= 7
        body += bytes(reversed(groups))
    return body
