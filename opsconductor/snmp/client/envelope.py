"""Puts questions into messages and takes answers out of them: one way for v1 and v2c, one for v3."""

from dataclasses import dataclass, field
from typing import Protocol

from opsconductor.snmp.client.question import Question, Response
from opsconductor.snmp.message import encode, tlv
from opsconductor.snmp.message.reader import Reader
from opsconductor.snmp.security.requester import UsmReport, UsmRequester


class Envelope(Protocol):
    """What surrounds questions and answers in one version of SNMP."""

    @property
    def no_access(self) -> str:
        """Why a device refuses to show a value, to be read after its name."""

    def message(self, question: Question, now_s: float) -> bytes:
        """Write the message of a question.

        Args:
            now_s: Monotonic clock in seconds.
        """

    def read(self, question: Question, datagram: bytes, now_s: float) -> Response | UsmReport | None:
        """Read the answer; None: it is one to another question, or is not believed.

        Raises:
            DecodeError: It is no answer.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class CommunityEnvelope:
    """Messages of v1 and v2c.

    Attributes:
        version: As the message has it: 0 is v1, 1 is v2c.
    """

    version: int
    community: bytes = field(repr=False)

    @property
    def no_access(self) -> str:
        """Name the community."""
        return "does not let this community read that"

    def message(self, question: Question, now_s: float) -> bytes:
        """Write the message of a question."""
        del now_s
        return encode.sequence(encode.integer(self.version), encode.octets(self.community), question.pdu())

    def read(self, question: Question, datagram: bytes, now_s: float) -> Response | None:
        """Read the answer; raises DecodeError."""
        del now_s
        message = Reader(datagram, 0, len(datagram)).enter(tlv.SEQUENCE)
        message.integer()
        message.octets()
        return question.read(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class UserEnvelope:
    """Messages of v3; the number of a question is also that of its message."""

    usm: UsmRequester

    @property
    def no_access(self) -> str:
        """Name what the device decides by (RFC 3415)."""
        return "gives the user no access: check its views and security level"

    def message(self, question: Question, now_s: float) -> bytes:
        """Write the message of a question, protected as the user's level says."""
        return self.usm.protect(question.pdu(), question.number, now_s)

    def read(self, question: Question, datagram: bytes, now_s: float) -> Response | UsmReport | None:
        """Open and read the answer; raises DecodeError."""
        answer = self.usm.open(datagram, question.number, now_s)
        return question.read(Reader(answer, 0, len(answer))) if isinstance(answer, bytes) else answer
