"""One SNMP request and the decoding of its response, value by value, for every version of the message.

A value that cannot be read becomes `NoValue`; the other values of the response are unaffected.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Protocol, Self

from opsconductor.errors import DecodeError
from opsconductor.snmp.message import encode, tlv
from opsconductor.snmp.message.plausible import Answer, NoValue
from opsconductor.snmp.message.reader import Reader
from opsconductor.snmp.message.salvage import Damaged
from opsconductor.snmp.message.tlv import decode_oid
from opsconductor.snmp.message.trap import Varbind
from opsconductor.snmp.message.values import IPV4_BYTES, json_of, type_name
from opsconductor.snmp.message.varbinds import split
from opsconductor.snmp.notice import SnmpNotice, request_id

GET, GET_NEXT, GET_BULK = 0xA0, 0xA1, 0xA5
NO_ERROR, NO_SUCH_NAME, NO_ACCESS, AUTHORIZATION_ERROR = 0, 2, 6, 16
NO_MORE = frozenset({tlv.NO_SUCH_OBJECT, tlv.NO_SUCH_INSTANCE, tlv.END_OF_MIB_VIEW})
NOTHING = NO_MORE | {tlv.NULL}
CACHED_VARIABLES = 16_384
_NUMBERS = frozenset({tlv.INTEGER, tlv.COUNTER32, tlv.GAUGE32, tlv.TIME_TICKS, tlv.COUNTER64})


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """The response of a device.

    Attributes:
        status: error-status of RFC 3416; 0: none.
        varbinds: In the order of the response.
    """

    status: int
    varbinds: tuple[Varbind, ...] = ()

    @property
    def values(self) -> dict[str, Answer | None]:
        """Return the values by OID; None: the device does not have it."""
        return {oid: value_of(tag, content) for oid, tag, content in self.varbinds}

    @property
    def rows(self) -> dict[str, Answer | None]:
        """Return the values by OID up to the end of the MIB view."""
        return {oid: value_of(tag, content) for oid, tag, content in self.varbinds if tag not in NO_MORE}


class SnmpRequest(Protocol):
    """A PDU that is answered by a response."""

    @property
    def number(self) -> int:
        """Return the request-id, which identifies the response."""

    def pdu(self) -> bytes:
        """Return the PDU."""

    def read(self, message: Reader) -> Response | None:
        """Return the response; None: it belongs to another request; raises DecodeError."""

    def again(self) -> Self:
        """Return the same request with another number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inform:
    """A notification that is to be confirmed.

    Attributes:
        number: request-id, which identifies the response.
    """

    notice: SnmpNotice
    number: int = field(default_factory=request_id)

    def pdu(self) -> bytes:
        """Return the PDU of the inform."""
        return self.notice.pdu(encode.INFORM, self.number)

    def read(self, message: Reader) -> Response | None:
        """Return the response without its variables, which repeat those of the inform."""
        response = message.enter(encode.RESPONSE)
        if response.integer() != self.number:
            return None
        return Response(status=response.integer())

    def again(self) -> "Inform":
        """Return the same inform with another number."""
        return replace(self, number=request_id())


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One request.

    Attributes:
        kind: `GET`, `GET_NEXT` or `GET_BULK`.
        at_once: max-repetitions of GET_BULK.
        number: request-id, which identifies the response.
    """

    kind: int
    oids: Sequence[str]
    at_once: int = 0
    number: int = field(default_factory=request_id)

    def pdu(self) -> bytes:
        """Return the PDU of the request."""
        numbers = encode.integer(self.number) + encode.integer(0) + encode.integer(self.at_once)
        return encode.tlv(self.kind, numbers + encode.sequence(*map(_unfilled, self.oids)))

    def again(self) -> "Question":
        """Return the same request with another number."""
        return replace(self, number=request_id())

    def read(self, message: Reader) -> Response | None:
        """Return the response; None: it belongs to another request.

        Args:
            message: Positioned at the PDU.

        Raises:
            DecodeError: The PDU is not a response.
        """
        response = message.enter(encode.RESPONSE)
        if response.integer() != self.number:
            return None
        status = response.integer()
        response.integer()
        if status != NO_ERROR:
            return Response(status=status)
        body = response.enter(tlv.SEQUENCE)
        return Response(status=status, varbinds=_varbinds(message.data, body.at, body.end))


@lru_cache(maxsize=CACHED_VARIABLES)
def _unfilled(oid: str) -> bytes:
    """Encode a variable has no value; cached, because every poll requests the same few."""
    return encode.sequence(encode.oid(oid), encode.tlv(tlv.NULL, b""))


def value_of(tag: int, content: bytes) -> Answer | None:
    """Return one value of a response; None: the device does not have it."""
    if tag in NOTHING:
        return None
    if tag == tlv.OCTET_STRING:
        return content
    if tag in _NUMBERS:
        number = json_of(tag, content)
        return number if isinstance(number, int) else _odd(tag, content)
    return _other(tag, content)


def _other(tag: int, content: bytes) -> Answer:
    if tag == tlv.OPAQUE:
        number = json_of(tag, content)
        return number if isinstance(number, int | float) else content
    if tag == tlv.IP_ADDRESS and len(content) == IPV4_BYTES:
        return ".".join(map(str, content))
    if tag == tlv.OID and content:
        try:
            return decode_oid(content)
        except DecodeError:
            pass
    return _odd(tag, content)


def _odd(tag: int, content: bytes) -> NoValue:
    length = f"{len(content)} bytes" if content else "no bytes"
    return NoValue(f"the device answers with a value of type {type_name(tag)} and {length}")


def _varbinds(data: bytes, start: int, end: int) -> tuple[Varbind, ...]:
    """Split the variables of a response; a damaged one does not hide the others."""
    try:
        return split(data[start:end], apart=frozenset())[0]
    except (DecodeError, IndexError):
        return Damaged(data).split(start, end, apart=frozenset())[0]
