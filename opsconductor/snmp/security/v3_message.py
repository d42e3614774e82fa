"""Encoding and decoding of the SNMPv3 message frame (RFC 3412 section 6, RFC 3414 section 2.4)."""

from dataclasses import dataclass

from opsconductor.errors import DecodeError
from opsconductor.snmp.message import encode
from opsconductor.snmp.message.reader import Reader
from opsconductor.snmp.message.tlv import OCTET_STRING, SEQUENCE
from opsconductor.snmp.security.security import SecurityLevel

REPORTABLE = 0x04
USM = 3
MAX_MESSAGE = 65_507
"""Longest accepted message: the payload of one UDP datagram."""

_LEVEL_BITS = 0x03


@dataclass(frozen=True, slots=True, kw_only=True)
class V3Message:
    """An SNMPv3 message before it is authenticated.

    Attributes:
        level: None when the flags ask for encryption without signature, which is invalid.
        reportable: True when the sender requests a report if we refuse (informs and requests).
        auth_offset: Offset of the signature in the whole message.
        data: The scoped PDU, with tag when plain, without when encrypted.
    """

    msg_id: int
    level: SecurityLevel | None
    reportable: bool
    security_model: int
    engine_id: bytes = b""
    boots: int = 0
    time_s: int = 0
    user: bytes = b""
    auth_params: bytes = b""
    auth_offset: int = 0
    priv_params: bytes = b""
    data: bytes = b""


def parse_v3(payload: bytes) -> V3Message:
    """Parse the frame of an SNMPv3 message.

    Raises:
        DecodeError: With one of the reasons that `ber` lists.
    """
    reader = Reader(payload, 0, len(payload)).enter(SEQUENCE)
    if reader.integer() != USM:  # the version has the same number as the security model
        raise DecodeError("unsupported_version")
    header = reader.enter(SEQUENCE)
    msg_id, _max_size = header.integer(), header.integer()
    flags = header.octets()
    if len(flags) != 1:
        raise DecodeError("bad_value", "msgFlags is not one byte")
    security_model = header.integer()
    bits = flags[0] & _LEVEL_BITS
    level = None if bits == _LEVEL_BITS - 1 else SecurityLevel(bits)
    reportable = bool(flags[0] & REPORTABLE)
    if security_model != USM:
        return V3Message(msg_id=msg_id, level=level, reportable=reportable, security_model=security_model)
    usm = reader.enter(OCTET_STRING).enter(SEQUENCE)
    engine_id, boots, time_s, user = usm.octets(), usm.integer(), usm.integer(), usm.octets()
    auth_params = usm.octets()
    return V3Message(
        msg_id=msg_id,
        level=level,
        reportable=reportable,
        security_model=security_model,
        engine_id=engine_id,
        boots=_in_range(boots),
        time_s=_in_range(time_s),
        user=user,
        auth_params=auth_params,
        auth_offset=usm.at - len(auth_params),
        priv_params=usm.octets(),
        data=reader.octets() if level is SecurityLevel.AUTH_PRIV else reader.element(SEQUENCE),
    )


def _in_range(value: int) -> int:
    if not 0 <= value < 1 << 31:
        raise DecodeError("bad_value", "engineBoots or engineTime out of range")
    return value


def build_v3(message: V3Message) -> bytes:
    """Return an SNMPv3 message; its data is inserted as given: plain with its tag, encrypted without."""
    assert message.level is not None
    flags = message.level.value | (REPORTABLE if message.reportable else 0)
    header = encode.sequence(
        encode.integer(message.msg_id),
        encode.integer(MAX_MESSAGE),
        encode.octets(bytes((flags,))),
        encode.integer(message.security_model),
    )
    usm = encode.sequence(
        encode.octets(message.engine_id),
        encode.integer(message.boots),
        encode.integer(message.time_s),
        encode.octets(message.user),
        encode.octets(message.auth_params),
        encode.octets(message.priv_params),
    )
    return encode.sequence(encode.integer(USM), header, encode.octets(usm), encoded_data(message))


def encoded_data(message: V3Message) -> bytes:
    """Return the last element of a message: the scoped PDU, as an OCTET STRING when it is encrypted."""
    return encode.octets(message.data) if message.level is SecurityLevel.AUTH_PRIV else message.data


def scoped_pdu(context_engine_id: bytes, context_name: bytes, encoded_pdu: bytes) -> bytes:
    """Return a scoped PDU: the PDU with its context."""
    return encode.sequence(encode.octets(context_engine_id), encode.octets(context_name), encoded_pdu)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopedPdu:
    """The scoped PDU of an opened message: the PDU with its tag, and its context."""

    context_engine_id: bytes
    context_name: bytes
    pdu: bytes


def parse_scoped_pdu(data: bytes) -> ScopedPdu:
    """Parse a plain scoped PDU; bytes after it are padding.

    Raises:
        DecodeError: With one of the reasons that `ber` lists; after decryption: most likely a
            wrong key.
    """
    reader = Reader(data, 0, len(data)).enter(SEQUENCE)
    engine_id, name = reader.octets(), reader.octets()
    if reader.at >= reader.end:
        raise DecodeError("truncated", "scoped PDU without PDU")
    return ScopedPdu(context_engine_id=engine_id, context_name=name, pdu=reader.element(data[reader.at]))
