"""Changes to the dependencies that an inventory finds; pure.

Manually created dependencies are never changed, except that they follow a device to its new main address. A
missing dependency is kept for a while as an alternative path: an unplugged cable must not remove the
redundancy. One that never existed is removed at once: the rules that found it have changed, or the opposite
direction is found now.
"""

from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from opsconductor.model.inventory.listed import FoundDependency
from opsconductor.model.text import storable_text
from opsconductor.store.inventory.devices import DependencyStep, KnownDependency

Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moves:
    """Changes to the devices at the ends of dependencies.

    Attributes:
        key_of: Returns the new key of the device with an address or key.
        renamed: New key by old key.
        gone: Keys of devices that are retired now.
    """

    key_of: Callable[[str], str]
    renamed: Mapping[str, str]
    gone: AbstractSet[str]


@dataclass(slots=True)
class DependencyMerge:
    """Changes to dependencies.

    Attributes:
        is_incomplete: What is missing may exist all the same, and stays unchanged.
        are_rules_new: What is missing was found by other rules.
        aged: Number of dependencies missing from now on.
        lost: Number of dependencies found before and missing now, retired or kept.
    """

    connector: str
    taken_at: datetime
    keep: timedelta
    moves: Moves
    is_incomplete: bool = False
    are_rules_new: bool = False
    steps: list[DependencyStep] = field(default_factory=list)
    aged: int = 0
    lost: int = 0

    def merge(self, known: Iterable[KnownDependency], found: Iterable[FoundDependency]) -> None:
        """Compute all changes."""
        mine: list[KnownDependency] = []
        others: list[KnownDependency] = []
        for row in known:
            (mine if row.is_mine else others).append(row)
        of_others = self._follow(others)
        wanted = {key: each for key, each in self._wanted(found).items() if key not in of_others}
        opposite = {(provider, device, kind) for device, provider, kind in wanted}
        for row in mine:
            self._decide(row, wanted, of_others, opposite)
        for (device, provider, kind), each in wanted.items():
            new = KnownDependency(id=uuid4(), device_ip=device, depends_on_ip=provider, dependency_type=kind)
            self.steps.append(DependencyStep(before=None, after=self._as_found(new, each)))

    def _follow(self, others: Iterable[KnownDependency]) -> set[Key]:
        """Move other dependencies to new addresses; return those of this inventory by key.

        Dependencies from files stay unchanged.
        """
        rows = list(others)
        keys = {row.key for row in rows}
        said = set()
        for row in rows:
            moved = row if row.is_declared else self._renamed(row)
            if moved.key != row.key and moved.key not in keys and moved.device_ip != moved.depends_on_ip:
                keys.add(moved.key)
                self.steps.append(DependencyStep(before=row, after=moved))
            said.add(self._at_keys(moved.key))
            said.add(moved.key)
        return said

    def _wanted(self, found: Iterable[FoundDependency]) -> dict[Key, FoundDependency]:
        """Translate found dependencies to keys of devices and merge duplicates."""
        wanted: dict[Key, FoundDependency] = {}
        for each in found:
            key = self._at_keys((each.device_ip, each.depends_on_ip, str(each.dependency_type)))
            if key[0] != key[1]:
                wanted[key] = _joined(wanted[key], each) if key in wanted else each
        return wanted

    def _decide(
        self,
        row: KnownDependency,
        wanted: dict[Key, FoundDependency],
        of_others: set[Key],
        opposite: AbstractSet[Key],
    ) -> None:
        """Keep, change, age or remove one of this inventory's own."""
        moved = self._renamed(row)
        found = wanted.pop(moved.key, None)
        if found is not None:
            after: KnownDependency | None = self._as_found(moved, found)
        elif moved.key in of_others or moved.key in opposite or moved.device_ip == moved.depends_on_ip:
            after = None
        else:
            after = self._unfound(row, moved)
        if after is not None:
            of_others.add(after.key)
        if after != row:
            self.steps.append(DependencyStep(before=row, after=after))

    def _unfound(self, row: KnownDependency, moved: KnownDependency) -> KnownDependency | None:
        """Return a missing dependency, unchanged or marked as missing; None: remove it."""
        if self.are_rules_new and not self.is_incomplete:
            return None
        self.lost += row.missing_since is None
        if row.device_ip in self.moves.gone or row.depends_on_ip in self.moves.gone:
            return None
        if self.is_incomplete:
            return moved
        since = row.missing_since or self.taken_at
        if self.taken_at - since >= self.keep:
            return None
        self.aged += row.missing_since is None
        return replace(moved, missing_since=since, created_by=self.connector)

    def _as_found(self, row: KnownDependency, found: FoundDependency) -> KnownDependency:
        values: dict[str, Any] = {
            "via_resources": tuple(dict.fromkeys(map(storable_text, found.via_resources))),
            "description": storable_text(found.description) or None,
            "confidence": round(min(max(found.confidence, 0.0), 1.0), 2),
            "created_by": self.connector,
            "missing_since": None,
        }
        is_known = all(getattr(row, name) == value for name, value in values.items())
        return row if is_known else replace(row, **values)  # nearly all are, and copies cost

    def _renamed(self, row: KnownDependency) -> KnownDependency:
        renamed = self.moves.renamed
        if row.device_ip not in renamed and row.depends_on_ip not in renamed:
            return row
        return replace(
            row,
            device_ip=renamed.get(row.device_ip, row.device_ip),
            depends_on_ip=renamed.get(row.depends_on_ip, row.depends_on_ip),
        )

    def _at_keys(self, key: Key) -> Key:
        return self.moves.key_of(key[0]), self.moves.key_of(key[1]), key[2]


def _joined(one: FoundDependency, other: FoundDependency) -> FoundDependency:
    """Merge two paths to the same device; a path without known resources covers all."""
    is_known = one.via_resources and other.via_resources
    texts = dict.fromkeys(text for text in (one.description, other.description) if text)
    return replace(
        one,
        confidence=max(one.confidence, other.confidence),
        via_resources=(*one.via_resources, *other.via_resources) if is_known else (),
        description="; ".join(texts),
    )
