"""What is known of an OID: the facts that ship, and those of imported MIBs before them."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import TypeVar

from opsconductor.limits import BoundedMap
from opsconductor.mib.catalogue import SUFFIX, read_catalogue
from opsconductor.mib.derive.derived import DerivedMapping
from opsconductor.mib.facts import NotificationFact, ObjectFact
from opsconductor.mib.index import FactIndex
from opsconductor.mib.indexing import index_of
from opsconductor.shipped import shipped

MOST_REMEMBERED = 8_192
STANDARD = "standard"
STANDARD_OIDS = ("1.3.6.1.2.1.", "1.3.6.1.6.3.", "1.0.8802.", "1.3.111.2.802.")
"""Below these the IETF and the IEEE define objects and notifications."""

FactT = TypeVar("FactT", ObjectFact, NotificationFact, ObjectFact | NotificationFact)


class MibFacts:
    """Facts of several indexes; where two know an OID, the first of them counts. Answers are remembered."""

    def __init__(self, indexes: Sequence[FactIndex]) -> None:
        self.indexes = tuple(indexes)
        self._columns: BoundedMap[str, ObjectFact] = BoundedMap(MOST_REMEMBERED)
        self._found: BoundedMap[str, ObjectFact | None] = BoundedMap(MOST_REMEMBERED)
        self._notified: BoundedMap[str, NotificationFact | None] = BoundedMap(MOST_REMEMBERED)

    @property
    def digests(self) -> tuple[str, ...]:
        """What each index was built from: the same for facts that are the same."""
        return tuple(index.digest for index in self.indexes)

    def object_above(self, oid: str) -> ObjectFact | None:
        """Return the object at the longest prefix of an OID, by whole arcs; None: there is none."""
        column = oid.rpartition(".")[0]
        fact = self._columns.get(column)
        if fact is not None:
            return fact
        try:
            return self._found[oid]
        except KeyError:
            return self._search(oid, column)

    def _search(self, oid: str, column: str) -> ObjectFact | None:
        found = [fact for index in self.indexes if (fact := index.object_above(oid)) is not None]
        fact = max(found, key=lambda each: len(each.oid), default=None)
        if fact is not None and fact.oid == column and self.is_leaf(column):
            self._columns[column] = fact
        else:
            self._found[oid] = fact
        return fact

    def is_leaf(self, oid: str) -> bool:
        """Check that no object has an OID below this one."""
        return all(index.is_leaf(oid) for index in self.indexes)

    def neighbour(self, oid: str) -> ObjectFact | None:
        """Return the object that shares most arcs with an OID; None: there are no objects."""
        found = [fact for index in self.indexes if (fact := index.neighbour(oid)) is not None]
        return max(found, key=lambda fact: shared_arcs(fact.oid, oid), default=None)

    def notification(self, oid: str) -> NotificationFact | None:
        """Return the notification with an OID, with or without `.0.` before its last arc, or None."""
        try:
            return self._notified[oid]
        except KeyError:
            found = (index.notification(oid) for index in self.indexes)
            fact = self._notified[oid] = next((each for each in found if each is not None), None)
            return fact

    def mapping(self, oid: str) -> DerivedMapping | None:
        """Return what is derived from the notification with an OID, or None; not remembered."""
        found = (index.mapping(oid) for index in self.indexes)
        return next((each for each in found if each is not None), None)

    def objects_named(self, name: str) -> tuple[ObjectFact, ...]:
        """Return the objects with a name, of all modules, without those that an earlier index overrides."""
        return tuple({fact.oid: fact for fact in self._objects_named(name)}.values())

    def _objects_named(self, name: str) -> Iterator[ObjectFact]:
        for index in reversed(self.indexes):
            yield from index.objects_named(name)

    def notifications_named(self, name: str) -> tuple[NotificationFact, ...]:
        """Return the notifications with a name, of all modules."""
        named = (fact for index in reversed(self.indexes) for fact in index.notifications_named(name))
        return tuple({fact.oid: fact for fact in named}.values())

    def names(self) -> Iterator[str]:
        """Yield the names of all objects and notifications; some come several times."""
        for index in self.indexes:
            yield from index.names()


def shipped_of(facts: MibFacts) -> MibFacts:
    """Return the facts of the last index alone: those that ship, without imported ones."""
    return MibFacts(facts.indexes[-1:])


def standard_first(named: Sequence[FactT]) -> Sequence[FactT]:
    """Return of facts of one name those of standard modules if there are any, else all."""
    return [fact for fact in named if fact.oid.startswith(STANDARD_OIDS)] or named


def shared_arcs(one: str, other: str) -> int:
    """Count the arcs with which both OIDs begin."""
    count = 0
    for mine, theirs in zip(one.split("."), other.split("."), strict=False):
        if mine != theirs:
            break
        count += 1
    return count


@cache
def standard_facts() -> MibFacts:
    """Return the facts of the standard modules alone: what is known before any catalogue is loaded."""
    catalogue = read_catalogue(shipped("mibs") / "catalogue" / f"{STANDARD}{SUFFIX}")
    return MibFacts([index_of(catalogue.objects, catalogue.notifications, catalogue.mappings)])
