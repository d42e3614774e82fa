"""Building of an index of facts from lines of catalogues, or from facts; see `index`."""

from collections.abc import Iterable

from opsconductor.mib.catalogue import NOTIFICATION, OBJECT, head_of, write_line, write_mapping_line
from opsconductor.mib.derive.derived import DerivedMapping
from opsconductor.mib.facts import NotificationFact, ObjectFact
from opsconductor.mib.index import BETWEEN, MAGIC, FactIndex, write_section


class IndexRows:
    """The lines from which an index is built; of several facts with one OID the first is used."""

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
        return BETWEEN.join((vendor, line, *((mapping,) if mapping else ())))


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
