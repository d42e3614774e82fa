"""Messages around requests and answers: one class for v1 and v2c, one for v3."""

from dataclasses import dataclass, field
from typing import Protocol

from opsconductor.snmp.client.question import Response, SnmpRequest
from opsconductor.snmp.message import encode, tlv
from opsconductor.snmp.message.reader import Reader
from opsconductor.snmp.security.requester import UsmReport, UsmRequester


class Envelope(Protocol):
    """The message around requests and answers in one version of SNMP."""

    @property
    def no_access(self) -> str:
        """Reason for which a device denies access to a value; follows its name in a message."""

    def message(self, question: SnmpRequest, now_s: float) -> bytes:
        """Return the message of a request.

        Args:
            now_s: Monotonic clock in seconds.
        """

    def read(self, question: SnmpRequest, datagram: bytes, now_s: float) -> Response | UsmReport | None:
        """Return the answer; None: it belongs to another request, or is not trusted.

        Raises:
            DecodeError: The bytes are not an answer.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class CommunityEnvelope:
    """Messages of v1 and v2c.

    Attributes:
        version: As encoded in the message: 0 is v1, 1 is v2c.
    """

    version: int
    community: bytes = field(repr=False)

    @property
    def no_access(self) -> str:
        """Return the reason, which is the community."""
        return "denies read access to this community"

    def message(self, question: SnmpRequest, now_s: float) -> bytes:
        """Return the message of a request."""
        del now_s
        return encode.sequence(encode.integer(self.version), encode.octets(self.community), question.pdu())

    def read(self, question: SnmpRequest, datagram: bytes, now_s: float) -> Response | None:
        """Return the answer; raises DecodeError."""
        del now_s
        message = Reader(datagram, 0, len(datagram)).enter(tlv.SEQUENCE)
        message.integer()
        message.octets()
        return question.read(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class UserEnvelope:
    """Messages of v3; msgID is the request-id."""

    usm: UsmRequester

    @property
    def no_access(self) -> str:
        """Return the reason, which is the user's views or level (RFC 3415)."""
        return "denies access to the user: check its views and security level"

    def message(self, question: SnmpRequest, now_s: float) -> bytes:
        """Return the message of a request, protected at the user's level."""
        return self.usm.protect(question.pdu(), question.number, now_s)

    def read(self, question: SnmpRequest, datagram: bytes, now_s: float) -> Response | UsmReport | None:
        """Open and return the answer; raises DecodeError."""
        answer = self.usm.open(datagram, question.number, now_s)
        return question.read(Reader(answer, 0, len(answer))) if isinstance(answer, bytes) else answer
