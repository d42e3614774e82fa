"""Sends SNMPv3 traps, of which we are the authority, and informs, of which the receiver is."""

import socket
import time
from collections.abc import Callable

from opsconductor.errors import DecodeError, Rejected
from opsconductor.snmp.client.exchange import Exchange, ExchangeTimeouts
from opsconductor.snmp.message import encode
from opsconductor.snmp.message.oid import encode_oid
from opsconductor.snmp.message.reader import Reader
from opsconductor.snmp.notice import SnmpNotice, is_response, request_id
from opsconductor.snmp.security.engine import PLACEHOLDER_ENTERPRISE, LocalEngine
from opsconductor.snmp.security.keys import MasterKeys
from opsconductor.snmp.security.protect import Authority, Protection, protect
from opsconductor.snmp.security.security import SecurityLevel, UsmUser
from opsconductor.snmp.security.usm import Opened, UsmReceiver
from opsconductor.snmp.security.v3_message import V3Message, parse_scoped_pdu, parse_v3, scoped_pdu

_FORMAT_TEXT = 4
_LONGEST_TEXT = 27
_TIME_BITS = 24
_GET = 0xA0
_USM_STATS = encode_oid("1.3.6.1.6.3.15.1.1")
_REPORTS = {
    1: "the receiver wants another security level (noAuthNoPriv, authNoPriv, authPriv)",
    2: "the receiver finds our clock wrong",
    3: "the receiver does not know the user",
    4: "the receiver has another engine ID",
    5: "the receiver finds the signature wrong: check authentication password and protocol",
    6: "the receiver cannot decrypt: check privacy password and protocol",
}
_WRONG_CLOCK = 2


def authority_of_this_host(now_s: float) -> Authority:
    """Make an engine for a sender that keeps no state: ID from the host's name, clock from the wall clock.

    Boots and time together only ever grow, from run to run as well, so receivers see one engine
    that is in time (RFC 3411 section 5, format `text`).

    Args:
        now_s: Wall clock, seconds since 1970.
    """
    enterprise = (PLACEHOLDER_ENTERPRISE | 1 << 31).to_bytes(4, "big")
    name = socket.gethostname().encode()[:_LONGEST_TEXT] or b"host"
    boots, time_s = divmod(int(now_s), 1 << _TIME_BITS)
    return Authority(engine_id=enterprise + bytes((_FORMAT_TEXT,)) + name, boots=boots, time_s=time_s)


