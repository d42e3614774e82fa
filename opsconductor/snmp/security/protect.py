"""Protection of the SNMPv3 messages that we send, and signature check of those that we receive."""

import hmac
from dataclasses import dataclass

from opsconductor.snmp.message import encode
from opsconductor.snmp.security.cipher import CipherUse, encrypt
from opsconductor.snmp.security.keys import DIGEST_LENGTHS, digest
from opsconductor.snmp.security.security import AuthProtocol, SecurityLevel, UsmUser
from opsconductor.snmp.security.v3_message import USM, V3Message, build_v3, encoded_data


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """The authoritative engine of a message and its clock, as written into the message."""

    engine_id: bytes
    boots: int
    time_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """User, level and keys that protect a message.

    Attributes:
        level: Not above what the user has keys for.
        auth_key: Localized to the authoritative engine; empty at `noAuthNoPriv`.
        priv_key: Localized to the authoritative engine; empty below `authPriv`.
    """

    user: UsmUser
    level: SecurityLevel
    authority: Authority
    auth_key: bytes = b""
    priv_key: bytes = b""


def protect(protection: Protection, scoped: bytes, *, msg_id: int, reportable: bool = False) -> bytes:
    """Return an SNMPv3 message with a scoped PDU, encrypted and signed as its level requires."""
    authority, user = protection.authority, protection.user
    is_signing = protection.level is not SecurityLevel.NO_AUTH_NO_PRIV
    data, salt = scoped, b""
    if protection.level is SecurityLevel.AUTH_PRIV:
        data, salt = _encrypted(protection, scoped)
    message = V3Message(
        msg_id=msg_id,
        level=protection.level,
        reportable=reportable,
        security_model=USM,
        engine_id=authority.engine_id,
        boots=authority.boots,
        time_s=authority.time_s,
        user=user.username.encode(),
        auth_params=bytes(DIGEST_LENGTHS[user.auth_protocol]) if is_signing and user.auth_protocol else b"",
        priv_params=salt,
        data=data,
    )
    return _signed(protection, message) if is_signing else build_v3(message)


def _encrypted(protection: Protection, scoped: bytes) -> tuple[bytes, bytes]:
    assert protection.user.priv_protocol is not None
    use = CipherUse(
        protocol=protection.user.priv_protocol,
        key=protection.priv_key,
        boots=protection.authority.boots,
        time_s=protection.authority.time_s,
    )
    return encrypt(use, scoped)


def _signed(protection: Protection, message: V3Message) -> bytes:
    """Build the message with zeros in the signature field, then fill in the signature."""
    protocol, length = protection.user.auth_protocol, len(message.auth_params)
    assert protocol is not None
    unsigned = build_v3(message)
    behind = len(encode.octets(message.priv_params)) + len(encoded_data(message))
    place = len(unsigned) - behind - length
    signature = digest(protocol, protection.auth_key, unsigned)
    return unsigned[:place] + signature + unsigned[place + length :]


def is_signed(message: V3Message, payload: bytes, protocol: AuthProtocol, key: bytes) -> bool:
    """Return True if the signature of a message is correct.

    Args:
        message: The result of `parse_v3` for the payload.
        key: Localized to the message's authoritative engine.
    """
    length, place = DIGEST_LENGTHS[protocol], message.auth_offset
    if len(message.auth_params) != length:
        return False
    unsigned = payload[:place] + bytes(length) + payload[place + length :]
    return hmac.compare_digest(digest(protocol, key, unsigned), message.auth_params)
