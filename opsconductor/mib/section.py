"""A sorted table of texts in one file, read in place.

The built index of facts consists of such sections: where each key begins among the keys, the sorted keys,
where each row begins among the rows, and the rows. Opening one reads every 64th key only, so that neither the
time nor the memory that it takes grows much with the catalogue.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate
from struct import Struct
from typing import Final

_HEAD = Struct("<III")
_NUMBER: Final = "I"
_NUMBER_SIZE = array(_NUMBER).itemsize
STEP = 64
"""Keys of which one is held in memory."""


class IndexSection:
    """Rows by key; several rows may have one key."""

    __slots__ = ("_held", "_key_starts", "_keys", "_positions", "_row_starts", "_rows")

    def __init__(
        self, keys: memoryview, key_starts: memoryview, rows: memoryview, row_starts: memoryview
    ) -> None:
        self._keys = keys
        self._key_starts = key_starts
        self._rows = rows
        self._row_starts = row_starts
        self._positions = range(len(key_starts) - 1)
        self._held = [self._key(position) for position in self._positions[::STEP]]

    def __len__(self) -> int:
        return len(self._positions)

    def _key(self, position: int) -> bytes:
        return bytes(self._keys[self._key_starts[position] : self._key_starts[position + 1]])

    def key(self, position: int) -> str:
        """Return the key at a position."""
        return self._key(position).decode()

    def row(self, position: int) -> str:
        """Return the row at a position."""
        return str(self._rows[self._row_starts[position] : self._row_starts[position + 1]], "utf-8")

    def position_of(self, key: str) -> int:
        """Return the position of the first key that is not less."""
        wanted = key.encode()
        low, high = self._around(bisect_left(self._held, wanted))
        return bisect_left(self._positions, wanted, low, high, key=self._key)

    def position_behind(self, key: str) -> int:
        """Return the position of the first key that is greater."""
        wanted = key.encode()
        low, high = self._around(bisect_right(self._held, wanted))
        return bisect_right(self._positions, wanted, low, high, key=self._key)

    def _around(self, block: int) -> tuple[int, int]:
        return max(0, (block - 1) * STEP), min(block * STEP, len(self._positions))

    def at(self, key: str) -> Sequence[str]:
        """Return the rows of a key, in the order in which they were written."""
        begin, wanted = self.position_of(key), key.encode()
        end = begin
        while end < len(self._positions) and self._key(end) == wanted:
            end += 1
        return [self.row(position) for position in range(begin, end)]


def write_section(rows: Iterable[tuple[str, str]]) -> bytes:
    """Return the bytes of a section with these keys and rows."""
    ordered = sorted(rows, key=lambda row: row[0])
    keys = [key.encode() for key, _ in ordered]
    contents = [row.encode() for _, row in ordered]
    parts = (_starts(keys), b"".join(keys), _starts(contents), b"".join(contents))
    return b"".join((_HEAD.pack(len(ordered), len(parts[1]), len(parts[3])), *parts))


def _starts(texts: Sequence[bytes]) -> bytes:
    return array(_NUMBER, accumulate(map(len, texts), initial=0)).tobytes()


def read_section(data: memoryview, start: int) -> tuple[IndexSection, int]:
    """Open the section that begins at a position; the position behind it comes beside it.

    Raises:
        ValueError: The data are too short.
    """
    count, keys_size, rows_size = _HEAD.unpack_from(data, start)
    starts_size = (count + 1) * _NUMBER_SIZE
    parts: list[memoryview] = []
    position = start + _HEAD.size
    for size in (starts_size, keys_size, starts_size, rows_size):
        parts.append(data[position : position + size])
        position += size
    if position > len(data):
        raise ValueError("a section of the index is not whole")
    key_starts, keys, row_starts, rows = parts
    return IndexSection(keys, key_starts.cast(_NUMBER), rows, row_starts.cast(_NUMBER)), position
