"""The archived form of a message: readable without keys, without secrets."""

from opsconductor.errors import DecodeError
from opsconductor.model.event import RawEvent
from opsconductor.snmp.message import encode
from opsconductor.snmp.message.ber import community_place, decode, decode_pdu, version_of
from opsconductor.snmp.message.tlv import SHORT, long_length
from opsconductor.snmp.message.trap import Trap
from opsconductor.snmp.message.varbinds import SNMP_TRAP_COMMUNITY
from opsconductor.snmp.security.security import SecurityLevel
from opsconductor.snmp.security.v3_message import (
    USM,
    V3Message,
    build_v3,
    parse_scoped_pdu,
    parse_v3,
    scoped_pdu,
)

MASK = b"*"

_COMMUNITY_OF_A_PROXY = encode.oid(SNMP_TRAP_COMMUNITY)


def redacted(raw: RawEvent) -> bytes:
    """Return the message without secrets for the archive: decrypted, its community overwritten.

    Raises:
        DecodeError: The bytes are not a message of v1 or v2c.
    """
    if isinstance(raw.parsed, Trap) and raw.parsed.version == "3":
        return open_record(raw.parsed)
    return masked_record(raw.payload)


def open_record(trap: Trap) -> bytes:
    """Rebuild a v3 message from its decrypted content, unsigned and without its user name."""
    engine_id = bytes.fromhex(trap.engine_id)
    message = V3Message(
        msg_id=0,
        level=SecurityLevel.NO_AUTH_NO_PRIV,
        reportable=False,
        security_model=USM,
        engine_id=engine_id,
        data=scoped_pdu(engine_id, b"", trap.pdu),
    )
    return _without_proxy_community(build_v3(message))


def masked_record(message: bytes) -> bytes:
    """Overwrite the community of a v1 or v2c message, and one that a proxy added as a variable.

    Raises:
        DecodeError: It is not a v1 or v2c message.
    """
    start, stop = community_place(message)
    masked = message[:start] + MASK * (stop - start) + message[stop:]
    return _without_proxy_community(masked)


def decode_record(record: bytes) -> Trap:
    """Decode a message that needs no key: v1, v2c, or a v3 message from `open_record`.

    Raises:
        DecodeError: It cannot be read.
    """
    if version_of(record) != "3":
        return decode(record)
    message = parse_v3(record)
    if message.level is not SecurityLevel.NO_AUTH_NO_PRIV:
        raise DecodeError("unsupported_version", "SNMPv3 message that needs a key")
    scoped = parse_scoped_pdu(message.data)
    return decode_pdu(scoped.pdu, engine_id=(scoped.context_engine_id or message.engine_id).hex())


def _without_proxy_community(message: bytes) -> bytes:
    """Overwrite the value of every snmpTrapCommunity.0 (RFC 3584 section 3.1)."""
    at = message.find(_COMMUNITY_OF_A_PROXY)
    if at < 0:
        return message
    masked = bytearray(message)
    while at >= 0:
        value = at + len(_COMMUNITY_OF_A_PROXY)
        start, length = value + 2, int.from_bytes(message[value + 1 : value + 2], "big")
        if length > SHORT:
            start, length = long_length(message, start)
        stop = min(start + length, len(message))
        masked[start:stop] = MASK * max(0, stop - start)
        at = message.find(_COMMUNITY_OF_A_PROXY, value)
    return bytes(masked)
