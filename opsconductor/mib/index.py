"""The built index of facts: one memory-mapped file; facts are decoded on access.

A look-up is a binary search over sorted OIDs, whose cost hardly grows with the catalogue. An OID is
stored with a trailing dot: everything below an OID then follows it in text order, and
`1.3.6.1.2.10` is not below `1.3.6.1.2.1`.
"""

import mmap
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from opsconductor.errors import StoreRejected
from opsconductor.limits import BoundedMap
from opsconductor.mib.catalogue import read_line, read_mapping_line, write_line, write_mapping_line
from opsconductor.mib.derive.derived import DerivedMapping
from opsconductor.mib.facts import NotificationFact, ObjectFact
from opsconductor.mib.section import IndexSection, read_section, write_section

MAGIC = b"opsconductor facts 2\n"
MOST_REMEMBERED = 8_192
_BETWEEN = "\x1f"
"""Between the vendor, the line of a notification, and that of its mapping, if it has one."""

FactT = TypeVar("FactT", ObjectFact, NotificationFact)


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
        self.digest = digest_section.keys[0] if digest_section.keys else ""
        self._objects, start = read_section(data, start)
        self._notifications, start = read_section(data, start)
        self._named_at = start
        self._data = data
        self._names: IndexSection | None = None
        self._made: BoundedMap[int, ObjectFact] = BoundedMap(MOST_REMEMBERED)

    @property
    def size(self) -> tuple[int, int]:
        """Number of objects and of notifications."""
        return len(self._objects), len(self._notifications)

    def object_above(self, oid: str) -> ObjectFact | None:
        """Return the object at the longest prefix of an OID, by whole arcs; None: there is none."""
        keys, wanted = self._objects.keys, f"{oid}."
        position = bisect_right(keys, wanted) - 1
        while position >= 0:
            key = keys[position]
            if wanted.startswith(key):
                return self._object(position)
            shared = _shared(key, wanted)
            if not shared:
                return None
            position = bisect_right(keys, shared, 0, position) - 1
        return None

    def is_leaf(self, oid: str) -> bool:
        """Return True if no object has an OID below this one."""
        keys = self._objects.keys
        position = bisect_right(keys, f"{oid}.")
        return position == len(keys) or not keys[position].startswith(f"{oid}.")

    def neighbour(self, oid: str) -> ObjectFact | None:
        """Return an object with the longest common prefix with an OID; None: there are no objects."""
        keys, wanted = self._objects.keys, f"{oid}."
        position = bisect_right(keys, wanted)
        around = [each for each in (position - 1, position) if 0 <= each < len(keys)]
        if not around:
            return None
        return self._object(max(around, key=lambda each: len(_shared(keys[each], wanted))))

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
        """Return what is derived of the notification with an OID, or None; see `notification`."""
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
            fact for oid in self._named(name) if (fact := self.object_above(oid)) and fact.name == name
        )

    def notifications_named(self, name: str) -> tuple[NotificationFact, ...]:
        """Return the notifications with a name, of all modules, by OID."""
        return tuple(
            fact for oid in self._named(name) if (fact := self.notification(oid)) and fact.name == name
        )

    def names(self) -> Sequence[str]:
        """Return the names of all objects and notifications, sorted; those of several come several times."""
        return self._name_section().keys

    def _named(self, name: str) -> Iterable[str]:
        return self._name_section().at(name)

    def _name_section(self) -> IndexSection:
        if self._names is None:
            self._names, _ = read_section(self._data, self._named_at)
        return self._names

    def objects(self) -> Iterator[ObjectFact]:
        """Yield all objects, in the order of their OIDs as texts."""
        return map(self._object, range(len(self._objects)))

    def notifications(self) -> Iterator[NotificationFact]:
        """Yield all notifications, in the order of their OIDs as texts."""
        return map(_notification, self._notification_rows())

    def mappings(self) -> Iterator[DerivedMapping]:
        """Yield what is derived of all notifications, in the order of their OIDs as texts."""
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
    by_oid = _first(objects)
    notified = _first(notifications)
    names = [(fact.name, fact.oid) for fact in by_oid.values()]
    names += [(fact.name, fact.oid) for fact in notified.values()]
    derived = {_key(each.notification): each for each in mappings}
    sections = (
        [(digest, "")],
        [(f"{oid}.", write_line(fact)) for oid, fact in by_oid.items()],
        [(f"{oid}.", _row(fact, derived.get(_key(fact)))) for oid, fact in notified.items()],
        sorted(names),
    )
    return MAGIC + b"".join(map(write_section, sections))


def _key(fact: NotificationFact) -> tuple[str, str, str]:
    return fact.oid, fact.module, fact.name


def _row(fact: NotificationFact, mapping: DerivedMapping | None) -> str:
    lines = (fact.vendor, write_line(fact), *((write_mapping_line(mapping),) if mapping else ()))
    return _BETWEEN.join(lines)


def _first(facts: Iterable[FactT]) -> dict[str, FactT]:
    first: dict[str, FactT] = {}
    for fact in facts:
        first.setdefault(fact.oid, fact)
    return first


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
