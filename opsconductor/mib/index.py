"""The built index of facts: one memory-mapped file, read in place; facts are decoded on access.

It consists of sorted sections: where each key begins among the keys, the sorted keys, where each row begins
among the rows, and the rows. A look-up is a binary search over sorted OIDs, whose cost hardly grows with the
catalogue. Opening a section reads every 64th key only. An OID is stored with a trailing dot: everything below
an OID then follows it in text order, and `1.3.6.1.2.10` is not below `1.3.6.1.2.1`.
"""

import mmap
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from struct import Struct
from typing import Final

from opsconductor.errors import StoreRejected
from opsconductor.limits import BoundedMap
from opsconductor.mib.catalogue import read_line, read_mapping_line
from opsconductor.mib.derive.derived import DerivedMapping
from opsconductor.mib.facts import NotificationFact, ObjectFact

MAGIC = b"opsconductor facts 3\n"
MOST_REMEMBERED = 8_192
BETWEEN = "\x1f"
"""Between the vendor, the line of a notification, and that of its mapping, if it has one."""

_HEAD = Struct("<III")
_NUMBER: Final = "I"
_NUMBER_SIZE = array(_NUMBER).itemsize
STEP = 64
"""One key in so many is held in memory."""


class FactIndex:
    """Objects and notifications by OID and by name.

    Attributes:
        digest: Digest of the source of the index.
    """

    def __init__(self, data: memoryview) -> None:
        """Open an index written by `build_index`.

        Raises:
            StoreRejected: It is invalid, or of another version.
        """
        if data[: len(MAGIC)] != MAGIC:
            raise StoreRejected("the file of the built index of facts is none, or of another version")
        start = len(MAGIC)
        digest_section, start = read_section(data, start)
        self.digest = digest_section.key(0) if len(digest_section) else ""
        self._objects, start = read_section(data, start)
        self._notifications, start = read_section(data, start)
        self._names, _ = read_section(data, start)
        self._made: BoundedMap[int, ObjectFact] = BoundedMap(MOST_REMEMBERED)

    @property
    def size(self) -> tuple[int, int]:
        """Number of objects and of notifications."""
        return len(self._objects), len(self._notifications)

    def object_above(self, oid: str) -> ObjectFact | None:
        """Return the object at the longest prefix of an OID, by whole arcs; None: there is none."""
        objects, wanted = self._objects, f"{oid}."
        position = objects.position_behind(wanted) - 1
        while position >= 0:
            key = objects.key(position)
            if wanted.startswith(key):
                return self._object(position)
            shared = _shared(key, wanted)
            if not shared:
                return None
            position = objects.position_behind(shared) - 1
        return None

    def is_leaf(self, oid: str) -> bool:
        """Return True if no object has an OID below this one."""
        objects = self._objects
        position = objects.position_behind(f"{oid}.")
        return position == len(objects) or not objects.key(position).startswith(f"{oid}.")

    def neighbour(self, oid: str) -> ObjectFact | None:
        """Return an object with the longest common prefix with an OID; None: there are no objects."""
        objects, wanted = self._objects, f"{oid}."
        position = objects.position_behind(wanted)
        around = [each for each in (position - 1, position) if 0 <= each < len(objects)]
        if not around:
            return None
        return self._object(max(around, key=lambda each: len(_shared(objects.key(each), wanted))))

    def _object(self, position: int) -> ObjectFact:
        found = self._made.get(position)
        if found is None:
            fact = read_line(self._objects.row(position))
            assert isinstance(fact, ObjectFact)
            found = self._made[position] = fact
        return found

    def notification(self, oid: str) -> NotificationFact | None:
        """Return the notification with an OID; None: there is none.

        The `.0.` before the last arc that RFC 3584 puts into the OIDs of v1 traps may be there or not.
        """
        row = self._notified(oid)
        return None if row is None else _notification(row)

    def mapping(self, oid: str) -> DerivedMapping | None:
        """Return what is derived from the notification with an OID, or None; see `notification`."""
        row = self._notified(oid)
        return None if row is None else _mapping(row)

    def _notified(self, oid: str) -> str | None:
        stem, _, last = oid.rpartition(".")
        other = f"{stem[:-2]}.{last}." if stem.endswith(".0") else f"{stem}.0.{last}."
        rows = self._notifications.at(f"{oid}.") or self._notifications.at(other)
        return rows[0] if rows else None

    def objects_named(self, name: str) -> tuple[ObjectFact, ...]:
        """Return the objects with a name, of all modules, by OID."""
        return tuple(
            fact for oid in self._names.at(name) if (fact := self.object_above(oid)) and fact.name == name
        )

    def notifications_named(self, name: str) -> tuple[NotificationFact, ...]:
        """Return the notifications with a name, of all modules, by OID."""
        return tuple(
            fact for oid in self._names.at(name) if (fact := self.notification(oid)) and fact.name == name
        )

    def names(self) -> Sequence[str]:
        """Return the names of all objects and notifications, sorted; those of several come several times."""
        return [self._names.key(position) for position in range(len(self._names))]

    def objects(self) -> Iterator[ObjectFact]:
        """Yield all objects, in the order of their OIDs as texts."""
        return map(self._object, range(len(self._objects)))

    def notifications(self) -> Iterator[NotificationFact]:
        """Yield all notifications, in the order of their OIDs as texts."""
        return map(_notification, self._notification_rows())

    def mappings(self, words: Sequence[str] = ()) -> Iterator[DerivedMapping]:
        """Yield what is derived from all notifications, in the order of their OIDs as texts.

        Args:
            words: In lower case; only those are read whose texts, or OID, contain all of them, in any case.
        """
        rows = (row for row in self._notification_rows() if all(map(row.lower().__contains__, words)))
        return (found for row in rows if (found := _mapping(row)) is not None)

    def _notification_rows(self) -> Iterator[str]:
        return map(self._notifications.row, range(len(self._notifications)))


def _notification(row: str) -> NotificationFact:
    vendor, line, *_ = row.split(BETWEEN)
    fact = read_line(line, vendor)
    assert isinstance(fact, NotificationFact)
    return fact


def _mapping(row: str) -> DerivedMapping | None:
    _, _, *mapping = row.split(BETWEEN)
    return read_mapping_line(mapping[0], lambda _: _notification(row)) if mapping else None


def _shared(key: str, wanted: str) -> str:
    """Return the common prefix of both, with its last dot."""
    end = 0
    for position, (mine, theirs) in enumerate(zip(key, wanted, strict=False)):
        if mine != theirs:
            break
        if mine == ".":
            end = position + 1
    return wanted[:end]


def open_index(path: Path) -> FactIndex:
    """Map the file of an index into memory.

    Raises:
        OSError: It cannot be read.
        StoreRejected: It is no index, or of another version.
    """
    with path.open("rb") as file:
        return FactIndex(memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)))


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
