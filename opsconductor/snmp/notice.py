"""Sends traps and informs of every version; what `opsconductor trap send` is made of."""

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
    """What a trap or inform says.

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


class Voice(Protocol):
    """Says a notice in one version of SNMP."""

    def trap(self, notice: SnmpNotice) -> bytes:
        """Write the message of a trap; raises Rejected when this version cannot say it."""

    def inform(self, notice: SnmpNotice, exchange: Exchange, patience: ExchangeTimeouts) -> bool:
        """Send an inform and tell whether it was answered.

        Raises:
            Rejected: The receiver says why it does not take it.
            Unreachable: The network says that nobody listens there.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceV1:
    """SNMPv1, which knows no informs.

    Attributes:
        agent: The address that the trap names as its device's.
    """

    community: bytes
    agent: IPv4Address

    def trap(self, notice: SnmpNotice) -> bytes:
        """Write the message of a trap.

        Raises:
            Rejected: SNMPv1 cannot name a trap by so short an OID.
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

    def inform(self, notice: SnmpNotice, exchange: Exchange, patience: ExchangeTimeouts) -> bool:
        """Refuse: informs came with v2c."""
        del notice, exchange, patience
        raise Rejected("SNMPv1 knows no informs")


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceV2c:
    """SNMPv2c."""

    community: bytes

    def trap(self, notice: SnmpNotice) -> bytes:
        """Write the message of a trap."""
        return encode.message_v2c(self.community, notice.pdu(encode.TRAP_V2, request_id()))

    def inform(self, notice: SnmpNotice, exchange: Exchange, patience: ExchangeTimeouts) -> bool:
        """Send an inform and tell whether it was answered."""
        number = request_id()
        message = encode.message_v2c(self.community, notice.pdu(encode.INFORM, number))
        return bool(exchange.ask(message, _answer_to(number), patience))


def request_id() -> int:
    """Choose a number for a request or message: 1 to 2147483647."""
    return secrets.randbelow(MAX_REQUEST_ID) + 1


def _answer_to(number: int) -> Callable[[bytes], bool | None]:
    def read(datagram: bytes) -> bool | None:
        message = Reader(datagram, 0, len(datagram)).enter(SEQUENCE)
        message.integer()
        message.octets()
        return is_response(message.enter(encode.RESPONSE), number) or None

    return read


def is_response(response: Reader, number: int) -> bool:
    """Tell whether the content of a response PDU answers a request, and without error."""
    return response.integer() == number and response.integer() == 0
