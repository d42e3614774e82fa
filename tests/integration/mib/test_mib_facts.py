"""Imported MIB modules are stored with their facts, and read again."""

from dataclasses import replace
from datetime import UTC, datetime

import asyncpg
import pytest

from opsconductor.app.mibs.derivation import derive_modules
from opsconductor.errors import StoreRejected
from opsconductor.mib.compiler.form import encode
from opsconductor.mib.compiler.linking.link import link
from opsconductor.mib.compiler.report import CompiledModule, MissingNames, StoredModule
from opsconductor.mib.lookup import standard_facts
from opsconductor.store.mib.derived import read_mappings, stale_modules
from opsconductor.store.mib.facts import (
    FoundName,
    digest_of_facts,
    find_at,
    find_named,
    read_facts,
    read_facts_of,
    read_modules,
    read_stored_modules,
    save_modules,
    search_names,
)
from tests.support.mib_modules import FANS, form

AT = datetime(2026, 3, 1, tzinfo=UTC)


def fan_module() -> CompiledModule:
    """Compile a module with all kinds of definitions."""
    fans = form(FANS)
    linked = link({fans.name: fans})
    return CompiledModule(
        name=fans.name,
        source="fans.mib",
        updated=fans.updated,
        form=encode(fans),
        skipped=("odd",),
        faults=("OBJECT-TYPE: odd (1 times)",),
        missing=(MissingNames(source="OTHER-MIB", names=("other",)),),
        notifications=tuple(linked.notifications),
        objects=tuple(linked.objects),
    )


async def save(pool: asyncpg.Pool, *modules: CompiledModule, before: list[StoredModule] | None = None) -> int:
    """Store modules instead of all that are there."""
    stored = await read_stored_modules(pool) if before is None else before
    return await save_modules(pool, modules, stored, {}, actor="test", at=AT)


async def test_facts_come_back_as_they_were(pool: asyncpg.Pool) -> None:
    """All fields of objects, notifications and modules."""
    fan = fan_module()
    assert await save(pool, fan) == 1
    objects, notifications = await read_facts(pool)
    assert sorted(objects, key=lambda fact: fact.name) == sorted(fan.objects, key=lambda fact: fact.name)
    assert notifications == list(fan.notifications)
    of_module = await read_facts_of(pool, fan.name)
    assert [fact.name for fact in of_module[0]][:2] == ["acme", "acmeFanMIB"]
    assert of_module[1] == notifications
    (listed,) = await read_modules(pool)
    assert (listed.name, listed.notifications, listed.objects, listed.is_whole) == (fan.name, 1, 3, False)
    assert (listed.skipped, listed.faults, listed.missing) == (fan.skipped, fan.faults, fan.missing)
    (stored,) = await read_stored_modules(pool)
    assert (stored.form, stored.skipped, stored.updated) == (fan.form, fan.skipped, fan.updated)


async def test_only_what_changed_is_written(pool: asyncpg.Pool) -> None:
    """The same again changes nothing; a module that is left out is removed with its facts."""
    fan = fan_module()
    other = replace(fan, name="OTHER-MIB", notifications=(), objects=())
    assert await save(pool, fan, other) == 2
    assert await save(pool, fan, other) == 0
    assert await save(pool, replace(fan, skipped=()), other) == 1
    assert await save(pool, other) == 1
    assert await read_facts(pool) == ([], [])


async def test_derived_mappings_are_kept_and_replaced(pool: asyncpg.Pool) -> None:
    """They are read back unchanged; other ones replace them; they are removed with their module."""
    fan = fan_module()
    assert await stale_modules(pool, [fan]) == {fan.name}
    (derived_fan,) = derive_modules([fan], [fan], standard_facts())[fan.name]
    for changed, mappings in (
        (1, [derived_fan]),
        (0, [derived_fan]),
        (1, [replace(derived_fan, confidence=0.1)]),
    ):
        before = await read_stored_modules(pool)
        digest = await digest_of_facts(pool)
        written = await save_modules(pool, [fan], before, {fan.name: mappings}, actor="test", at=AT)
        assert written == changed
        assert (await digest_of_facts(pool) != digest) == bool(changed)
        _, notifications = await read_facts(pool)
        assert await read_mappings(pool, notifications) == mappings
    assert await stale_modules(pool, [fan, replace(fan, name="OTHER-MIB")]) == {"OTHER-MIB"}
    assert await stale_modules(pool, [replace(fan, skipped=())]) == {fan.name}
    await save(pool)
    assert await read_mappings(pool, fan.notifications) == []


async def test_a_line_of_another_version_is_left_out(
    pool: asyncpg.Pool, caplog: pytest.LogCaptureFixture
) -> None:
    """The daemon starts all the same, and names the remedy."""
    fan = fan_module()
    found = derive_modules([fan], [fan], standard_facts())
    await save_modules(pool, [fan], [], found, actor="test", at=AT)
    await pool.execute("UPDATE mib_mappings SET line = 'mapping\t1.3\tnonsense'")
    assert await read_mappings(pool, fan.notifications) == []
    assert "import their MIB files again" in caplog.text


async def test_an_import_beside_another_one_changes_nothing(pool: asyncpg.Pool) -> None:
    """It was linked without the modules of the other."""
    await save(pool, fan_module())
    with pytest.raises(StoreRejected, match="try again"):
        await save(pool, replace(fan_module(), name="OTHER-MIB"), before=[])
    assert [each.name for each in await read_modules(pool)] == ["ACME-FAN-MIB"]


async def test_names_and_oids_are_found(pool: asyncpg.Pool) -> None:
    """By part of a name, below an OID, at an OID with instance, by exact name."""
    await save(pool, fan_module())
    found = await search_names(pool, "fanst", 10)
    assert [(each.name, each.kind) for each in found] == [("acmeFanState", "object")]
    below = await search_names(pool, "1.3.6.1.4.1.99999.1.0", 10)
    assert [(each.name, each.kind) for each in below] == [
        ("acmeTraps", "node"),
        ("acmeFanFailed", "notification"),
    ]
    assert await search_names(pool, "a%c", 10) == []
    assert len(await search_names(pool, "acme", 2)) == 2
    state = FoundName(oid="1.3.6.1.4.1.99999.1.1.1.3", name="acmeFanState", module="ACME-FAN-MIB")
    assert await find_at(pool, f"{state.oid}.7") == state
    assert await find_at(pool, "2.3.4") is None
    assert await find_named(pool, "acmeFanState") == [state]
    assert await find_named(pool, "acmeFanState", "OTHER-MIB") == []
