"""Imports and removes MIB modules, with what is derived from their notifications."""

import asyncio
import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from tempfile import NamedTemporaryFile

from opsconductor.app.mibs.derivation import derive_modules
from opsconductor.errors import CompileError, Unanswered
from opsconductor.mib.compiler.compilation import Progress, compile_files
from opsconductor.mib.compiler.pool import PARSE_LIMIT_S, WorkerPool
from opsconductor.mib.compiler.report import Compilation, CompiledModule, ImportOutcome, StoredModule
from opsconductor.mib.compiler.sources import MibFile, find_files
from opsconductor.mib.derive.derived import DerivedMapping
from opsconductor.mib.facts import NotificationFact, ObjectFact
from opsconductor.mib.lookup import MibFacts, standard_facts
from opsconductor.store.mib.derived import stale_modules
from opsconductor.store.mib.facts import (
    ImportedModule,
    read_facts_of,
    read_modules,
    read_stored_modules,
    save_modules,
)
from opsconductor.store.postgres.connection import Pool

MOST_WORKERS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """How MIB files are to be imported.

    Attributes:
        actor: Who does it, for the audit log.
        workers: How many processes parse; 0: one for each processor, two at most.
        limit_s: Seconds that one file may take.
        is_rehearsal: Compile and report, and store nothing.
        shipped: Facts in which objects are looked up that no imported module defines.
    """

    actor: str
    workers: int = 0
    limit_s: int = PARSE_LIMIT_S
    is_rehearsal: bool = False
    shipped: MibFacts = field(default_factory=standard_facts)

    @property
    def processes(self) -> int:
        """Number of processes that parse."""
        return min(self.workers or min(os.cpu_count() or 1, 2), MOST_WORKERS)


async def import_paths(pool: Pool, paths: Sequence[Path], how: Import, progress: Progress) -> ImportOutcome:
    """Import files, folders and archives.

    Args:
        progress: Called after each file with the number of those that are done, that of all, and its name.

    Raises:
        CompileError: Something that was named cannot be read, or nothing in it is a MIB module.
        StoreRejected: Others imported modules meanwhile.
        StoreUnavailable: PostgreSQL is away.
    """
    with ExitStack() as stack:
        files = find_files(paths, stack)
        return await import_files(pool, files, how, progress)


async def import_files(
    pool: Pool, files: Sequence[MibFile], how: Import, progress: Progress
) -> ImportOutcome:
    """Import files; see `import_paths`."""
    before = await read_stored_modules(pool)
    async with WorkerPool(how.processes, parse_limit_s=how.limit_s) as workers:
        found = await compile_files(files, before, workers, progress, workers=how.processes)
    changed = 0
    if not how.is_rehearsal and any(module.is_new for module in found.modules):
        changed = await _save(pool, found.modules, before, how.actor, how.shipped)
    return ImportOutcome(compilation=found, changed=changed)


async def _save(
    pool: Pool,
    modules: Sequence[CompiledModule],
    before: Sequence[StoredModule],
    actor: str,
    shipped: MibFacts,
) -> int:
    """Store modules, and what is derived from those that were read now or have other facts than before."""
    stale = await stale_modules(pool, modules)
    chosen = [each for each in modules if each.is_new or each.name in stale]
    mappings = await asyncio.to_thread(derive_modules, chosen, modules, shipped)
    at = datetime.now(UTC)
    return await save_modules(pool, modules, before, mappings, actor=actor, at=at)


async def derive_from_paths(
    paths: Sequence[Path], how: Import, progress: Progress
) -> tuple[DerivedMapping, ...]:
    """Compile files, folders and archives, and derive the mappings of their notifications; nothing is stored.

    Raises:
        CompileError: Something that was named cannot be read, or nothing in it is a MIB module.
    """
    with ExitStack() as stack:
        found = await compile_alone(find_files(paths, stack), how, progress)
    by_module = await asyncio.to_thread(derive_modules, found.modules, found.modules, how.shipped)
    return tuple(chain.from_iterable(by_module.values()))


async def compile_alone(files: Sequence[MibFile], how: Import, progress: Progress) -> Compilation:
    """Compile files without what was imported before, and store nothing."""
    async with WorkerPool(how.processes, parse_limit_s=how.limit_s) as workers:
        return await compile_files(files, [], workers, progress, workers=how.processes)


async def remove_modules(pool: Pool, names: Sequence[str], actor: str, shipped: MibFacts) -> None:
    """Remove modules with their facts and what is derived from them, and link those again that need them.

    Args:
        shipped: See `Import`.

    Raises:
        CompileError: There is no module with one of the names; nothing is removed.
    """
    before = await read_stored_modules(pool)
    unknown = sorted(set(names) - {each.name for each in before})
    if unknown:
        raise CompileError(f"no module is called {', '.join(unknown)}; see: opsconductor mib list")
    rest = [each for each in before if each.name not in names]
    async with WorkerPool(1) as workers:
        found = await compile_files([], rest, workers, lambda *_: None, workers=1)
    await _save(pool, found.modules, before, actor, shipped)


@dataclass(frozen=True, slots=True, kw_only=True)
class MibLibrary:
    """The imported modules, as the API shows and changes them; one import at a time.

    Attributes:
        shipped: Returns the facts that ship; see `Import`.
    """

    pool: Pool
    shipped: Callable[[], MibFacts] = standard_facts
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def list(self) -> Sequence[ImportedModule]:
        """Return all modules; raises StoreUnavailable."""
        return await read_modules(self.pool)

    async def find(
        self, name: str
    ) -> tuple[ImportedModule, Sequence[ObjectFact], Sequence[NotificationFact]] | None:
        """Return a module with its facts, or None; raises StoreUnavailable."""
        found = next((each for each in await read_modules(self.pool) if each.name == name), None)
        return None if found is None else (found, *await read_facts_of(self.pool, name))

    async def import_file(self, name: str, content: bytes, by: str) -> ImportOutcome:
        """Import a file or an archive that was uploaded.

        Raises:
            CompileError: It cannot be unpacked.
            StoreUnavailable: PostgreSQL is away, or another import is under way.
            StoreRejected: Others imported modules meanwhile.
        """
        if self._lock.locked():
            raise Unanswered("another import of MIB modules is under way")
        async with self._lock:
            with ExitStack() as stack:
                files = await asyncio.to_thread(_uploaded, name, content, stack)
                how = Import(actor=by, shipped=self.shipped())
                return await import_files(self.pool, files, how, lambda *_: None)

    async def remove(self, name: str, by: str) -> None:
        """Remove a module; raises as `remove_modules`, and as `import_file` when an import is under way."""
        if self._lock.locked():
            raise Unanswered("an import of MIB modules is under way")
        async with self._lock:
            await remove_modules(self.pool, [name], by, self.shipped())


def _uploaded(name: str, content: bytes, stack: ExitStack) -> list[MibFile]:
    """List the files of an upload under the name that the client gave it."""
    file = stack.enter_context(NamedTemporaryFile(prefix="opsconductor-mib-"))  # noqa: SIM115 - the stack
    file.write(content)
    file.flush()
    found = find_files([Path(file.name)], stack)
    return [replace(each, name=name + each.name[len(file.name) :]) for each in found]
