"""Mappings derived from the notifications of MIB modules: of files, of what is imported, of what ships."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from opsconductor.mib.compiler.report import CompiledModule
from opsconductor.mib.derive.derived import DerivedMapping
from opsconductor.mib.derive.modules import Stated, derive
from opsconductor.mib.facts import NotificationFact, NotificationText, ObjectFact
from opsconductor.mib.lookup import MibFacts, standard_facts
from opsconductor.store.mib.derived import read_mappings
from opsconductor.store.mib.facts import read_facts
from opsconductor.store.postgres.connection import Pool

NO_TEXT = NotificationText()


def derive_modules(
    chosen: Sequence[CompiledModule], modules: Sequence[CompiledModule], shipped: MibFacts
) -> dict[str, list[DerivedMapping]]:
    """Derive the mappings of the notifications of chosen modules, by module.

    Args:
        modules: All that are imported, whose objects those may carry.
        shipped: Facts in which other objects are looked up.
    """
    objects = {fact.oid: fact for module in modules for fact in module.objects}
    found: dict[str, list[DerivedMapping]] = {module.name: [] for module in chosen}
    stated = [each for module in chosen for each in _stated(module)]
    for mapping in derive(stated, _with_shipped(stated, objects, shipped)):
        found[mapping.notification.module].append(mapping)
    return found


def _with_shipped(
    stated: Iterable[Stated], objects: Mapping[str, ObjectFact], shipped: MibFacts
) -> Mapping[str, ObjectFact]:
    """Return objects by OID, with those of notifications that are known among what ships only."""
    used = {each.oid for fact, _ in stated for each in fact.objects if each.oid}
    found = (shipped.object_above(oid) for oid in used - objects.keys())
    return {**{fact.oid: fact for fact in found if fact is not None and fact.oid in used}, **objects}


def _stated(module: CompiledModule) -> Iterable[Stated]:
    return ((_completed(fact), module.texts.get(fact.name, NO_TEXT)) for fact in module.notifications)


def _completed(fact: NotificationFact) -> NotificationFact:
    """Look up objects whose module is missing among the standard ones, by their names."""
    if all(each.oid for each in fact.objects):
        return fact
    references = tuple(
        replace(each, oid=known[0].oid)
        if not each.oid and (known := standard_facts().objects_named(each.name))
        else each
        for each in fact.objects
    )
    return replace(fact, objects=references)


async def known_mappings(pool: Pool | None, shipped: MibFacts) -> list[DerivedMapping]:
    """Return the mappings of all notifications that were imported, and of those that ship.

    Imported modules go before those that ship. What was not derived when the MIB was read is derived now; no
    description is known then, so less is understood.

    Args:
        pool: Of the database with what was imported; None: only what ships.
    """
    objects, imported = await read_facts(pool) if pool is not None else ([], [])
    stored = await read_mappings(pool, imported) if pool is not None else []
    modules = {fact.module for fact in imported}
    found = [*stored]
    ships = [
        fact for index in shipped.indexes for fact in index.notifications() if fact.module not in modules
    ]
    found += [mapping for fact in ships if (mapping := shipped.mapping(fact.oid)) is not None]
    present = {_key(each.notification) for each in found}
    rest = [(_completed(fact), NO_TEXT) for fact in (*imported, *ships) if _key(fact) not in present]
    by_oid = _with_shipped(rest, {fact.oid: fact for fact in objects}, shipped)
    found += await asyncio.to_thread(derive, rest, by_oid)
    return sorted(found, key=lambda each: (each.notification.module, _arcs(each.notification.oid)))


def _key(fact: NotificationFact) -> tuple[str, str, str]:
    return fact.oid, fact.module, fact.name


def _arcs(oid: str) -> tuple[int, ...]:
    return tuple(map(int, oid.split(".")))
