"""Traps and informs of v1 and v2c to send; used by `opsconductor trap send` and the canary."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Protocol

from opsconductor.errors import Rejected
from opsconductor.snmp.client.exchange import Exchange, ExchangeTimeouts
from opsconductor.snmp.message import encode
from opsconductor.snmp.message.reader import Reader
from opsconductor.snmp.message.tlv import SEQUENCE
from opsconductor.snmp.message.trap import Varbind

MAX_REQUEST_ID = 2**31 - 1
_FEWEST_DOTS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class SnmpNotice:
    """Content of a trap or inform.

    Attributes:
        uptime: sysUpTime.0 in hundredths of a second.
    """

    trap_oid: str
    uptime: int
    varbinds: Sequence[Varbind] = ()

    def pdu(self, tag: int, request_id: int) -> bytes:
        """Encode it as a PDU of v2c and v3."""
        return encode.pdu(
            tag, request_id, encode.notification_varbinds(self.trap_oid, self.uptime, self.varbinds)
        )


class Sender(Protocol):
    """Sender of notifications in one version of SNMP."""

    def trap(self, notice: SnmpNotice) -> bytes:
        """Return the message of a trap; raises Rejected if this version cannot express it."""

    def inform(self, notice: SnmpNotice, exchange: Exchange, timeouts: ExchangeTimeouts) -> bool:
        """Send an inform and return True if it was answered.

        Raises:
            Rejected: The receiver refuses it; the message contains its reason.
            Unreachable: ICMP reported a closed port.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderV1:
    """SNMPv1, which has no informs.

    Attributes:
        agent: agent-addr of the trap.
    """

    community: bytes
    agent: IPv4Address

    def trap(self, notice: SnmpNotice) -> bytes:
        """Return the message of a trap.

        Raises:
            Rejected: The trap OID is too short for SNMPv1.
        """
        if notice.trap_oid.count(".") < _FEWEST_DOTS:
            raise Rejected(f"SNMPv1 needs an enterprise in the trap's OID, found {notice.trap_oid}")
        return encode.trap_v1(
            self.community,
            notice.trap_oid,
            agent=self.agent,
            uptime=notice.uptime,
            varbinds=notice.varbinds,
        )

    def inform(self, notice: SnmpNotice, exchange: Exchange, timeouts: ExchangeTimeouts) -> bool:
        """Raise Rejected: SNMPv1 has no informs."""
        del notice, exchange, timeouts
        raise Rejected("SNMPv1 has no informs")


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderV2c:
    """SNMPv2c."""

    community: bytes

    def trap(self, notice: SnmpNotice) -> bytes:
        """Return the message of a trap."""
        return encode.message_v2c(self.community, notice.pdu(encode.TRAP_V2, request_id()))

    def inform(self, notice: SnmpNotice, exchange: Exchange, timeouts: ExchangeTimeouts) -> bool:
        """Send an inform and return True if it was answered."""
        number = request_id()
        message = encode.message_v2c(self.community, notice.pdu(encode.INFORM, number))
        return bool(exchange.ask(message, _answer_to(number), timeouts))


def request_id() -> int:
    """Return a random request-id or msgID, from 1 to 2147483647."""
    return secrets.randbelow(MAX_REQUEST_ID) + 1


def _answer_to(number: int) -> Callable[[bytes], bool | None]:
    def read(datagram: bytes) -> bool | None:
        message = Reader(datagram, 0, len(datagram)).enter(SEQUENCE)
        message.integer()
        message.octets()
        return is_response(message.enter(encode.RESPONSE), number) or None

    return read


def is_response(response: Reader, number: int) -> bool:
    """Return True if the content of a response PDU answers a request, without error."""
    return response.integer() == number and response.integer() == 0
