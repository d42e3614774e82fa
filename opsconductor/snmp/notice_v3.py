"""SNMPv3 traps, for which we are authoritative, and informs, for which the receiver is."""

import socket
import time

from opsconductor.errors import Rejected
from opsconductor.snmp.client.exchange import Exchange, ExchangeTimeouts
from opsconductor.snmp.message import encode
from opsconductor.snmp.message.reader import Reader
from opsconductor.snmp.notice import SnmpNotice, is_response, request_id
from opsconductor.snmp.security.engine import PLACEHOLDER_ENTERPRISE
from opsconductor.snmp.security.keys import localized_keys
from opsconductor.snmp.security.protect import Authority, Protection, protect
from opsconductor.snmp.security.requester import UsmReport, UsmRequester
from opsconductor.snmp.security.security import UsmUser
from opsconductor.snmp.security.v3_message import scoped_pdu

_FORMAT_TEXT = 4
_LONGEST_TEXT = 27
_TIME_BITS = 24


def authority_of_this_host(now_s: float) -> Authority:
    """Return the engine of a sender that keeps no state: ID from the host name, clock from the wall clock.

    Boots and time together only increase, also from run to run, so receivers see one engine
    that stays in the time window (RFC 3411 section 5, format `text`).

    Args:
        now_s: Wall clock, seconds since 1970.
    """
    enterprise = (PLACEHOLDER_ENTERPRISE | 1 << 31).to_bytes(4, "big")
    name = socket.gethostname().encode()[:_LONGEST_TEXT] or b"host"
    boots, time_s = divmod(int(now_s), 1 << _TIME_BITS)
    return Authority(engine_id=enterprise + bytes((_FORMAT_TEXT,)) + name, boots=boots, time_s=time_s)


class SenderV3:
    """SNMPv3 with one user.

    Args:
        engine_id: Our engine ID in traps; None: derived from the host name.
    """

    def __init__(self, user: UsmUser, engine_id: bytes | None = None) -> None:
        self._user = user
        self._engine_id = engine_id

    def trap(self, notice: SnmpNotice) -> bytes:
        """Return the message of a trap, with us as authoritative engine."""
        ours = authority_of_this_host(time.time())
        authority = Authority(
            engine_id=self._engine_id or ours.engine_id, boots=ours.boots, time_s=ours.time_s
        )
        scoped = scoped_pdu(authority.engine_id, b"", notice.pdu(encode.TRAP_V2, request_id()))
        auth_key, priv_key = localized_keys(self._user, authority.engine_id)
        protection = Protection(
            user=self._user,
            level=self._user.level,
            authority=authority,
            auth_key=auth_key,
            priv_key=priv_key,
        )
        return protect(protection, scoped, msg_id=request_id())

    def inform(self, notice: SnmpNotice, exchange: Exchange, patience: ExchangeTimeouts) -> bool:
        """Discover the receiver's engine ID and clock, send the inform, and return True if it was answered.

        Raises:
            Rejected: The receiver refuses it; the message contains its reason.
            Unreachable: ICMP reported a closed port.
        """
        usm, msg_id = UsmRequester(self._user), request_id()

        def discover(datagram: bytes) -> bool | None:
            return usm.discover(datagram, msg_id, time.monotonic()) or None

        if not exchange.ask(usm.discovery(msg_id), discover, patience):
            return False
        answer = self._ask(usm, notice, exchange, patience)
        if isinstance(answer, UsmReport) and answer.is_clock_learned:
            answer = self._ask(usm, notice, exchange, patience)
        if isinstance(answer, UsmReport):
            raise Rejected(f"the receiver {answer.explanation}")
        return answer

    def _ask(
        self, usm: UsmRequester, notice: SnmpNotice, exchange: Exchange, patience: ExchangeTimeouts
    ) -> UsmReport | bool:
        """Send the inform and return whether it was answered, or the receiver's report."""
        number = request_id()
        ours = self._engine_id or authority_of_this_host(time.time()).engine_id
        pdu = notice.pdu(encode.INFORM, number)
        message = usm.protect(pdu, number, time.monotonic(), context_engine_id=ours)

        def read(datagram: bytes) -> UsmReport | bool | None:
            answer = usm.open(datagram, number, time.monotonic())
            if not isinstance(answer, bytes):
                return answer
            return is_response(Reader(answer, 0, len(answer)).enter(encode.RESPONSE), number) or None

        return exchange.ask(message, read, patience) or False