class VoiceV3:
    """SNMPv3 with one user.

    Args:
        engine_id: Our engine ID in traps; None: made of the host's name.
    """

    def __init__(self, user: UsmUser, engine_id: bytes | None = None) -> None:
        self._user = user
        self._keys = MasterKeys(user)
        self._engine_id = engine_id

    def trap(self, notice: SnmpNotice) -> bytes:
        """Write the message of a trap; we are its authority."""
        ours = authority_of_this_host(time.time())
        authority = Authority(
            engine_id=self._engine_id or ours.engine_id, boots=ours.boots, time_s=ours.time_s
        )
        scoped = scoped_pdu(authority.engine_id, b"", notice.pdu(encode.TRAP_V2, request_id()))
        return protect(self._protection(authority), scoped, msg_id=request_id())

    def inform(self, notice: SnmpNotice, exchange: Exchange, patience: ExchangeTimeouts) -> bool:
        """Ask for the receiver's engine ID and clock, then send the inform; answered or not.

        Raises:
            Rejected: The receiver says why it does not take it.
            Unreachable: The network says that nobody listens there.
        """
        authority = _discover(exchange, patience)
        for _ in range(2):
            if authority is None:
                return False
            answer = self._ask(notice, exchange, authority, patience)
            if isinstance(answer, bool):
                return answer
            authority = answer  # its clock is not what discovery said: once more with the new one
        raise Rejected(_REPORTS[_WRONG_CLOCK])

    def refusal(self, exchange: Exchange, patience: ExchangeTimeouts) -> str:
        """Ask for a value, and say why that is refused; empty: it is not, or nobody says so.

        Raises:
            Unreachable: The network says that nobody listens there.
        """
        authority = _discover(exchange, patience)
        if authority is None:
            return ""
        number = request_id()
        scoped = scoped_pdu(authority.engine_id, b"", encode.pdu(_GET, number, ()))
        question = protect(self._protection(authority), scoped, msg_id=number, reportable=True)

        def read(datagram: bytes) -> bool | None:
            message = parse_v3(datagram)
            return None if message.msg_id != number else _told_by_report(message) is None or None

        try:
            answered = exchange.ask(question, read, patience)
        except Rejected as error:
            return str(error)
        return "the receiver gives the user no access: check its views and security level" if answered else ""

    def _protection(self, authority: Authority) -> Protection:
        engine_id, level = authority.engine_id, self._user.level
        return Protection(
            user=self._user,
            level=level,
            authority=authority,
            auth_key=b"" if level is SecurityLevel.NO_AUTH_NO_PRIV else self._keys.auth_key(engine_id),
            priv_key=self._keys.priv_key(engine_id) if level is SecurityLevel.AUTH_PRIV else b"",
        )

    def _ask(
        self, notice: SnmpNotice, exchange: Exchange, authority: Authority, patience: ExchangeTimeouts
    ) -> Authority | bool:
        """Send the inform: whether it was answered, or the receiver's clock when it finds ours wrong."""
        number, msg_id = request_id(), request_id()
        ours = authority_of_this_host(time.time())
        scoped = scoped_pdu(self._engine_id or ours.engine_id, b"", notice.pdu(encode.INFORM, number))
        message = protect(self._protection(authority), scoped, msg_id=msg_id, reportable=True)
        return exchange.ask(message, self._reader(authority, number, msg_id), patience) or False

    def _reader(
        self, authority: Authority, number: int, msg_id: int
    ) -> Callable[[bytes], Authority | bool | None]:
        nobody = LocalEngine(engine_id=bytes(5), boots=0, started_s=0.0)
        receiver = UsmReceiver([self._user], nobody)
        receiver.clocks.admit(authority.engine_id, authority.boots, authority.time_s, now_s=time.monotonic())

        def read(datagram: bytes) -> Authority | bool | None:
            message = parse_v3(datagram)
            if message.msg_id != msg_id:
                return None
            told = _told_by_report(message)
            if told is not None:
                return told
            opened = receiver.open(datagram, time.monotonic())
            if not isinstance(opened, Opened):
                return None
            pdu = opened.scoped.pdu
            return is_response(Reader(pdu, 0, len(pdu)).enter(encode.RESPONSE), number) or None

        return read


def _discover(exchange: Exchange, patience: ExchangeTimeouts) -> Authority | None:
    """Ask the receiver for its engine ID and clock (RFC 3414 section 4); None: no answer."""
    msg_id = request_id()
    nobody = Protection(
        user=UsmUser(username=""),
        level=SecurityLevel.NO_AUTH_NO_PRIV,
        authority=Authority(engine_id=b"", boots=0, time_s=0),
    )
    question = protect(
        nobody, scoped_pdu(b"", b"", encode.pdu(_GET, msg_id, ())), msg_id=msg_id, reportable=True
    )

    def read(datagram: bytes) -> Authority | None:
        message = parse_v3(datagram)
        return _authority(message) if message.msg_id == msg_id and message.engine_id else None

    return exchange.ask(question, read, patience)


def _authority(message: V3Message) -> Authority:
    return Authority(engine_id=message.engine_id, boots=message.boots, time_s=message.time_s)


def _told_by_report(message: V3Message) -> Authority | None:
    """Read a report: the receiver's clock when it finds ours wrong; None when it is no report.

    Raises:
        Rejected: The report tells another reason. Nobody has signed it: good enough to tell a person.
    """
    if message.level is SecurityLevel.AUTH_PRIV:
        return None
    pdu = parse_scoped_pdu(message.data).pdu
    if pdu[0] != encode.REPORT:
        return None
    place = pdu.find(_USM_STATS)
    if place < 0:
        raise DecodeError("not_a_notification", "a report about something else")
    number = pdu[place + len(_USM_STATS)]
    if number == _WRONG_CLOCK:
        return _authority(message)
    raise Rejected(_REPORTS.get(number, "the receiver refuses the message"))
