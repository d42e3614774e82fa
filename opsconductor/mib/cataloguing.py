"""The files of the catalogue from what MIB modules define: one for each vendor, each OID once."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from opsconductor.mib.catalogue import Catalogue
from opsconductor.mib.derive.derived import DerivedMapping
from opsconductor.mib.enterprises import slug_of
from opsconductor.mib.facts import NotificationFact, ObjectFact
from opsconductor.mib.lookup import STANDARD
from opsconductor.mib.vendors import ENTERPRISES_ROOT

OTHER = "other"
"""File of what is below no enterprise number, and not in the file of standard modules."""
LONGEST_UNITS = 24
"""Characters; longer ones are descriptions."""

_SOURCE = re.compile(r"Module (\S+)(?: of (\S+))?, from (.+)")


@dataclass(frozen=True, slots=True, order=True)
class ModuleSource:
    """Where the facts of a module are from.

    Attributes:
        updated: Day of LAST-UPDATED, `YYYY-MM-DD`; empty when it has none.
        collection: Name of a collection of MIBs, with its version or date.
    """

    module: str
    updated: str
    collection: str

    def __str__(self) -> str:
        """Return the remark in the catalogue."""
        day = f" of {self.updated}" if self.updated else ""
        return f"Module {self.module}{day}, from {self.collection}"


def sources_of(catalogue: Catalogue) -> Iterable[ModuleSource]:
    """Yield where the modules of a file are from, as its remarks say."""
    for remark in catalogue.remarks:
        if found := _SOURCE.fullmatch(remark):
            yield ModuleSource(found[1], found[2] or "", found[3])


@dataclass(slots=True)
class _Parts:
    """What goes into one file."""

    objects: list[ObjectFact] = field(default_factory=list)
    mappings: list[DerivedMapping] = field(default_factory=list)
    notifications: list[NotificationFact] = field(default_factory=list)


def catalogues_of(
    derived: Iterable[DerivedMapping],
    objects: Iterable[ObjectFact],
    sources: Sequence[ModuleSource],
    present: Mapping[str, Catalogue],
) -> Mapping[str, Catalogue]:
    """Return the files of a catalogue by name, without suffix.

    A module that is compiled again takes the place of what the files hold of it; other modules stay. Of
    several notifications with one OID that of the module with the newest date is used. The facts of standard
    modules stay as they are; what is derived from them is added.

    Args:
        derived: Of all notifications of the compiled modules.
        objects: That these use.
        sources: Of the compiled modules.
        present: Files that there are.
    """
    standard = present.get(STANDARD, Catalogue())
    kept = [file for name, file in present.items() if name != STANDARD]
    known = {each.module: each for file in kept for each in sources_of(file)}
    compiled = {each.module for each in sources}
    known |= {each.module: each for each in sources}
    stay = [each for file in kept for each in file.mappings if each.notification.module not in compiled]
    reviewed = {fact.oid for fact in standard.notifications}
    every = [*stay, *derived]
    chosen = _chosen(every, known)
    pool = _pool([*(fact for file in kept for fact in file.objects), *objects], standard)
    parts: dict[str, _Parts] = defaultdict(_Parts)
    ours = [each for each in chosen if each.notification.oid not in reviewed]
    for each in ours:
        part = parts[file_of(each.notification.oid)]
        part.mappings.append(each)
        part.notifications.append(each.notification)
    for fact in _used(pool, [each.notification for each in ours]):
        parts[file_of(fact.oid)].objects.append(fact)
    made = {name: _catalogue(name, part, known) for name, part in sorted(parts.items())}
    if STANDARD in present:
        made[STANDARD] = replace(standard, mappings=_derived_of(standard, every))
    return made


def file_of(oid: str) -> str:
    """Return the name of the file that holds an OID, without suffix."""
    return slug_of(oid) or OTHER


def _chosen(
    derived: Iterable[DerivedMapping], sources: Mapping[str, ModuleSource]
) -> Sequence[DerivedMapping]:
    """Choose one of the notifications with one OID; whole modules come before others, so that pairs stay."""
    by_module: dict[str, list[DerivedMapping]] = defaultdict(list)
    for each in derived:
        by_module[each.notification.module].append(each)

    def rank(module: str) -> tuple[str, int, str]:
        source = sources.get(module)
        return source.updated if source else "", len(by_module[module]), module

    first: dict[str, DerivedMapping] = {}
    for module in sorted(by_module, key=rank, reverse=True):
        for each in sorted(by_module[module], key=lambda each: each.notification.name):
            first.setdefault(each.notification.oid, each)
    return list(first.values())


def _pool(objects: Iterable[ObjectFact], standard: Catalogue) -> dict[str, ObjectFact]:
    """Return objects by OID, the last of several, without those of the standard modules."""
    reviewed = {fact.oid for fact in standard.objects}
    found = {fact.oid: fact for fact in objects if fact.oid not in reviewed}
    return {oid: replace(fact, units=_units(fact.units)) for oid, fact in found.items()}


def _units(text: str) -> str:
    return text if len(text) <= LONGEST_UNITS else ""


def _used(pool: Mapping[str, ObjectFact], notifications: Sequence[NotificationFact]) -> Iterable[ObjectFact]:
    """Return the objects of notifications, those of their indexes, and the nodes above all of these."""
    by_name: dict[str, list[ObjectFact]] = defaultdict(list)
    for fact in pool.values():
        by_name[fact.name].append(fact)
    waiting = [each.oid for notification in notifications for each in notification.objects]
    waiting += [notification.oid for notification in notifications]
    used: set[str] = set()
    while waiting:
        oid = waiting.pop()
        if not oid or oid in used:
            continue
        used.add(oid)
        waiting.append(oid.rpartition(".")[0])
        if oid in pool:
            waiting += _index_oids(pool[oid], by_name)
    return (fact for oid, fact in pool.items() if oid in used)


def _index_oids(fact: ObjectFact, by_name: Mapping[str, Sequence[ObjectFact]]) -> Iterable[str]:
    """Yield the OIDs of the objects in an index; those of the same module, if it has them."""
    for part in fact.index:
        named: Sequence[ObjectFact] = by_name.get(part.name, ())
        same = [each for each in named if each.module == fact.module]
        yield from (each.oid for each in same or named)


def _catalogue(name: str, part: _Parts, known: Mapping[str, ModuleSource]) -> Catalogue:
    facts: tuple[ObjectFact | NotificationFact, ...] = (*part.notifications, *part.objects)
    below = ", ".join(map(str, sorted({_number(fact.oid) for fact in facts})))
    modules = {fact.module for fact in facts}
    used = sorted(known[module] for module in modules if module in known)
    remarks = (f"Below the enterprise numbers {below}.", *map(str, used))
    if name == OTHER:
        remarks = ("Below no enterprise number, and not reviewed.", *remarks[1:])
    return Catalogue(tuple(part.objects), tuple(part.notifications), remarks, tuple(part.mappings))


def _number(oid: str) -> int:
    text = oid[len(ENTERPRISES_ROOT) :].partition(".")[0] if oid.startswith(ENTERPRISES_ROOT) else ""
    return int(text) if text else 0


def _derived_of(file: Catalogue, derived: Iterable[DerivedMapping]) -> tuple[DerivedMapping, ...]:
    """Return what is derived from the notifications of a file; else what it holds already."""
    found = {_key(each.notification): each for each in (*file.mappings, *derived)}
    keys = {_key(fact): fact for fact in file.notifications}
    return tuple(replace(found[key], notification=fact) for key, fact in keys.items() if key in found)


def _key(fact: NotificationFact) -> tuple[str, str, str]:
    return fact.oid, fact.module, fact.name
