"""Values of variables as readable text and as JSON.

The text never contains NUL, a lone surrogate, or a character that could control a
terminal or change the reading direction: such characters are written as escapes.
"""

import struct
from collections.abc import Callable
from math import isfinite

from opsconductor.errors import DecodeError
from opsconductor.mib.decode.value import ADDRESS
from opsconductor.model.text import printable
from opsconductor.snmp.message import tlv
from opsconductor.snmp.message.octets import LONGEST_TEXT, hex_text, octets_text
from opsconductor.snmp.message.tlv import decode_oid

IPV4_BYTES = 4
LONGEST_NUMBER = 16
PLAIN_NUMBER = 8
LEAST, MOST = -(2**63), 2**64 - 1
TICKS_PER_DAY = 8_640_000
FLOAT_DIGITS = 7
NO_VALUE = "no value"

_NOTHING = frozenset({tlv.NULL, tlv.NO_SUCH_OBJECT, tlv.NO_SUCH_INSTANCE, tlv.END_OF_MIB_VIEW})
_EMPTY_IS_NONE = _NOTHING | {
    tlv.INTEGER,
    tlv.OID,
    tlv.IP_ADDRESS,
    tlv.COUNTER32,
    tlv.GAUGE32,
    tlv.TIME_TICKS,
    tlv.COUNTER64,
}

_OPAQUE_FLOAT, _OPAQUE_DOUBLE = b"\x9f\x78\x04", b"\x9f\x79\x08"
_OPAQUE_SIGNED, _OPAQUE_UNSIGNED = b"\x9f\x7a", (b"\x9f\x76", b"\x9f\x7b")


def type_name(tag: int) -> str:
    """Return the SMIv2 name of a value's type; an unknown type by its tag."""
    known = _TYPES.get(tag)
    return known[0] if known else f"tag 0x{tag:02x}"


def is_no_value(tag: int, content: bytes) -> bool:
    """Return True if a variable has no value: NULL, an exception, or a number or OID of no bytes."""
    return not content and tag in _EMPTY_IS_NONE


def json_of(tag: int, content: bytes, convention: str = "") -> object:
    """Return a value for JSON: numbers as numbers, all else as text, and None where there is no value.

    Text may have several lines. TimeTicks are hundredths of a second. A value that does not fit
    its type, or of unknown type, is returned as hex digits.

    Args:
        convention: Textual convention of an OCTET STRING, as for `octets_text`.
    """
    if not content and tag in _EMPTY_IS_NONE:
        return None
    if convention and tag == tlv.OCTET_STRING:
        return octets_text(content, convention)
    known = _TYPES.get(tag)
    return known[1](content) if known else hex_text(content)


def text_of(tag: int, content: bytes, convention: str = "") -> str:
    """Return a value on one line, for titles, resources and messages; `convention` as in `json_of`."""
    if tag == tlv.INTEGER and 0 < len(content) <= PLAIN_NUMBER:
        return str(int.from_bytes(content, "big", signed=True))
    if (
        tag == tlv.OCTET_STRING
        and convention != ADDRESS
        and content.isascii()
        and len(content) <= LONGEST_TEXT
    ):
        text = content.decode("ascii")
        if text.isprintable():
            return text
    if tag == tlv.TIME_TICKS and content:
        return ticks_text(content)
    value = json_of(tag, content, convention)
    if value is not None:
        return printable(str(value))
    return type_name(tag) if tag in _NOTHING else NO_VALUE


def ticks_text(content: bytes) -> str:
    """Return TimeTicks as days, hours, minutes and seconds: `12d 03:04:05.06`."""
    ticks = _unsigned(content)
    return duration_text(ticks) if isinstance(ticks, int) else str(ticks)


def duration_text(ticks: int) -> str:
    """Return hundredths of a second as days, hours, minutes and seconds: `12d 03:04:05.06`."""
    days, rest = divmod(ticks, TICKS_PER_DAY)
    seconds, hundredths = divmod(rest, 100)
    return f"{days}d {seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{hundredths:02}"


def _integer(content: bytes) -> object:
    return _bounded(content, signed=True)


def _unsigned(content: bytes) -> object:
    """Read a counter, also from devices that omit the leading zero byte."""
    return _bounded(content, signed=False)


def _bounded(content: bytes, *, signed: bool) -> object:
    if not 0 < len(content) <= LONGEST_NUMBER:
        return hex_text(content)
    number = int.from_bytes(content, "big", signed=signed)
    return number if LEAST <= number <= MOST else hex_text(content)


def _oid(content: bytes) -> object:
    try:
        return decode_oid(content)
    except DecodeError:
        return hex_text(content)


def _address(content: bytes) -> object:
    return ".".join(map(str, content)) if len(content) == IPV4_BYTES else hex_text(content)


def _nothing(content: bytes) -> object:
    return hex_text(content) if content else None


def _opaque(content: bytes) -> object:
    """Read the numbers that net-snmp wraps in Opaque.

    Source:
        NET-SNMP-TC, Float, Double, Integer64, Unsigned64; draft-perkins-opaque-01.
    """
    kind, number = content[:3], content[3:]
    if kind == _OPAQUE_FLOAT and len(number) == struct.calcsize(">f"):
        return _finite(float(f"{struct.unpack('>f', number)[0]:.{FLOAT_DIGITS}g}"))
    if kind == _OPAQUE_DOUBLE and len(number) == struct.calcsize(">d"):
        return _finite(struct.unpack(">d", number)[0])
    if kind[2:] == bytes([len(number) & 0xFF]):
        if kind[:2] == _OPAQUE_SIGNED:
            return _integer(number)
        if kind[:2] in _OPAQUE_UNSIGNED:
            return _unsigned(number)
    return hex_text(content)


def _finite(number: float) -> object:
    """Return NaN and infinity as text: JSON has no number for them."""
    return number if isfinite(number) else str(number)


_TYPES: dict[int, tuple[str, Callable[[bytes], object]]] = {
    tlv.INTEGER: ("INTEGER", _integer),
    tlv.OCTET_STRING: ("OCTET STRING", octets_text),
    tlv.NULL: ("NULL", _nothing),
    tlv.OID: ("OBJECT IDENTIFIER", _oid),
    tlv.IP_ADDRESS: ("IpAddress", _address),
    tlv.COUNTER32: ("Counter32", _unsigned),
    tlv.GAUGE32: ("Gauge32", _unsigned),
    tlv.TIME_TICKS: ("TimeTicks", _unsigned),
    tlv.OPAQUE: ("Opaque", _opaque),
    tlv.COUNTER64: ("Counter64", _unsigned),
    tlv.NO_SUCH_OBJECT: ("noSuchObject", _nothing),
    tlv.NO_SUCH_INSTANCE: ("noSuchInstance", _nothing),
    tlv.END_OF_MIB_VIEW: ("endOfMibView", _nothing),
}
