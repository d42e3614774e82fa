"""USM for requests: protects them for an authoritative engine and opens its answers (RFC 3414)."""

from dataclasses import dataclass

from opsconductor.errors import DecodeError
from opsconductor.snmp.message import encode
from opsconductor.snmp.message.oid import encode_oid
from opsconductor.snmp.security.cipher import CipherUse, decrypt
from opsconductor.snmp.security.engine import MAX_ENGINE_ID, MIN_ENGINE_ID
from opsconductor.snmp.security.keys import localized_keys
from opsconductor.snmp.security.protect import Authority, Protection, is_signed, protect
from opsconductor.snmp.security.security import SecurityLevel, UsmUser
from opsconductor.snmp.security.time_window import CLOCK_FAULTS, RemoteClock
from opsconductor.snmp.security.v3_message import V3Message, parse_scoped_pdu, parse_v3, scoped_pdu

_GET = 0xA0
_USM_STATS = encode_oid("1.3.6.1.6.3.15.1.1")
_NOT_IN_TIME_WINDOW = 2
_REPORTS = {
    1: "requires another security level (noAuthNoPriv, authNoPriv, authPriv)",
    _NOT_IN_TIME_WINDOW: "rejects our clock (not in time window)",
    3: "does not know the user",
    4: "has another engine ID",
    5: "rejects the signature: check authentication password and protocol",
    6: "cannot decrypt: check privacy password and protocol",
}
"""Meaning of each usmStats counter (SNMP-USER-BASED-SM-MIB) in a report; follows the engine's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsmReport:
    """A report in place of an answer.

    Attributes:
        explanation: Why the engine refuses the request; follows its name.
        is_clock_learned: The engine rejected our clock and sent its own, signed: the request should be
            sent again.
    """

    explanation: str
    is_clock_learned: bool


class UsmRequester:
    """One user's requests to one engine, whose ID and clock are learned from its messages.

    Until its first signed message, the clock is the unsigned one of the discovery.

    Attributes:
        engine_id: Of the engine; empty before it is learned.
        is_proven: True when a response was opened: keys and clock are right.
        fault: Why the latest message that claimed to be the answer was not trusted; empty: no such message.
    """

    def __init__(self, user: UsmUser) -> None:
        self.engine_id = b""
        self.is_proven = False
        self.fault = ""
        self._user = user
        self._keys = b"", b""
        self._clock = RemoteClock(boots=0, latest_s=0, noted_s=0.0)
        self._is_clock_signed = False

    def discovery(self, msg_id: int) -> bytes:
        """Return the request that discovers engine ID and clock."""
        unauthenticated = Protection(
            user=UsmUser(username=""),
            level=SecurityLevel.NO_AUTH_NO_PRIV,
            authority=Authority(engine_id=b"", boots=0, time_s=0),
        )
        pdu = encode.pdu(_GET, msg_id, ())
        return protect(unauthenticated, scoped_pdu(b"", b"", pdu), msg_id=msg_id, reportable=True)

    def discover(self, datagram: bytes, msg_id: int, now_s: float) -> bool:
        """Learn engine ID and clock; return False if the message does not answer the discovery.

        Args:
            now_s: Monotonic clock in seconds.

        Raises:
            DecodeError: The bytes are not an SNMPv3 message.
        """
        message = parse_v3(datagram)
        if message.msg_id != msg_id or not MIN_ENGINE_ID <= len(message.engine_id) <= MAX_ENGINE_ID:
            return False
        self.engine_id = message.engine_id
        self._keys = localized_keys(self._user, message.engine_id)
        self._clock = RemoteClock(boots=message.boots, latest_s=message.time_s, noted_s=now_s)
        return True

    def protect(self, pdu: bytes, msg_id: int, now_s: float) -> bytes:
        """Return a request with a PDU, protected at the user's level."""
        auth_key, priv_key = self._keys
        protection = Protection(
            user=self._user,
            level=self._user.level,
            authority=Authority(
                engine_id=self.engine_id, boots=self._clock.boots, time_s=self._clock.time_s(now_s)
            ),
            auth_key=auth_key,
            priv_key=priv_key,
        )
        scoped = scoped_pdu(self.engine_id, b"", pdu)
        return protect(protection, scoped, msg_id=msg_id, reportable=True)

    def open(self, datagram: bytes, msg_id: int, now_s: float) -> bytes | UsmReport | None:
        """Check the sender of an answer, decrypt it, and learn the engine's clock from it.

        Returns:
            The PDU with its tag; None: the message does not answer this request, or is not trusted.

        Raises:
            DecodeError: The bytes are not an SNMPv3 message, or are invalid when decrypted.
        """
        message = parse_v3(datagram)
        if message.msg_id != msg_id:
            return None
        is_plain = message.level is SecurityLevel.NO_AUTH_NO_PRIV
        self.fault = "" if is_plain else self._fault(message, datagram, now_s)
        if self.fault:
            return None
        pdu = parse_scoped_pdu(self._decrypted(message)).pdu
        if pdu[0] == encode.REPORT:
            return _report(pdu, is_clock_learned=not is_plain)
        if message.level is not self._user.level:
            self.fault = "answers at another security level than the request"
            return None
        self.is_proven = True
        return pdu

    def _fault(self, message: V3Message, datagram: bytes, now_s: float) -> str:
        """Return why a message that claims to be signed is not trusted; empty if it is."""
        protocol = self._user.auth_protocol
        if message.engine_id != self.engine_id or message.user != self._user.username.encode():
            return "answers for another engine or user"
        if protocol is None or not is_signed(message, datagram, protocol, self._keys[0]):
            return "answers with a wrong signature"
        if not self._is_clock_signed:
            self._is_clock_signed = True
            self._clock = RemoteClock(boots=message.boots, latest_s=message.time_s, noted_s=now_s)
        fault = self._clock.admit(message.boots, message.time_s, now_s)
        return f"answers with a wrong clock: {CLOCK_FAULTS[fault].explanation}" if fault else ""

    def _decrypted(self, message: V3Message) -> bytes:
        protocol = self._user.priv_protocol
        if message.level is not SecurityLevel.AUTH_PRIV:
            return message.data
        if protocol is None:
            raise DecodeError("bad_value", "encrypted answer for a user without privacy protocol")
        use = CipherUse(protocol=protocol, key=self._keys[1], boots=message.boots, time_s=message.time_s)
        plain = decrypt(use, message.priv_params, message.data)
        if plain is None:
            raise DecodeError("bad_value", "encrypted with another protocol")
        return plain


def _report(pdu: bytes, *, is_clock_learned: bool) -> UsmReport:
    """Return the report for the usmStats counter that a message carries."""
    place = pdu.find(_USM_STATS)
    at = place + len(_USM_STATS)
    number = pdu[at] if place >= 0 and at < len(pdu) else 0
    return UsmReport(
        explanation=_REPORTS.get(number, "refuses the message"),
        is_clock_learned=is_clock_learned and number == _NOT_IN_TIME_WINDOW,
    )
