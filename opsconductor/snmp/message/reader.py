"""Sequential reader of BER elements, for the frame of SNMPv3."""

from opsconductor.errors import DecodeError
from opsconductor.snmp.message.tlv import OCTET_STRING, enter, integer


class Reader:
    """A position in the bytes and the end of the enclosing element; never reads past that end."""

    def __init__(self, data: bytes, at: int, end: int) -> None:
        self.data = data
        self.at = at
        self.end = end

    def enter(self, tag: int) -> "Reader":
        """Skip an element and return a reader of its content."""
        start, stop = self._next(tag)
        return Reader(self.data, start, stop)

    def octets(self) -> bytes:
        """Read an OCTET STRING."""
        start, stop = self._next(OCTET_STRING)
        return self.data[start:stop]

    def element(self, tag: int) -> bytes:
        """Read an element with its tag and length."""
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
        """Skip an element of this type and return start and end of its content."""
        try:
            start, self.at = enter(self.data, self.at, self.end, tag)
        except IndexError:
            raise _truncated(self.at) from None
        return start, self.at


def _truncated(at: int) -> DecodeError:
    return DecodeError("truncated", f"nothing more at byte {at}")
