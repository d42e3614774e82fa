"""One question to a device and the reading of its answer, value by value, whatever message carries them.

What cannot be read of an answer is that one value's fault (`NoValue`), never that of the others.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from opsconductor.errors import DecodeError
from opsconductor.snmp.message import encode, tlv
from opsconductor.snmp.message.oid import decode_oid
from opsconductor.snmp.message.plausible import Answer, NoValue
from opsconductor.snmp.message.reader import Reader
from opsconductor.snmp.message.salvage import Damaged
from opsconductor.snmp.message.trap import Varbind
from opsconductor.snmp.message.values import IPV4_BYTES, json_of, type_name
from opsconductor.snmp.message.varbinds import split
from opsconductor.snmp.notice import request_id

GET, GET_NEXT, GET_BULK = 0xA0, 0xA1, 0xA5
NO_ERROR, NO_SUCH_NAME, NO_ACCESS, AUTHORIZATION_ERROR = 0, 2, 6, 16
NO_MORE = frozenset({tlv.NO_SUCH_OBJECT, tlv.NO_SUCH_INSTANCE, tlv.END_OF_MIB_VIEW})
NOTHING = NO_MORE | {tlv.NULL}
ENCODED_KEPT = 16_384
_NUMBERS = frozenset({tlv.INTEGER, tlv.COUNTER32, tlv.GAUGE32, tlv.TIME_TICKS, tlv.COUNTER64})


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What a device answers.

    Attributes:
        status: errorStatus of RFC 3416; 0: none.
        varbinds: In the order of the answer.
    """

    status: int
    varbinds: tuple[Varbind, ...] = ()

    @property
    def values(self) -> dict[str, Answer | None]:
        """The values by OID; None: the device does not have it."""
        return {oid: value_of(tag, content) for oid, tag, content in self.varbinds}

    @property
    def rows(self) -> dict[str, Answer | None]:
        """The values by OID up to the end of all that the device has."""
        return {oid: value_of(tag, content) for oid, tag, content in self.varbinds if tag not in NO_MORE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question.

    Attributes:
        kind: `GET`, `GET_NEXT` or `GET_BULK`.
        at_once: Rows that are wanted, of GET_BULK.
        number: request-id, by which the answer is known.
    """

    kind: int
    oids: Sequence[str]
    at_once: int = 0
    number: int = field(default_factory=request_id)

    def pdu(self) -> bytes:
        """Write the PDU of the question."""
        numbers = encode.integer(self.number) + encode.integer(0) + encode.integer(self.at_once)
        return encode.tlv(self.kind, numbers + encode.sequence(*map(_unfilled, self.oids)))

    def read(self, message: Reader) -> Response | None:
        """Read the answer; None: it is one to another question.

        Args:
            message: In front of the PDU.

        Raises:
            DecodeError: It is no answer.
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


@lru_cache(maxsize=ENCODED_KEPT)
def _unfilled(oid: str) -> bytes:
    """Encode a variable without value; the same few are asked for at every poll."""
    return encode.sequence(encode.oid(oid), encode.tlv(tlv.NULL, b""))


def value_of(tag: int, content: bytes) -> Answer | None:
    """Read one value of an answer; None: the device says that it has none."""
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
    """Split the variables of an answer; one that is damaged does not hide the others."""
    try:
        return split(data[start:end], apart=frozenset())[0]
    except (DecodeError, IndexError):
        return Damaged(data).split(start, end, apart=frozenset())[0]
