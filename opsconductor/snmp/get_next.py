"""Asks for the one value that follows an OID, with v1 and v2c, and tells an error from the end of everything.

gufo_snmp makes no difference between the two.
"""

import socket
from dataclasses import dataclass, field
from enum import Enum, auto

from opsconductor.errors import DecodeError
from opsconductor.snmp import encode
from opsconductor.snmp.exchange import LARGEST
from opsconductor.snmp.notice import request_id
from opsconductor.snmp.reader import Reader
from opsconductor.snmp.tlv import END_OF_MIB_VIEW, NO_SUCH_INSTANCE, NO_SUCH_OBJECT, NULL, OID, SEQUENCE

GET_NEXT = 0xA1
NO_ERROR, NO_SUCH_NAME = 0, 2
NOTHING = {END_OF_MIB_VIEW, NO_SUCH_INSTANCE, NO_SUCH_OBJECT}


class Following(Enum):
    """What a device says of the value that follows an OID."""

    THERE = auto()
    NONE = auto()
    ERROR = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class GetNext:
    """One question.

    Attributes:
        version: As the message has it: 0 is v1, 1 is v2c.
    """

    version: int
    community: bytes = field(repr=False)
    oid: str
    number: int = field(default_factory=request_id)

    def message(self) -> bytes:
        """Write the question."""
        pdu = encode.pdu(GET_NEXT, self.number, [(self.oid, NULL, b"")])
        return encode.sequence(encode.integer(self.version), encode.octets(self.community), pdu)

    def receive(self, sock: socket.socket) -> Following:
        """Read a datagram; raises BlockingIOError for one that does not answer this question."""
        try:
            following = self.read(sock.recv(LARGEST, socket.MSG_DONTWAIT))
        except DecodeError:
            following = None
        if following is None:
            raise BlockingIOError
        return following

    def read(self, datagram: bytes) -> Following | None:
        """Read the answer; None: it is one to another question.

        Devices that have grown up with v1 say noSuchName at the end with v2c, too.

        Raises:
            DecodeError: It is no answer.
        """
        message = Reader(datagram, 0, len(datagram)).enter(SEQUENCE)
        message.integer()
        message.octets()
        response = message.enter(encode.RESPONSE)
        if response.integer() != self.number:
            return None
        status = response.integer()
        if status == NO_SUCH_NAME:
            return Following.NONE
        if status != NO_ERROR:
            return Following.ERROR
        response.integer()
        variable = response.enter(SEQUENCE).enter(SEQUENCE)
        variable.element(OID)
        is_nothing = variable.at < variable.end and variable.data[variable.at] in NOTHING
        return Following.NONE if is_nothing else Following.THERE
