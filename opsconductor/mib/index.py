"""The built index of facts: one memory-mapped file; facts are decoded on access.

A look-up is a binary search over sorted OIDs, whose cost hardly grows with the catalogue. An OID is
stored with a trailing dot: everything below an OID then follows it in text order, and
`1.3.6.1.2.10` is not below `1.3.6.1.2.1`.
"""

import mmap
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from opsconductor.errors import StoreRejected
from opsconductor.limits import BoundedMap
from opsconductor.mib.catalogue import (
    NOTIFICATION,
    OBJECT,
    head_of,
    read_line,
    read_mapping_line,
    write_line,
    write_mapping_line,
)
from opsconductor.mib.derive.derived import DerivedMapping
from opsconductor.mib.facts import NotificationFact, ObjectFact
from opsconductor.mib.section import read_section, write_section

MAGIC = b"opsconductor facts 3\n"
MOST_REMEMBERED = 8_192
_BETWEEN = "\x1f"
"""Between the vendor, the line of a notification, and that of its mapping, if it has one."""


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

    def mappings(self) -> Iterator[DerivedMapping]:
        """Yield what is derived from all notifications, in the order of their OIDs as texts."""
        return (found for row in self._notification_rows() if (found := _mapping(row)) is not None)

    def _notification_rows(self) -> Iterator[str]:
        return map(self._notifications.row, range(len(self._notifications)))


def _notification(row: str) -> NotificationFact:
    vendor, line, *_ = row.split(_BETWEEN)
    fact = read_line(line, vendor)
    assert isinstance(fact, NotificationFact)
    return fact


def _mapping(row: str) -> DerivedMapping | None:
    _, _, *mapping = row.split(_BETWEEN)
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


class IndexRows:
    """The lines of which an index is built; of several facts with one OID the first is used."""

    def __init__(self) -> None:
        self._objects: dict[str, tuple[str, str]] = {}
        self._notifications: dict[str, tuple[str, str, str]] = {}
        self._mappings: dict[tuple[str, ...], str] = {}

    def add(self, line: str, vendor: str = "") -> None:
        """Add the line of a fact or of a mapping, whose columns are read when it is looked up.

        Raises:
            ValueError: It begins with no kind, OID, module and name.
        """
        kind, oid, module, name = head_of(line)
        if kind == OBJECT:
            self._objects.setdefault(oid, (name, line))
        elif kind == NOTIFICATION:
            self._notifications.setdefault(oid, (name, vendor, line))
        else:
            self._mappings[oid, module, name] = line

    def build(self, digest: str = "") -> bytes:
        """Return the bytes of an index.

        Args:
            digest: Digest of the source.
        """
        names = [(name, oid) for oid, (name, *_) in self._objects.items()]
        names += [(name, oid) for oid, (name, *_) in self._notifications.items()]
        sections = (
            [(digest, "")],
            [(f"{oid}.", line) for oid, (_, line) in self._objects.items()],
            [(f"{oid}.", self._row(vendor, line)) for oid, (_, vendor, line) in self._notifications.items()],
            sorted(names),
        )
        return MAGIC + b"".join(map(write_section, sections))

    def _row(self, vendor: str, line: str) -> str:
        mapping = self._mappings.get(head_of(line)[1:])
        return _BETWEEN.join((vendor, line, *((mapping,) if mapping else ())))


def build_index(
    objects: Iterable[ObjectFact],
    notifications: Iterable[NotificationFact],
    mappings: Iterable[DerivedMapping] = (),
    *,
    digest: str = "",
) -> bytes:
    """Return the bytes of an index. Of several facts with one OID the first is used.

    Args:
        mappings: Of these notifications; that of a notification which is not used is left out.
        digest: Digest of the source.
    """
    rows = IndexRows()
    for fact in objects:
        rows.add(write_line(fact))
    for notification in notifications:
        rows.add(write_line(notification), notification.vendor)
    for mapping in mappings:
        rows.add(write_mapping_line(mapping))
    return rows.build(digest)


def index_of(
    objects: Iterable[ObjectFact],
    notifications: Iterable[NotificationFact] = (),
    mappings: Iterable[DerivedMapping] = (),
    *,
    digest: str = "",
) -> FactIndex:
    """Build an index in memory; see `build_index`."""
    return FactIndex(memoryview(build_index(objects, notifications, mappings, digest=digest)))


def open_index(path: Path) -> FactIndex:
    """Map the file of an index into memory.

    Raises:
        OSError: It cannot be read.
        StoreRejected: It is no index, or of another version.
    """
    with path.open("rb") as file:
        return FactIndex(memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)))
