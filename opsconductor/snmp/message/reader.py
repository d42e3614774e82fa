"""Walks through BER elements one after another: for the frame of SNMPv3."""

from opsconductor.errors import DecodeError
from opsconductor.snmp.message.tlv import OCTET_STRING, enter, integer


class Reader:
    """A place in the bytes and the end of what holds it; never reads behind that end."""

    def __init__(self, data: bytes, at: int, end: int) -> None:
        self.data = data
        self.at = at
        self.end = end

    def enter(self, tag: int) -> "Reader":
        """Step over an element and give a reader for what is in it."""
        start, stop = self._next(tag)
        return Reader(self.data, start, stop)

    def octets(self) -> bytes:
        """Read an OCTET STRING."""
        start, stop = self._next(OCTET_STRING)
        return self.data[start:stop]

    def element(self, tag: int) -> bytes:
        """Read an element as it stands, tag and length included."""
        before = self.at
        _, stop = self._next(tag)
        return self.data[before:stop]

    def integer(self) -> int:
        """Read an INTEGER."""
        try:
            value, self.at = integer(self.data, self.at, self.end)
        except IndexError:
            raise _truncated(self.at) from None
        return value

    def _next(self, tag: int) -> tuple[int, int]:
        """Step over an element of this type; where its content starts and stops."""
        try:
            start, self.at = enter(self.data, self.at, self.end, tag)
        except IndexError:
            raise _truncated(self.at) from None
        return start, self.at


def _truncated(at: int) -> DecodeError:
    return DecodeError("truncated", f"nothing more at byte {at}")
