"""Responses to informs, and reports to senders whose messages are refused.

Source:
    RFC 3416 section 4.2.7; RFC 3412 section 7.1; RFC 3414 section 3.2.
"""

from opsconductor.snmp.message import encode
from opsconductor.snmp.message.reader import Reader
from opsconductor.snmp.message.tlv import COUNTER32, SEQUENCE
from opsconductor.snmp.message.trap import Trap
from opsconductor.snmp.security.engine import LocalEngine
from opsconductor.snmp.security.protect import Authority, Protection, protect
from opsconductor.snmp.security.security import SecurityLevel, UsmUser
from opsconductor.snmp.security.usm import Opened, Refusal, UsmReceiver
from opsconductor.snmp.security.v3_message import scoped_pdu

_USM_STATS = "1.3.6.1.6.3.15.1.1"
_REPORTED = {
    "wrong_security_level": f"{_USM_STATS}.1.0",
    "not_in_time_window": f"{_USM_STATS}.2.0",
    "clock_discovery": f"{_USM_STATS}.2.0",
    "unknown_user": f"{_USM_STATS}.3.0",
    "unknown_engine_id": f"{_USM_STATS}.4.0",
    "engine_discovery": f"{_USM_STATS}.4.0",
    "wrong_digest": f"{_USM_STATS}.5.0",
    "decryption_failed": f"{_USM_STATS}.6.0",
}
"""The counter of SNMP-USER-BASED-SM-MIB that reports each reason."""

_MAX_COUNTER = 2**32 - 1


def answer_v2c(inform: bytes, trap: Trap) -> bytes:
    """Return the response to a v2c inform: the inform itself with the PDU type of a response.

    Request ID and variables are the same by definition; the error fields of an inform are zero. A damaged
    inform is answered without variables: its sender matches the response by the request ID.

    Args:
        inform: A message that `ber.decode` accepted as an inform.
        trap: The result of `ber.decode`.
    """
    if trap.faults:
        return encode.message_v2c(trap.community, encode.pdu(encode.RESPONSE, trap.request_id, ()))
    message = Reader(inform, 0, len(inform)).enter(SEQUENCE)
    message.integer()
    message.octets()
    return inform[: message.at] + bytes((encode.RESPONSE,)) + inform[message.at + 1 :]


def answer_v3(receiver: UsmReceiver, opened: Opened, now_s: float) -> bytes:
    """Return the response to a v3 inform, protected like the inform; we are authoritative."""
    scoped = opened.scoped
    response = bytes((encode.RESPONSE,)) + scoped.pdu[1:]
    auth_key, priv_key = receiver.keys_for(opened.keys, receiver.engine.engine_id)
    protection = Protection(
        user=opened.keys.user,
        level=opened.keys.user.level,
        authority=_authority(receiver.engine, now_s),
        auth_key=auth_key,
        priv_key=priv_key,
    )
    content = scoped_pdu(scoped.context_engine_id, scoped.context_name, response)
    return protect(protection, content, msg_id=opened.message.msg_id)


def report(receiver: UsmReceiver, refusal: Refusal, *, count: int, now_s: float) -> bytes | None:
    """Return the report that informs a sender why its message is refused, or None if none may be sent.

    The report carries our engine ID and clock, from which a sender of informs learns them. The report
    about the time is signed, because the sender sets its clock by it.

    Args:
        count: Value of the counter in the report: how often this has happened.
    """
    stat = _REPORTED.get(refusal.reason)
    if stat is None or not refusal.message.reportable:
        return None
    value = encode.integer(count & _MAX_COUNTER)[2:]
    pdu = encode.pdu(encode.REPORT, 0, [(stat, COUNTER32, value)])
    return protect(
        _protection_of(receiver, refusal, now_s),
        scoped_pdu(receiver.engine.engine_id, b"", pdu),
        msg_id=refusal.message.msg_id,
    )


def _protection_of(receiver: UsmReceiver, refusal: Refusal, now_s: float) -> Protection:
    authority = _authority(receiver.engine, now_s)
    if refusal.keys is not None:
        auth_key, _ = receiver.keys_for(refusal.keys, receiver.engine.engine_id)
        level = SecurityLevel.AUTH_NO_PRIV
        return Protection(user=refusal.keys.user, level=level, authority=authority, auth_key=auth_key)
    user = UsmUser(username=refusal.message.user.decode("utf-8", "replace"))
    return Protection(user=user, level=SecurityLevel.NO_AUTH_NO_PRIV, authority=authority)


def _authority(engine: LocalEngine, now_s: float) -> Authority:
    return Authority(engine_id=engine.engine_id, boots=engine.boots, time_s=engine.time_s(now_s))
