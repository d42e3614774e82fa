"""Values as net-snmp's commands take them: a type letter and text."""

import struct
from collections.abc import Callable
from ipaddress import AddressValueError, IPv4Address

from opsconductor.snmp.message import tlv
from opsconductor.snmp.message.encode import integer
from opsconductor.snmp.message.oid import encode_oid

Value = tuple[int, bytes]
"""BER tag and content bytes."""

OPAQUE_FLOAT = b"\x9f\x78\x04"


def encode_value(letter: str, text: str) -> Value:
    """Encode a value.

    Args:
        letter: One of `LETTERS`, as in `snmptrap(1)`.

    Raises:
        ValueError: The letter is unknown or the text does not fit it; the message names what is expected.
    """
    if letter not in LETTERS:
        known = ", ".join(f"{letter} {meaning}" for letter, (meaning, _) in LETTERS.items())
        raise ValueError(f"unknown type {letter!r}, expected one of: {known}")
    meaning, encode = LETTERS[letter]
    try:
        return encode(text)
    except (ValueError, OverflowError, struct.error) as error:
        raise ValueError(f"{text!r} is not a valid {meaning}: {error}") from None


def _number(tag: int, least: int, most: int) -> Callable[[str], Value]:
    def encode(text: str) -> Value:
        value = int(text)
        if not least <= value <= most:
            raise ValueError(f"expected {least} to {most}")
        return tag, integer(value)[2:]

    return encode


def _address(text: str) -> Value:
    try:
        return tlv.IP_ADDRESS, IPv4Address(text).packed
    except AddressValueError as error:
        raise ValueError(str(error)) from None


def _float(text: str) -> Value:
    return tlv.OPAQUE, OPAQUE_FLOAT + struct.pack(">f", float(text))


_MAX_32, _MAX_64 = 2**32 - 1, 2**64 - 1
LETTERS: dict[str, tuple[str, Callable[[str], Value]]] = {
    "i": ("INTEGER", _number(tlv.INTEGER, -(2**31), 2**31 - 1)),
    "u": ("unsigned number (Gauge32)", _number(tlv.GAUGE32, 0, _MAX_32)),
    "c": ("Counter32", _number(tlv.COUNTER32, 0, _MAX_32)),
    "C": ("Counter64", _number(tlv.COUNTER64, 0, _MAX_64)),
    "t": ("TimeTicks (hundredths of a second)", _number(tlv.TIME_TICKS, 0, _MAX_32)),
    "a": ("IP address", _address),
    "o": ("OID", lambda text: (tlv.OID, encode_oid(text))),
    "s": ("string", lambda text: (tlv.OCTET_STRING, text.encode())),
    "x": ("hex string", lambda text: (tlv.OCTET_STRING, bytes.fromhex(text))),
    "n": ("NULL; the text is ignored", lambda _: (tlv.NULL, b"")),
    "F": ("float", _float),
}
"""Types by letter: name, and encoder of the text."""
