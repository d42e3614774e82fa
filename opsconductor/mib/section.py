"""A sorted table of texts in one file, read without building an object for each row.

The built index of facts consists of such sections: the keys, one a line and sorted, where each row begins
among the rows, and the rows. Only the keys become Python objects when a section is opened.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from struct import Struct

_HEAD = Struct("<III")
_NUMBER = "I"

Buffer = bytes | memoryview


class IndexSection:
    """Rows by key; several rows may have one key.

    Attributes:
        keys: Sorted.
    """

    __slots__ = ("_rows", "_starts", "keys")

    def __init__(self, keys: Sequence[str], starts: "array[int]", rows: Buffer) -> None:
        self.keys = keys
        self._starts = starts
        self._rows = rows

    def __len__(self) -> int:
        return len(self.keys)

    def row(self, position: int) -> str:
        """Return the row at a position."""
        return str(self._rows[self._starts[position] : self._starts[position + 1]], "utf-8")

    def at(self, key: str) -> Sequence[str]:
        """Return the rows of a key, in the order in which they were written."""
        keys = self.keys
        begin = bisect_left(keys, key)
        if begin == len(keys) or keys[begin] != key:
            return ()
        return [self.row(position) for position in range(begin, bisect_right(keys, key, begin))]


def write_section(rows: Iterable[tuple[str, str]]) -> bytes:
    """Return the bytes of a section with these keys and rows; keys hold no line break."""
    ordered = sorted(rows, key=lambda row: row[0])
    keys = "\n".join(key for key, _ in ordered).encode()
    contents = [row.encode() for _, row in ordered]
    starts = array(_NUMBER, [0])
    for content in contents:
        starts.append(starts[-1] + len(content))
    body = b"".join(contents)
    return b"".join((_HEAD.pack(len(ordered), len(keys), len(body)), keys, starts.tobytes(), body))


def read_section(data: memoryview, start: int) -> tuple[IndexSection, int]:
    """Open the section that begins at a position; the position behind it comes beside it."""
    count, keys_size, body_size = _HEAD.unpack_from(data, start)
    begin = start + _HEAD.size
    keys = str(data[begin : begin + keys_size], "utf-8").split("\n") if count else []
    begin += keys_size
    starts = array(_NUMBER)
    behind = begin + (count + 1) * starts.itemsize
    starts.frombytes(data[begin:behind])
    return IndexSection(keys, starts, data[behind : behind + body_size]), behind + body_size
