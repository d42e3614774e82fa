"""Signs and encrypts SNMPv3 messages that we send: traps, informs, answers and reports."""

from dataclasses import dataclass, replace

from opsconductor.snmp.security.cipher import CipherUse, encrypt
from opsconductor.snmp.security.keys import DIGEST_LENGTHS, digest
from opsconductor.snmp.security.security import SecurityLevel, UsmUser
from opsconductor.snmp.security.v3_message import USM, V3Message, build_v3, parse_v3


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """The authoritative engine of a message and its clock, as the message shall carry them."""

    engine_id: bytes
    boots: int
    time_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """By whom and how far a message is protected.

    Attributes:
        level: Not above what the user has keys for.
        auth_key: Localized to the authority; empty at `noAuthNoPriv`.
        priv_key: Localized to the authority; empty below `authPriv`.
    """

    user: UsmUser
    level: SecurityLevel
    authority: Authority
    auth_key: bytes = b""
    priv_key: bytes = b""


def protect(protection: Protection, scoped: bytes, *, msg_id: int, reportable: bool = False) -> bytes:
    """Write a whole SNMPv3 message around a scoped PDU, encrypted and signed as its level says."""
    authority, user = protection.authority, protection.user
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
        priv_params=salt,
        data=data,
    )
    if protection.level is SecurityLevel.NO_AUTH_NO_PRIV:
        return build_v3(message)
    return _signed(protection, message)


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
    """Write the message with zeros in the place of the signature, then put the signature there."""
    protocol = protection.user.auth_protocol
    assert protocol is not None
    length = DIGEST_LENGTHS[protocol]
    unsigned = build_v3(replace(message, auth_params=bytes(length)))
    place = parse_v3(unsigned).auth_offset
    signature = digest(protocol, protection.auth_key, unsigned)
    return unsigned[:place] + signature + unsigned[place + length :]
